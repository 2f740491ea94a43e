"""Hand-made analyses, as true to life as they come: every state that a page must be able to show."""

import math
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from glutebal.model import Bilateral, Channel, Quantity, Recording, Side, Track
from glutebal.results import (
    Analysis,
    ChannelQuality,
    Estimate,
    ExcludedRep,
    Finding,
    Grade,
    Laterality,
    Reference,
    Rep,
    RepBalance,
    Segmentation,
    SetBalance,
    Status,
)

RATE_HZ = 50.0
UNCALIBRATED = "no reference contraction at this site on either side"


def t_interval(values, level_factor=2.2):
    values = np.asarray(values, dtype=float)
    se = float(values.std(ddof=1) / math.sqrt(values.size)) if values.size > 1 else math.nan
    return float(values.mean()), se, level_factor * se


def estimate(values, status=Status.OK, reason=""):
    if not status.has_value:
        return Estimate.none(status, reason, n=len(values))
    mean, se, half = t_interval(values)
    if len(values) < 5:
        return Estimate(mean, n=len(values), status=Status.TOO_FEW, reason=f"{len(values)} reps, 5 needed for a range")
    return Estimate(mean, mean - half, mean + half, se, len(values), "t on log ratios", status, reason)


def reps_of(n, period_s=3.2, duration_s=2.4, first_s=2.0, side=None, set_index=1):
    starts = [first_s + period_s * i for i in range(n)]
    return tuple(
        Rep(i + 1, round(s * RATE_HZ), round((s + duration_s) * RATE_HZ), RATE_HZ, side, set_index, confidence=0.97)
        for i, s in enumerate(starts)
    )


def rep_balances(reps, levels, measure, site, unit, status=Status.OK, reason=""):
    """`levels`: (n, 2) left and right value per rep; for one-sided reps the other side is absent."""
    out = []
    for rep, (left, right) in zip(reps, levels, strict=True):
        sides = Bilateral(
            Estimate(left, 0.95 * left, 1.05 * left, n=1), Estimate(right, 0.95 * right, 1.05 * right, n=1)
        )
        if rep.side is not None:
            absent = Estimate.none(Status.UNPAIRED, "the other side rested")
            sides = Bilateral.per_side(
                lambda s, sides=sides, rep=rep, absent=absent: sides[s] if s is rep.side else absent
            )
            ratio = Estimate.none(Status.UNPAIRED, "a one-sided repetition")
        elif status.has_value:
            lam = math.log(right / left)
            ratio = Estimate(lam, lam - 0.1, lam + 0.1, 0.05, 1, status=status, reason=reason)
        else:
            ratio = Estimate.none(status, reason)
        out.append(RepBalance(rep, measure, site, unit, sides, ratio))
    return tuple(out)


def set_balance(reps, levels, measure="activation", site="gluteus_maximus", unit="%ref", quantity=Quantity.EMG, **kw):
    levels = np.asarray(levels, dtype=float)
    entries = rep_balances(reps, levels, measure, site, unit, **kw)
    own = [levels[[r.side in {None, s} for r in reps], i] for i, s in enumerate(Side)]
    sides = Bilateral(*(estimate(v) if len(v) else Estimate.none(Status.UNPAIRED, "no reps on this side") for v in own))
    status, reason = kw.get("status", Status.OK), kw.get("reason", "")
    if all(r.side is None for r in reps):
        lam = np.log(levels[:, 1] / levels[:, 0])
        ratio, drift = estimate(lam, status, reason), Estimate(0.004, -0.002, 0.010, 0.002, len(reps))
    else:
        gap, se = float(np.log(own[1]).mean() - np.log(own[0]).mean()), 0.02
        ratio = Estimate(gap, gap - 0.045, gap + 0.045, se, len(reps), "Welch t on log means")
        drift = Estimate.none(Status.UNPAIRED, "the sides did not work together")
    return SetBalance(measure, site, quantity, unit, entries, ratio, drift, sides)


