"""From a column's label to its side and site.

A side is read, never guessed: it is spelled out (``left``, ``LT``), stands alone (``R_RF``, ``PGV247-L``), or is
glued to a muscle that the table knows (``LGRF``). Where that leaves a doubt (``L PE``: a name of nobody's table),
the mirrored label (``R PE``) in the same file is the evidence.

One spelling has two meanings and the quantity decides: ``GRF`` in newtons is the ground reaction force under a
foot; ``GRF`` in volts is the French *grand fessier*, gluteus maximus.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from glutebal.ingest.sites import AXES, INSOLE_PARTS, NOISE, QUANTITY_WORDS, spellings_for
from glutebal.ingest.units import TIME_UNITS, UNITS, is_unit, spelling
from glutebal.model import Quantity, Side

SPELLED = {
    **dict.fromkeys(("left", "lt", "lft", "lhs", "gauche", "links"), Side.LEFT),
    **dict.fromkeys(("right", "rt", "rgt", "rhs", "droite", "rechts"), Side.RIGHT),
}
LETTERS = {"l": Side.LEFT, "r": Side.RIGHT}
NOT_GLUED = frozenset({"lat", "rms", "res", "les", "rest", "load", "rate", "ref", "lab", "label", "length"})
# A unit at the end of `left_gluteus_maximus_emg_V`; `mg`, `m` and `T` are left out: they also name muscles and points.
TAIL_UNITS = frozenset(UNITS) - {"mg", "m", "T", "lb", "min"}
_SPLIT_TAILS = {"m_s2": "m/s2", "rad_s": "rad/s", "deg_s": "deg/s"}


@dataclass(frozen=True)
class Place:
    """Where a column was measured, and how that was found out."""

    side: Side | None
    site: str
    axis: str = ""
    origin: str = ""


@dataclass(frozen=True)
class Reading:
    """What one label says by itself; ``certain`` is False when only a mirrored label can confirm the side."""

    side: Side
    site: str
    axis: str
    certain: bool


def split_unit(label: str) -> tuple[str, str]:
    """The label without its unit, and the unit or an empty string.

    ``LT GLUT. MAX.,uV`` · ``EMG 1 (mV)`` · ``Force[N]`` · ``left_gluteus_maximus_emg_V``.
    """
    text = label.strip()
    bracketed = re.fullmatch(r"(.*?)\s*[\[(]([^\[\]()]*)[\])]", text)
    if bracketed and is_unit(bracketed[2]):
        return bracketed[1], bracketed[2]
    head, comma, tail = text.rpartition(",")
    if comma and is_unit(tail):
        return head, tail
    for ending, unit in _SPLIT_TAILS.items():
        if text.endswith("_" + ending):
            return text.removesuffix("_" + ending), unit
    parted = re.fullmatch(r"(.+)[_ ]([^_ ]+)", text)
    known = parted and (spelling(parted[2]) == parted[2] or "µ" in parted[2] or "μ" in parted[2])
    if parted and known and spelling(parted[2]) in TAIL_UNITS:
        return parted[1], parted[2]
    return text, ""


def words(label: str) -> list[str]:
    """The label's words with their letter case: ``leftKnee_x`` → left, Knee, x."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", label) if not unicodedata.combining(c))
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain)
    return re.findall(r"[A-Za-z]+[0-9]*|[0-9]+", spaced)


def is_time(label: str) -> float | None:
    """Seconds per unit if the label names a time base (``Time[secs]``, ``time,s``, ``X[s]``), else None."""
    text = label.strip().casefold()
    found = re.fullmatch(r"(.*?)[\s_,]*[\[(]?\s*\b_?([a-z]*)[\])]?", text.replace("_", " "))
    name, unit = (found[1].strip(" ,"), found[2]) if found else (text, "")
    if text in {"time", "t", "timestamp", "timestamps", "zeit", "temps", "tiempo"}:
        return 1.0
    timely = re.fullmatch(r"(.*\b)?(time|times|time series|timestamp|timestamps|x|t|zeit|temps)", name)
    return TIME_UNITS[unit] if timely and unit in TIME_UNITS else None


def quantity_in(label: str) -> Quantity | None:
    """The quantity that the label's words name (``acc``, ``emg``, ``force`` ...), if they name one."""
    named = {
        QUANTITY_WORDS[w]
        for word in words(label)
        if (w := re.sub(r"(?<=acc|gyr|mag)[xyz]$", "", word.lower())) in QUANTITY_WORDS
    }
    return named.pop() if len(named) == 1 else None


def read_label(label: str, quantity: Quantity | None = None) -> Reading | None:
    """What the label says about side and site, or None when it names no side."""
    tokens = words(split_unit(label)[0])
    table = spellings_for(quantity)
    spelled = [SPELLED[t.lower()] for t in tokens if t.lower() in SPELLED]
    letters = [LETTERS[t.lower()] for t in tokens if t.lower() in LETTERS]
    if not spelled and not letters:
        return _glued(tokens, table, quantity)
    if len({*spelled, *letters}) != 1 or (len(letters) > 1 and not spelled):
        return None
    rest = [t for t in tokens if t.lower() not in SPELLED and t.lower() not in LETTERS]
    site = find_site(rest, table)
    numbered = not spelled and not site and any(a.lower() in LETTERS and b.isdigit() for a, b in pairwise(tokens))
    if numbered:
        return None
    return _reading((spelled or letters)[0], rest, site, quantity, certain=bool(spelled or site))


