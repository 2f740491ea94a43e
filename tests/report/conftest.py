"""Hand-made analyses, as true to life as they come: every state that a page must be able to show."""

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from glutebal.balance.difference import NO_SIDES
from glutebal.history.progress import AthleteProgress, Series, SetPoint, progress
from glutebal.history.records import SessionNotes, SessionSummary, SizeMeasurement, StrengthTest
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


SEASON_START = date(2026, 9, 7)
FORCE = ("mean_force", "plate", "hip_thrust", Quantity.FORCE, "N")
EMG = ("activation", "gluteus_maximus", "hip_thrust", Quantity.EMG, "%ref")


def set_point(series, session, day, index, lam, geometric, quantity, unit, setup="", status=Status.OK, reason=""):
    """One set of eight reps: λ and both sides, or why there is none."""
    if not status.has_value:
        none = Estimate.none(status, reason, 8)
        ratio, sides = none, Bilateral(none, none)
    else:
        ratio = Estimate(lam, lam - 0.07, lam + 0.07, 0.03, 8, "t on log ratios")
        values = Bilateral(geometric * math.exp(-lam / 2), geometric * math.exp(lam / 2))
        sides = values.map(lambda v: Estimate(v, 0.95 * v, 1.05 * v, 0.02 * v, 8))
    devices = Bilateral("", "")
    return SetPoint(series, session, day, "", setup, devices, index, 60.0, quantity, unit, ratio, sides, 0.0)


def season_of(levels, kind=FORCE, strengths=400.0, setups=(), bad=(), notes=None, sign=1, seed=1, gap_days=3.5):
    """The progress of one series: true λ per session plus placement and set scatter, mirrored for ``sign`` −1."""
    rng = np.random.default_rng(seed)
    measure, site, exercise, quantity, unit = kind
    series = Series("P07", exercise, measure, site)
    strengths = np.broadcast_to(np.asarray(strengths, dtype=float), (len(levels),))
    points, summaries = [], []
    for i, level in enumerate(levels):
        day = SEASON_START + timedelta(days=round(gap_days * i))
        placed = level + rng.normal(0, 0.035)
        setup = setups[i] if i < len(setups) else ""
        state = {"status": Status.REFUSED, "reason": "left plate force is dead"} if i in bad else {}
        for k in range(3):
            lam, strength = placed + rng.normal(0, 0.03), strengths[i] * math.exp(rng.normal(0, 0.02))
            points.append(set_point(series, i + 1, day, k + 1, sign * lam, strength, quantity, unit, setup, **state))
        said = (notes or {}).get(i, SessionNotes())
        summaries.append(SessionSummary(i + 1, "P07", day, "", said, 1, 3, 24, (exercise,)))
    return progress(points, summaries)


def by_hand():
    """A size and two strength tests: one difference within the error, one beyond, one without an error."""
    day = SEASON_START
    return {
        "sizes": (
            SizeMeasurement(
                "P07", day, "gluteus_maximus", "ultrasound", "mm", Bilateral(31.2, 32.0), 0.8, "probe 7", "prone"
            ),
        ),
        "strength_tests": (
            StrengthTest("P07", day, "hip_abduction", "N", Bilateral(182.0, 221.0), 6.0, "dynamometer"),
            StrengthTest("P07", day + timedelta(days=80), "hip_abduction", "N", Bilateral(210.0, 224.0), 0.0),
        ),
    }


def spoken():
    """Notes of the first three sessions: a 0 is said, the rest is not."""
    return {
        0: SessionNotes(pain=0.0, sleep_h=7.5, fatigue=3.0, first_side=Side.LEFT, text="new shoes"),
        1: SessionNotes(pain=2.0, first_side=Side.RIGHT),
    }


@pytest.fixture(scope="session")
def steady_season():
    """Twenty-four sessions, right larger and staying so; two without an answer, one far from the others."""
    levels = np.full(24, 0.24)
    levels[9] = 0.85
    main = season_of(levels, bad=(5, 16), notes=spoken())
    others = (
        season_of(np.full(24, 0.05), EMG, 70.0, seed=2),
        season_of(np.full(14, -0.1), ("peak_force", "plate", "hip_thrust", Quantity.FORCE, "N"), seed=3, gap_days=6),
        season_of(np.full(12, 0.1), ("mean_force", "ankle_strap", "hip_abduction", Quantity.FORCE, "N"), 120, seed=4),
    )
    return AthleteProgress("P07", main, others, **by_hand(), note="Hip thrust, mean force at the plate: most sessions.")


@pytest.fixture(scope="session")
def rising_season():
    """The right share rises while the left keeps its strength."""
    levels = np.linspace(-0.12, 0.14, 24)
    return AthleteProgress("P07", season_of(levels, strengths=400 * np.exp(levels / 2)))


@pytest.fixture(scope="session")
def falling_season():
    """The balance comes nearer to even because the right side, the larger one, gets less."""
    levels = np.linspace(0.34, 0.02, 24)
    return AthleteProgress("P07", season_of(levels, strengths=400 * np.exp(levels / 2)))


@pytest.fixture(scope="session")
def changed_season():
    """New plates after fourteen sessions."""
    levels = np.r_[np.full(14, 0.02), np.full(10, 0.3)]
    return AthleteProgress("P07", season_of(levels, setups=["old plates"] * 14 + ["new plates"] * 10))


@pytest.fixture(scope="session")
def near_even_season():
    """Within the day-to-day range, on either side of even."""
    return AthleteProgress("P07", season_of(np.full(12, 0.01), seed=5))


@pytest.fixture(scope="session")
def early_season():
    """Two sessions only."""
    return AthleteProgress("P07", season_of([0.15, 0.17]))