def levels_of(n, ratio=1.16, base=60.0, seed=1, spread=0.05):
    rng = np.random.default_rng(seed)
    left = base * np.exp(rng.normal(0, spread, n))
    return np.column_stack([left, left * ratio * np.exp(rng.normal(0, 0.04, n))])


def channel(side, site="gluteus_maximus", quantity=Quantity.EMG, rate_hz=RATE_HZ):
    return Channel(quantity, side, site, rate_hz, label=f"{side.value[0].upper()} {site}")


def envelope(reps, side, site, amplitude, quantity=Quantity.EMG, gap=None, seconds=None):
    seconds = seconds or max(r.stop_s for r in reps) + 2
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    rng = np.random.default_rng(len(site) + (side is Side.LEFT))
    y = 0.04 * amplitude * (1 + rng.random(t.size))
    for r in reps:
        if r.side in {None, side}:
            phase = np.clip((t - r.start_s) / r.duration_s, 0, 1)
            y = y + amplitude * np.sin(np.pi * phase) ** 2 * (1 + 0.15 * rng.normal(size=t.size))
    y = np.abs(y)
    if gap:
        y[(t >= gap[0]) & (t < gap[1])] = np.nan
    return Track.of_samples(channel(side, site, quantity), y)


def envelope_pair(reps, site="gluteus_maximus", amplitude=1e-4, ratio=1.16, **kw):
    return Bilateral(
        envelope(reps, Side.LEFT, site, amplitude, **kw), envelope(reps, Side.RIGHT, site, amplitude * ratio, **kw)
    )


def good(side, site="gluteus_maximus", quantity=Quantity.EMG, rate_hz=1000.0, **kw):
    return ChannelQuality(channel(side, site, quantity, rate_hz), noise=2.1e-6, snr_db=24.3, seconds=42.0, **kw)


def analysis_of(balances, reps, envelopes=(), quality=(), laterality=Laterality.BILATERAL, **kw):
    tracks = tuple(t for pair in envelopes for t in pair)
    recording = Recording(
        tracks,
        started=datetime(2026, 5, 4, 17, 30, tzinfo=UTC),
        subject="P07",
        exercise=kw.get("exercise", "hip_thrust"),
        load_kg=60.0,
        source="hip_thrust.csv",
        history=("read from hip_thrust.csv",),
    )
    excluded = kw.pop("excluded", ())
    defaults = {
        "exercise": "hip_thrust",
        "settings": {"bandpass": "20 to 450 Hz", "envelope": "RMS over 125 ms", "interval": "t on log ratios, 95 %"},
        "versions": {"glutebal": "0.1.0", "numpy": "2.4.0", "scipy": "1.17.0"},
    }
    return Analysis(
        recording,
        segmentation=Segmentation(reps, excluded, laterality, "joint effort, hysteresis"),
        balances=tuple(balances),
        quality=tuple(quality),
        envelopes=tuple(envelopes),
        **{**defaults, **kw},
    )


@pytest.fixture
def calibrated():
    """Twelve bilateral reps, two EMG pairs and four measures; one rep left out; a gap; a suspect channel."""
    reps = reps_of(12)
    seconds = reps[-1].stop_s + 5
    late = ExcludedRep(reps[-1].stop_s + 0.8, reps[-1].stop_s + 2.4, "the recording stopped before the rep ended")
    medius = "gluteus_medius"
    balances = [
        set_balance(reps, levels_of(12)),
        set_balance(reps, levels_of(12, base=85, seed=2), "peak"),
        set_balance(reps, levels_of(12, base=96, seed=3), "integrated", unit="%ref·s"),
        set_balance(reps, levels_of(12, 0.99, 41, 4, 0.09), site=medius),
        set_balance(reps, levels_of(12, 0.91, 64, 5), "peak", medius),
    ]
    envelopes = [
        envelope_pair(reps, seconds=seconds),
        envelope_pair(reps, medius, 6e-5, 0.97, gap=(seconds - 2.2, seconds - 1.0), seconds=seconds),
    ]
    mains = Finding("mains", Grade.SUSPECT, "50 Hz hum makes up 12 % of the resting signal", 12.0, "%")
    quality = [good(s) for s in Side] + [good(Side.LEFT, medius, gaps=1)]
    quality.append(good(Side.RIGHT, medius, findings=(mains,), gaps=1))
    references = tuple(
        Reference(
            site, Quantity.EMG, Bilateral(1.6e-4, 1.7e-4), taken="before the set", method="best 500 ms RMS of 3 trials"
        )
        for site in ("gluteus_maximus", medius)
    )
    warnings = ("the sides were recorded 1.2 ms apart, which is more than the stated 1 ms",)
    return analysis_of(balances, reps, envelopes, quality, excluded=(late,), references=references, warnings=warnings)


