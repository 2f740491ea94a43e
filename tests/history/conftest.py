"""Stores on both kinds of database, sessions to fill them with, and what "the same" means where NaN is."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from glutebal.balance.difference import midline_balance, sides_balance
from glutebal.balance.motion_view import AngleCurve, StickPose
from glutebal.balance.site_waveform import MeanCurve
from glutebal.history.place import open_store
from glutebal.history.records import RecordingRecord, SessionNotes, SessionRecord, SetRecord
from glutebal.model import Bilateral, Channel, Quantity, Side, TimeAlignment
from glutebal.results import (
    ChannelQuality,
    Estimate,
    ExcludedRep,
    Finding,
    Grade,
    Laterality,
    Phase,
    Reference,
    Rep,
    RepBalance,
    SetBalance,
    Status,
)

FIRST_DAY = date(2026, 1, 5)  # a Monday
NOTHING_SAID = SessionNotes()


@pytest.fixture(params=["sqlite", "postgres"])
def place(request, tmp_path) -> str:
    """Where a new history may be: a path, and the URL of an empty database on a server."""
    if request.param == "sqlite":
        return str(tmp_path / "history.db")
    return request.getfixturevalue("postgres_url")


@pytest.fixture
def store(place):
    """A new, empty history on each kind of database."""
    with open_store(place) as opened:
        yield opened


def _equal(a: object, b: object) -> bool:
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=True)
    if isinstance(a, float) and isinstance(b, float):
        return a == b or (math.isnan(a) and math.isnan(b))
    if is_dataclass(a):
        return type(a) is type(b) and all(_equal(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))
    if isinstance(a, tuple):
        return isinstance(b, tuple) and len(a) == len(b) and all(map(_equal, a, b))
    if isinstance(a, Mapping):
        return isinstance(b, Mapping) and a.keys() == b.keys() and all(_equal(a[key], b[key]) for key in a)
    return type(a) is type(b) and a == b


@pytest.fixture(scope="session")
def same():
    """Whether two records are equal in every field and type, NaN being equal to NaN."""
    return _equal


def _rep(k: int, side: Side | None = None) -> Rep:
    start = 100 + 250 * k
    phases = (Phase("concentric", start, start + 90), Phase("eccentric", start + 90, start + 200))
    return Rep(k + 1, start, start + 200, 100.0, side, 1, start + 90, 0.9 + 0.001 * k, phases)


def _estimate(value: float, half: float = 0.1, n: int = 1, method: str = "made up") -> Estimate:
    return Estimate(value, value - half, value + half, half / 2, n, method)


def _balance(
    log_ratio: float, reps: int, measure: str, site: str, quantity: Quantity = Quantity.FORCE, unit: str = "N"
) -> SetBalance:
    made = []
    for k in range(reps):
        ratio = log_ratio + 0.01 * math.sin(k)
        sides = Bilateral(_estimate(100.0, 5.0), _estimate(100.0 * math.exp(ratio), 5.0))
        made.append(RepBalance(_rep(k), measure, site, unit, sides, _estimate(ratio)))
    sides = Bilateral(_estimate(100.0, 5.0, reps), _estimate(100.0 * math.exp(log_ratio), 5.0, reps))
    slope = _estimate(0.001, 0.002, reps, "a line")
    return SetBalance(measure, site, quantity, unit, tuple(made), _estimate(log_ratio, n=reps), slope, sides)


@pytest.fixture(scope="session")
def balance():
    """A made-up `SetBalance`: ``balance(log_ratio, reps, measure, site, ...)``."""
    return _balance


def _recording(
    fingerprint: str, log_ratios=(0.1,), *, day=FIRST_DAY, reps=6, measure="peak_force", site="plate", **more
):
    sets = tuple(
        SetRecord(k, "hip_thrust", Laterality.BILATERAL, (_balance(value, reps, measure, site),), 60.0)
        for k, value in enumerate(log_ratios, 1)
    )
    started = datetime(day.year, day.month, day.day, 17, 30)
    return RecordingRecord(fingerprint, f"{fingerprint}.csv", started, 90.5, sets, **more)


@pytest.fixture(scope="session")
def recording():
    """A made-up `RecordingRecord`: ``recording(fingerprint, log_ratios, day=, reps=, measure=, site=, ...)``."""
    return _recording


@pytest.fixture(scope="session")
def session():
    """A made-up `SessionRecord`: ``session(fingerprint, athlete=, day= or its number, log_ratios=, ...)``."""

    def made(fingerprint, athlete="A-01", day=FIRST_DAY, *, label="", notes=NOTHING_SAID, **more):
        on = FIRST_DAY + timedelta(days=day) if isinstance(day, int) else day
        return SessionRecord(athlete, on, (_recording(fingerprint, day=on, **more),), label, notes)

    return made


def _curves():
    """A hip with one side that no rep showed, and the pelvis from one rep, which has no SD."""
    node = np.linspace(0, 100, 101)
    left = MeanCurve(45 - 45 * np.cos(node / 16), 0.1 * node, 6)
    nobody, once = MeanCurve.of(np.empty((0, 101))), MeanCurve(0.05 * node - 2.5, np.full(101, math.nan), 1, 2)
    hip = AngleCurve("hip_flexion", "hip flexion", "deg", Bilateral(left, nobody), False, Laterality.BILATERAL, "up")
    pelvis = AngleCurve(
        "pelvic_tilt", "pelvic tilt", "deg", Bilateral(once, once), True, Laterality.UNILATERAL, "forwards", 1.3
    )
    return hip, pelvis


def _poses():
    places = {("pelvis", None): (0.0, 0.0, 0.0), ("hip", Side.LEFT): (0.0, 0.086, -0.004)}
    return (
        StickPose("start", "start", None, places, 6),
        StickPose("turn", "deepest", Side.RIGHT, {("knee", Side.RIGHT): (0.35, -0.1, -0.2)}, 5, ("pelvis 6.2° lower",)),
    )


@pytest.fixture(scope="session")
def hip_angles():
    """A session of what can cross zero: both hips' range of motion, one leg at a time, and the pelvis between them."""
    reps, turns = [_rep(k) for k in range(6)], [_rep(k, Side.LEFT if k % 2 else Side.RIGHT) for k in range(6)]
    hips = [(rep, Bilateral(_estimate(91.0 + k, 2.0), _estimate(97.0, 2.0))) for k, rep in enumerate(reps)]
    rested = Estimate.none(Status.UNPAIRED, "this side rested")
    drops = [
        (rep, Bilateral.per_side(lambda s, rep=rep: _estimate(4.0, 1.0) if s is rep.side else rested)) for rep in turns
    ]
    lost = Estimate.none(Status.REFUSED, "the pelvis sensor was silent")
    shifts = [(rep, lost if k == 2 else _estimate(1.5 - k, 0.5)) for k, rep in enumerate(reps)]
    balances = (
        sides_balance("hip_flexion_rom", "hip", Quantity.ANGLE, "deg", hips, extra_se=2.0),
        midline_balance("lateral_shift", "pelvis", Quantity.POSITION, "cm", shifts),
        midline_balance("pelvic_tilt", "pelvis", Quantity.ANGLE, "deg", [], nothing="the pelvis sensor was silent"),
    )
    own = sides_balance("pelvic_drop", "hip", Quantity.ANGLE, "deg", drops)
    sets = (
        SetRecord(1, "squat", Laterality.BILATERAL, balances, 60.0),
        SetRecord(2, "single_leg_squat", Laterality.UNILATERAL, (own,)),
    )
    pictures = {"curves": _curves(), "poses": _poses()}
    made = RecordingRecord("angles", "angles.csv", datetime(2026, 1, 5, 17, 30), 90.5, sets, **pictures)
    return SessionRecord("A-01", FIRST_DAY, (made,), "angles")