def find_site(tokens: Sequence[str], table: dict[str, str]) -> str | None:
    """The site of the longest spelling among consecutive words; ``upper`` and ``lower`` refine gluteus maximus."""
    low = [t.lower() for t in tokens]
    for n in range(min(4, len(low)), 0, -1):
        for start in range(len(low) - n + 1):
            site = table.get(" ".join(low[start : start + n])) or table.get(
                " ".join(low[start : start + n]).rstrip("0123456789")
            )
            if site:
                return _refined(site, low)
    return None


def _refined(site: str, low: Sequence[str]) -> str:
    if site == "gluteus_maximus":
        for part, spellings in (("upper", {"upper", "superior"}), ("lower", {"lower", "inferior"})):
            if spellings & set(low):
                return f"{site}_{part}"
    return site


def _glued(tokens: list[str], table: dict[str, str], quantity: Quantity | None) -> Reading | None:
    """``LGRF``: a side's letter in front of a name; the word must not be a name itself (``LAT``, ``RF``)."""
    found = []
    for i, token in enumerate(tokens):
        side, rest = LETTERS.get(token[0].lower()), token[1:]
        if side is None or token.lower() in table or token.lower() in NOT_GLUED or not rest.isalpha():
            continue
        after = [rest, *tokens[i + 1 :]]
        site = next(
            (find_site(after[:n], table) for n in (3, 2, 1) if find_site(after[:n], table) and n <= len(after)), None
        )
        if site and find_site(after[1:], table) != site:
            found.append(_reading(side, [*tokens[:i], *after], site, quantity, certain=True))
        elif len(rest) >= 3 and token[0].isupper():
            found.append(_reading(side, [*tokens[:i], *after], None, quantity, certain=False))
    sure = [r for r in found if r.certain]
    best = sure or found
    return best[0] if len(best) == 1 else None


def _reading(side: Side, tokens: Sequence[str], site: str | None, quantity: Quantity | None, certain: bool) -> Reading:
    return Reading(side, site or own_name(tokens, quantity), axis_in(tokens, quantity), certain)


def own_name(tokens: Sequence[str], quantity: Quantity | None) -> str:
    """A site for words that are in no table: themselves, without sensor words, numbers and serial numbers."""
    kept = [t.lower() for t in tokens if not (t.isdigit() or re.fullmatch(r"[A-Za-z]+\d{3,}", t))]
    kept = [t for t in kept if t not in NOISE and t not in AXES and not _axis_of(t)]
    if quantity is Quantity.FORCE:
        kept = [t for t in kept if t not in INSOLE_PARTS]
    return "_".join(kept) or (quantity.title.replace(" ", "_").lower() if quantity else "unnamed")


def axis_in(tokens: Sequence[str], quantity: Quantity | None) -> str:
    """``x``, ``y``, ``z`` or the part of an insole; empty if there is none."""
    low = [t.lower() for t in tokens]
    parts = [t for t in low if quantity is Quantity.FORCE and t in INSOLE_PARTS]
    axes = [a for t in low if (a := _axis_of(t))]
    return "_".join(parts) or (axes[0] if len(set(axes)) == 1 else "")


def _axis_of(word: str) -> str:
    joined = re.fullmatch(r"(?:acc|accel|gyr|gyro|mag)?([xyz])|f([xy])", word)
    return (joined[1] or joined[2]) if joined else ""


def places(labels: Sequence[tuple[str, Quantity | None]]) -> list[Place | None]:
    """The place of every ``(label, quantity)`` of one file, None where no side can be told.

    A reading that is not certain by itself stands only if its mirror image is in the same file.
    """
    readings = [read_label(label, quantity) for label, quantity in labels]
    seen = {(r.side, r.site, r.axis, q) for r, (_, q) in zip(readings, labels, strict=True) if r}
    found: list[Place | None] = []
    for reading, (label, quantity) in zip(readings, labels, strict=True):
        if reading and (reading.certain or (reading.side.other, reading.site, reading.axis, quantity) in seen):
            found.append(Place(reading.side, reading.site, reading.axis, origin_of(label, quantity, reading.site)))
        else:
            found.append(None)
    return found


def origin_of(label: str, quantity: Quantity | None, site: str) -> str:
    """How side and site were found, for `Channel.origin`."""
    text = f"read from the label {label!r}"
    if site == "gluteus_maximus" and quantity is Quantity.EMG and re.search(r"grf", label, re.IGNORECASE):
        return f"{text} (GRF as EMG: grand fessier, gluteus maximus; as a force it is the ground reaction force)"
    return text