@pytest.fixture
def uncalibrated():
    """EMG without a reference: a course per side, no absolute index."""
    reps = reps_of(8)
    kw = {"status": Status.UNCALIBRATED, "reason": UNCALIBRATED, "unit": "V"}
    levels = levels_of(8, base=6e-5)
    balances = [set_balance(reps, levels, **kw), set_balance(reps, 1.4 * levels, "peak", **kw)]
    return analysis_of(balances, reps, [envelope_pair(reps)], [good(s) for s in Side])


@pytest.fixture
def refused():
    """The left sensor is unplugged: one site refused, the other alive."""
    reps = reps_of(10)
    dead = Finding("dead", Grade.BAD, "dead: the signal never leaves its noise floor of 1.2 µV", 1.2, "µV")
    reason = "left gluteus_maximus EMG is dead"
    kw = {"status": Status.REFUSED, "reason": reason}
    balances = [
        set_balance(reps, levels_of(10), **kw),
        set_balance(reps, levels_of(10), "peak", **kw),
        set_balance(reps, levels_of(10, 0.8, 50, 8), site="gluteus_medius"),
    ]
    quality = [good(Side.LEFT, findings=(dead,)), good(Side.RIGHT)] + [good(s, "gluteus_medius") for s in Side]
    envelopes = [envelope_pair(reps), envelope_pair(reps, "gluteus_medius", 6e-5, 0.8)]
    return analysis_of(balances, reps, envelopes, quality)


@pytest.fixture
def all_refused(refused):
    """Nothing has an answer."""
    return replace(refused, balances=refused.balances[:2], envelopes=refused.envelopes[:1])


@pytest.fixture
def censored():
    """The left side stays below its noise floor: only a bound is known."""
    reps = reps_of(6)
    balance = set_balance(reps, levels_of(6, 6.0, 5))
    ratio = Estimate(math.nan, 1.5163, math.inf, n=6, status=Status.CENSORED, reason="left is below its noise floor")
    return analysis_of(
        [replace(balance, log_ratio=ratio)], reps, [envelope_pair(reps, ratio=6)], [good(s) for s in Side]
    )


@pytest.fixture
def too_few():
    """Three reps: a value, no interval."""
    reps = reps_of(3)
    return analysis_of([set_balance(reps, levels_of(3))], reps, [envelope_pair(reps)], [good(s) for s in Side])


@pytest.fixture
def undecided():
    """Ten reps whose interval includes 0."""
    reps = reps_of(10)
    balance = set_balance(reps, levels_of(10, 1.02, spread=0.1))
    ratio = Estimate(0.042, -0.030, 0.112, 0.032, 10, "t on log ratios")
    return analysis_of([replace(balance, log_ratio=ratio)], reps, [envelope_pair(reps)], [good(s) for s in Side])


@pytest.fixture
def unilateral():
    """A left set of eight, then a right set of seven."""
    left, right = reps_of(8, side=Side.LEFT), reps_of(7, first_s=30.0, side=Side.RIGHT, set_index=2)
    reps = left + right
    balances = [
        set_balance(reps, levels_of(15, 1.15, 70)),
        set_balance(reps, levels_of(15, 1.1, 2.4), "duration", unit="s"),
    ]
    return analysis_of(
        balances,
        reps,
        [envelope_pair(reps)],
        [good(s) for s in Side],
        Laterality.UNILATERAL,
        exercise="single_leg_hip_thrust",
    )