@pytest.fixture(scope="session")
def first_session():
    """One session."""
    return AthleteProgress("P07", season_of([0.15]))


@pytest.fixture(scope="session")
def early_after_change():
    """Two sessions since new plates."""
    return AthleteProgress("P07", season_of(np.full(8, 0.15), setups=["old"] * 6 + ["new"] * 2))


@pytest.fixture(scope="session")
def lost_after_change():
    """New plates, and no session with them has an answer yet."""
    return AthleteProgress("P07", season_of(np.full(8, 0.15), setups=["old"] * 6 + ["new"] * 2, bad=(6, 7)))


@pytest.fixture(scope="session")
def unanswered_season():
    """EMG without a reference, every time: no answer, with its reason."""
    series = Series("P07", "hip_thrust", "activation", "gluteus_maximus")
    state = {"status": Status.UNCALIBRATED, "reason": UNCALIBRATED}
    points = [
        set_point(series, i + 1, SEASON_START + timedelta(days=7 * i), 1, 0.0, 1.0, Quantity.EMG, "V", **state)
        for i in range(4)
    ]
    return AthleteProgress("P07", progress(points))


@pytest.fixture(scope="session")
def empty_season(first_session):
    """Nothing was ever recorded."""
    main = first_session.main
    nothing = Estimate.none(Status.TOO_FEW, "no session with a value, a course needs 3")
    trend = replace(main.trend, sessions=(), level=nothing, change=nothing)
    return AthleteProgress("P07", replace(main, trend=trend, marks=(), sides=None, sides_reason="no session yet"))


@pytest.fixture(scope="session")
def hostile_season(changed_season):
    """Every text that a user can supply is an attack."""
    evil = "<script>alert('x')</script>"
    notes = {0: SessionNotes(setup=evil, text=evil)}
    kind = (f"{evil}$x_", evil, evil, Quantity.FORCE, "N")
    main = season_of(np.full(9, 0.1), kind, setups=["old"] * 4 + [evil] * 5, bad=(2,), notes=notes)
    marks = tuple(replace(m, label=evil, reason=m.reason and evil) for m in main.marks)
    main = replace(main, marks=marks, sides=None, sides_reason=evil)
    entries = by_hand()
    size = replace(entries["sizes"][0], site=evil, unit=evil, instrument=evil, text=evil)
    test = replace(entries["strength_tests"][0], test=evil, unit=evil, instrument=evil, text=evil)
    return AthleteProgress(evil, main, (changed_season.main, main), (size,), (test,), evil)


ROM = ("hip_flexion_rom", "hip", "squat", Quantity.ANGLE, "deg")
SHIFT = ("lateral_shift", "pelvis", "squat", Quantity.POSITION, "cm")


def difference_season(levels, kind=ROM, *, midline=False, sign=1, seed=2, bad=(), scatter=1.0):
    """The progress of one series of differences in its unit: three sets a session, the sensors put on anew each day."""
    rng = np.random.default_rng(seed)
    measure, site, exercise, quantity, unit = kind
    series, points = Series("P07", exercise, measure, site), []
    for i, level in enumerate(levels):
        placed = level + rng.normal(0, scatter)
        for k in range(3):
            gap = sign * (placed + rng.normal(0, 0.3 * scatter))
            found = Estimate(gap, gap - 2 * scatter, gap + 2 * scatter, scatter, 8, "t on differences")
            found = Estimate.none(Status.REFUSED, "the pelvis sensor was silent", 8) if i in bad else found
            around = Bilateral(90.0 - gap / 2, 90.0 + gap / 2).map(lambda v: Estimate(v, v - 1, v + 1, 0.5, 8))
            none = Estimate.none(Status.UNPAIRED, NO_SIDES)
            sides = Bilateral(none, none) if midline else around
            ratio = Estimate.none(Status.NOT_A_RATIO, "it can cross zero", 8)
            day = SEASON_START + timedelta(days=round(3.5 * i))
            head = (series, i + 1, day, "", "", Bilateral("", ""), k + 1, 60.0, quantity, unit)
            points.append(SetPoint(*head, ratio, sides, 0.8 * scatter, found))
    return progress(points)


@pytest.fixture(scope="session")
def difference_builder():
    """The function that builds the progress of a series of differences."""
    return difference_season


@pytest.fixture(scope="session")
def angle_season(steady_season):
    """A range of motion that moves to the right; beside it a shift of the pelvis, a tilt, and a ratio."""
    tilt = ("lumbar_tilt_at_lockout", "pelvis", "deadlift", Quantity.ANGLE, "deg")
    beside = (
        difference_season(np.full(9, -1.0), SHIFT, midline=True, scatter=0.3),
        difference_season(np.full(9, 6.0), tilt, midline=True),
        steady_season.main,
    )
    return AthleteProgress("P07", difference_season(np.linspace(1, 14, 12), bad=(4,)), beside)


@pytest.fixture(scope="session")
def shift_season():
    """A shift of the pelvis to the left that stays, and nothing beside it."""
    return AthleteProgress("P07", difference_season(np.full(10, -3.0), SHIFT, midline=True, scatter=0.3))


@pytest.fixture(scope="session")
def season_builder():
    """The function that builds a season."""
    return season_of


SEASONS = (
    *("steady_season", "rising_season", "falling_season", "changed_season", "near_even_season", "early_season"),
    *("first_session", "early_after_change", "lost_after_change", "unanswered_season", "empty_season"),
    *("angle_season", "shift_season"),
)


@pytest.fixture(params=[*SEASONS, "hostile_season"])
def any_season(request):
    """Each of the seasons in turn."""
    return request.getfixturevalue(request.param)