@pytest.fixture(scope="session")
def rich_session():
    """One session in which every field of every record says something."""
    emg = Channel(Quantity.EMG, Side.LEFT, "gluteus_maximus", 1000.0, "EMG 7", "x", "L GLUT", "read from the label")
    findings = (Finding("mains", Grade.SUSPECT, "50 Hz is strong", 12.5, "dB"), Finding("dead", Grade.BAD, "no signal"))
    quality = (ChannelQuality(emg, findings, 3e-6, math.inf, 42.5, 2), ChannelQuality(emg.swapped()))
    bound = Estimate(math.nan, low=0.7, high=math.inf, n=3, status=Status.CENSORED, reason="left is silent", level=0.9)
    silent = _balance(0.3, 0, "activation", "gluteus_maximus", Quantity.EMG, "%ref")
    silent = SetBalance(*(getattr(silent, f.name) for f in fields(silent)[:4]), (), bound, silent.drift, silent.sides)
    loud = _balance(0.2, 5, "peak_activation", "gluteus_maximus", Quantity.EMG, "%ref")
    one_sided = RepBalance(
        Rep(3, 5, 9, 50.0, Side.RIGHT),
        "duration",
        "plate",
        "s",
        Bilateral(bound, bound),
        Estimate.none(Status.UNPAIRED, ""),
    )
    turns = SetBalance("duration", "plate", Quantity.FORCE, "s", (one_sided,), bound, bound, Bilateral(bound, bound))
    shared = {"gluteus_maximus": 0.04, "plate": 0.0}
    sets = (
        SetRecord(1, "hip_thrust", Laterality.BILATERAL, (silent, loud), 62.5, shared),
        SetRecord(2, "single_leg_hip_thrust", Laterality.UNILATERAL, (turns,), None),
        SetRecord(3, "walking", Laterality.CYCLIC, ()),
    )
    first = RecordingRecord(
        "f-1",
        "Übung.c3d",
        datetime.fromisoformat("2026-01-05T17:30:00.123456+02:00"),
        90.25,
        sets,
        quality,
        (Reference("gluteus_maximus", Quantity.EMG, Bilateral(1e-4, math.nan), Bilateral(0.02, 0.03), "2026", "best"),),
        (ExcludedRep(1.5, 2.5, "too short"), ExcludedRep(3.0, 4.0, "half a rep", Side.LEFT)),
        {"gluteus_maximus": Bilateral("EMG 7", "EMG 8"), "plate": Bilateral("", "P2")},
        ("the light was poor", "the light was poor", 'said "so"; Größe'),
        {"band": "20-450 Hz", "sign": "positive = right larger"},
        {"glutebal": "0.1"},
        TimeAlignment("a tap", -0.02),
    )
    second = RecordingRecord("f-2", "", datetime(2026, 1, 5, 18), 10.0, ())
    notes = SessionNotes(2.5, 7.25, 0.0, Side.RIGHT, "electrodes by the template", "felt 'good'\nand strong ✓")
    return SessionRecord("Ä-01", date(2026, 1, 5), (first, second), "evening", notes)