@pytest.fixture
def gait():
    """Walking over two plates: three strides, force and eight uncalibrated muscle pairs."""
    reps = reps_of(3, 1.1, 0.7, 0.4)
    force = {"site": "plate", "unit": "N", "quantity": Quantity.FORCE}
    balances = [
        set_balance(reps, levels_of(3, 0.96, 640, 6, 0.02), "mean_force", **force),
        set_balance(reps, levels_of(3, 0.97, 820, 7, 0.02), "peak_force", **force),
    ]
    muscles = ["gluteus_maximus", "gluteus_medius", "rectus_femoris", "vastus_lateralis", "biceps_femoris"]
    muscles += ["tibialis_anterior", "gastrocnemius_medialis", "erector_spinae_longissimus"]
    for site in muscles:
        for measure in ("activation", "peak"):
            kw = {"unit": "V", "status": Status.UNCALIBRATED, "reason": UNCALIBRATED}
            balances.append(set_balance(reps, levels_of(3, 1.3, 5e-5), measure, site, **kw))
    envelopes = [envelope_pair(reps, "plate", 700, 0.96, quantity=Quantity.FORCE)]
    envelopes += [envelope_pair(reps, site, 5e-5) for site in muscles]
    warnings = ("the left plate reads 75 N for an adult: is it in kilograms?",)
    return analysis_of(balances, reps, envelopes, laterality=Laterality.CYCLIC, exercise="gait", warnings=warnings)


@pytest.fixture
def many():
    """Forty reps, eight calibrated muscle pairs."""
    reps = reps_of(40)
    muscles = [f"muscle_{i}_with_a_long_name" for i in range(8)]
    balances = [set_balance(reps, levels_of(40, 0.7 + 0.1 * i, 50, i), site=m) for i, m in enumerate(muscles)]
    return analysis_of(balances, reps, [envelope_pair(reps, m) for m in muscles], [])


@pytest.fixture
def single():
    """One rep."""
    reps = reps_of(1)
    return analysis_of([set_balance(reps, levels_of(1))], reps, [envelope_pair(reps)], [])


@pytest.fixture
def empty():
    """No reps, no balances."""
    return analysis_of([], (), [], [])


@pytest.fixture
def hostile(calibrated):
    """Every text that a user can supply is an attack."""
    evil = "<script>alert('x')</script>"
    bad = Finding("dead", Grade.BAD, evil)
    quality = tuple(
        replace(q, channel=replace(q.channel, label=evil, site=evil, device=evil), findings=(bad,))
        for q in calibrated.quality
    )
    return replace(
        calibrated,
        recording=replace(
            calibrated.recording,
            subject=evil,
            notes=evil,
            source=evil,
            history=(evil,),
            exercise=evil,
            warnings=(evil,),
        ),
        exercise=evil,
        quality=quality,
        balances=tuple(
            replace(b, site=evil, measure=f"{evil}$x_", log_ratio=replace(b.log_ratio, reason=evil))
            for b in calibrated.balances
        ),
        warnings=(evil,),
        settings={evil: evil},
        versions={evil: evil},
        segmentation=replace(calibrated.segmentation, excluded=(ExcludedRep(1.0, 2.0, evil),), method=evil),
        references=tuple(replace(r, site=evil, taken=evil, method=evil) for r in calibrated.references),
    )


@pytest.fixture(
    params=[
        *("calibrated", "uncalibrated", "refused", "all_refused", "censored", "too_few", "undecided"),
        *("unilateral", "gait", "many", "single", "empty", "hostile"),
    ]
)
def any_analysis(request):
    """Each of the analyses in turn."""
    return request.getfixturevalue(request.param)
