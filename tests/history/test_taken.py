"""What the history keeps of an analysis."""

import math
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import glutebal as gb
from glutebal.analysis.sets import Measured, set_balance
from glutebal.balance.difference import midline_balance, sides_balance
from glutebal.errors import InputError
from glutebal.history.taken import fingerprint, taken
from glutebal.ingest.formats.native import save
from glutebal.model import Bilateral, Channel, Quantity, Recording, Side, TimeAlignment, Track
from glutebal.results import Analysis, Estimate, ExcludedRep, Laterality, Reference, Rep, Segmentation, Status
from glutebal.signal.side_value import SideValue

STARTED = datetime(2026, 1, 5, 17, 30)
SITE = "gluteus_maximus"


def track(values, side=Side.LEFT, site=SITE, rate_hz=1000.0, start=0, quantity=Quantity.EMG, **more):
    return Track.of_samples(Channel(quantity, side, site, rate_hz, **more), values, start)


def made_recording(*tracks, **more):
    return Recording(tracks or (track([1.0, 2.0, 3.0]), track([4.0, 5.0, 6.0], Side.RIGHT)), started=STARTED, **more)


class TestFingerprint:
    def test_is_that_of_the_samples_and_their_meaning(self):
        named = made_recording(source="a.csv", notes="x", subject="A", exercise="squat", load_kg=50.0)
        relabelled = tuple(t.on(replace(t.channel, device="EMG 7", label="L", origin="map")) for t in named.tracks)
        others = [
            made_recording(source="b.c3d"),
            named.with_(tracks=relabelled, started=None, warnings=("w",), history=("h",)),
            named.with_(tracks=named.tracks[::-1]),
        ]
        assert {fingerprint(other) for other in others} == {fingerprint(named)}
        assert len(fingerprint(named)) == 32

    @pytest.mark.parametrize(
        "changed",
        [
            track([1.0, 2.0, np.nextafter(3.0, 4.0)]),
            track([1.0, 2.0]),
            track([1.0, 2.0, math.nan, 3.0]),
            track([1.0, math.nan, 2.0, 3.0]),
            track([1.0, 2.0, 3.0], start=1),
            track([1.0, 2.0, 3.0], site="gluteus_medius"),
            track([1.0, 2.0, 3.0], axis="x"),
            track([1.0, 2.0, 3.0], rate_hz=1000.5),
            track([1.0, 2.0, 3.0], quantity=Quantity.FORCE),
            track([1.0, 2.0, 3.0], None),
        ],
        ids=str,
    )
    def test_is_another_for_anything_else(self, changed):
        other = track([4.0, 5.0, 6.0], Side.RIGHT)
        assert fingerprint(made_recording(changed, other)) != fingerprint(made_recording())

    def test_of_a_recording_and_its_mirror_image(self):
        assert fingerprint(made_recording().swapped()) != fingerprint(made_recording())

    def test_of_a_recording_without_channels(self):
        assert len(fingerprint(Recording(()))) == 32

    def test_does_not_change_with_releases(self):
        assert fingerprint(made_recording()) == "2a7735d9c35b4346471379f64779dfa7"

    def test_survives_writing_and_reading(self, tmp_path):
        given = gb.read().with_(started=STARTED)
        path = tmp_path / "other name.glutebal"
        save(given, path)
        assert fingerprint(gb.read(path)) == fingerprint(given)


def sides_of(draw, n, status=Status.OK):
    def value():
        return SideValue(float(draw.uniform(50, 150)), 200.0, status, "faint" if status is Status.LOW_SNR else "")

    return tuple(Bilateral.per_side(lambda side: value()) for _ in range(n))


def reps_of(counts, side=None):
    """Reps of sets of these sizes."""
    numbered = [(s, k) for s, n in enumerate(counts, 1) for k in range(1, n + 1)]
    return tuple(Rep(k, 1000 * place, 1000 * place + 800, 1000.0, side, s) for place, (s, k) in enumerate(numbered))


def analysis_of(measured, laterality=Laterality.BILATERAL, references=(), recording=None, level=0.95):
    balances = tuple(set_balance(m, laterality, level) for m in measured)
    segmentation = Segmentation(measured[0].reps, (ExcludedRep(0.0, 0.5, "too short"),), laterality, "made up")
    return Analysis(
        recording or made_recording(source="set.csv", load_kg=70.0),
        "hip_thrust",
        segmentation,
        balances,
        (),
        references,
        warnings=("w",),
        settings={"band": "20-450 Hz"},
        versions={"glutebal": "0"},
    )


def only(measured, number):
    """The part of a measure that belongs to one set, without the error that all share."""
    kept = [k for k, rep in enumerate(measured.reps) if rep.set_index == number]
    parts = (tuple(measured.reps[k] for k in kept), tuple(measured.values[k] for k in kept))
    return replace(measured, reps=parts[0], values=parts[1], extra_se=0.0)


REFERENCE = Reference(SITE, Quantity.EMG, Bilateral(1e-4, 2e-4), Bilateral(0.03, 0.04))


def measured_of(counts, seed=1, *, status=Status.OK, calibrated=True, extra_se=0.05, refusal="", unit="%ref"):
    draw = np.random.default_rng(seed)
    reps = reps_of(counts)
    values = sides_of(draw, len(reps), status)
    if refusal:
        values = tuple(Bilateral(SideValue.none(Status.REFUSED, refusal), v.right) for v in values)
    return Measured("activation", SITE, Quantity.EMG, unit, reps, values, calibrated, extra_se, refusal)


class TestSeveralSets:
    @settings(derandomize=True, deadline=None, max_examples=60)
    @given(
        st.lists(st.integers(1, 9), min_size=2, max_size=4),
        st.integers(0, 99),
        st.sampled_from([Status.OK, Status.LOW_SNR]),
        st.booleans(),
        st.sampled_from(["", "left EMG: dead"]),
        st.sampled_from([0.9, 0.95]),
    )
    def test_each_is_judged_as_if_it_were_alone(self, same, counts, seed, status, calibrated, refusal, level):
        whole = measured_of(counts, seed, status=status, calibrated=calibrated, refusal=refusal)
        record = taken(analysis_of([whole], references=(REFERENCE,), level=level))
        assert [one.index for one in record.sets] == list(range(1, len(counts) + 1))
        for one in record.sets:
            alone = set_balance(only(whole, one.index), Laterality.BILATERAL, level)
            assert same(_rounded(one.balances[0]), _rounded(alone))

    def test_differences_are_judged_set_by_set(self, same):
        reps = reps_of([5, 6])
        draw = np.random.default_rng(4)
        values = [draw.normal((90.0, 95.0 + 3.0 * rep.set_index), 1.0) for rep in reps]
        pairs = [
            (rep, Bilateral(*(Estimate(float(x), se=1.0, n=1) for x in v))) for rep, v in zip(reps, values, strict=True)
        ]
        shifts = [(rep, Estimate(float(v[0] - 90), se=0.5, n=1)) for rep, v in zip(reps, values, strict=True)]

        def judged(kept):
            rom = ("hip_flexion_rom", "hip", Quantity.ANGLE, "deg")
            shift = ("lateral_shift", "pelvis", Quantity.POSITION, "cm")
            return (
                sides_balance(*rom, [p for p in pairs if kept(p[0])], level=0.9),
                midline_balance(*shift, [p for p in shifts if kept(p[0])], level=0.9),
            )

        whole = replace(analysis_of([measured_of([5, 6])]), balances=judged(lambda rep: True))
        record = taken(whole)
        assert [one.index for one in record.sets] == [1, 2]
        for one in record.sets:
            assert same(one.balances, judged(lambda rep, n=one.index: rep.set_index == n))

    def test_a_side_below_its_floor_makes_a_bound_of_its_own_set_only(self, same):
        whole = measured_of([6, 6])
        silent = SideValue(math.nan, math.nan, Status.CENSORED, "left is below its noise floor", 5.0)
        values = tuple(Bilateral(silent, v.right) if k < 3 else v for k, v in enumerate(whole.values))
        record = taken(analysis_of([replace(whole, values=values)], references=(REFERENCE,)))
        first, second = (one.balances[0] for one in record.sets)
        assert (first.log_ratio.status, second.log_ratio.status) == (Status.CENSORED, Status.OK)
        assert same(second.log_ratio, set_balance(only(whole, 2), Laterality.BILATERAL, 0.95).log_ratio)

    def test_a_measure_that_one_set_lacks_says_so_there(self):
        whole, partial = measured_of([5, 5]), measured_of([5, 5])
        partial = replace(only(partial, 1), measure="activation_concentric")
        record = taken(analysis_of([whole, partial]))
        missing = record.sets[1].balances[1]
        assert (missing.reps, missing.log_ratio.status) == ((), Status.REFUSED)
        assert math.isnan(missing.log_ratio.value)
        assert math.isnan(missing.sides.left.value)

    def test_reps_stay_as_they_are(self):
        whole = measured_of([4, 6])
        record = taken(analysis_of([whole]))
        assert [len(one.balances[0].reps) for one in record.sets] == [4, 6]
        assert tuple(rb.rep for one in record.sets for rb in one.balances[0].reps) == whole.reps


def _rounded(value):
    """Reasons and counts exactly, numbers to twelve digits: logarithms and exponentials are taken in another order."""
    if isinstance(value, float):
        return float(f"{value:.12g}")
    if isinstance(value, tuple):
        return tuple(map(_rounded, value))
    if hasattr(value, "__dataclass_fields__"):
        return replace(value, **{name: _rounded(getattr(value, name)) for name in value.__dataclass_fields__})
    return value


class TestOneSet:
    @pytest.mark.parametrize("n", [3, 8])
    @pytest.mark.parametrize("laterality", [Laterality.BILATERAL, Laterality.UNILATERAL, Laterality.CYCLIC])
    def test_stays_as_it_was_judged_without_a_reference(self, laterality, n):
        found = analysis_of([measured_of([n], extra_se=0.0)], laterality)
        (one,) = taken(found).sets
        assert one.balances == found.balances
        assert (one.index, one.laterality, one.exercise, one.load_kg) == (1, laterality, "hip_thrust", 70.0)

    @pytest.mark.parametrize("laterality", [Laterality.BILATERAL, Laterality.UNILATERAL])
    def test_the_references_error_is_kept_apart(self, laterality):
        found = analysis_of([measured_of([8])], laterality, (REFERENCE,))
        (one,) = taken(found).sets
        before, after = found.balances[0].log_ratio, one.balances[0].log_ratio
        assert one.shared_se == {SITE: pytest.approx(0.05)}  # 3, 4, 5
        assert after.se**2 + 0.05**2 == pytest.approx(before.se**2, rel=1e-12)
        assert (after.value, after.n, after.method, after.status) == (
            before.value,
            before.n,
            before.method,
            before.status,
        )
        assert before.low < after.low < after.value < after.high < before.high
        assert replace(one.balances[0], log_ratio=before) == found.balances[0]

    def test_what_needs_no_reference_has_no_part_of_its_error(self):
        found = analysis_of([measured_of([8], unit="s", extra_se=0.0)], references=(REFERENCE,))
        assert taken(found).sets[0].balances == found.balances

    def test_left_and_right_sets_are_one(self):
        reps = reps_of([6], Side.LEFT) + tuple(replace(r, set_index=2, side=Side.RIGHT) for r in reps_of([6]))
        absent = SideValue.none(Status.UNPAIRED, "the other side works in this rep")
        values = sides_of(np.random.default_rng(3), 12)
        values = tuple(
            Bilateral.per_side(lambda side, v=v, r=r: v[side] if side is r.side else absent)
            for v, r in zip(values, reps, strict=True)
        )
        whole = Measured("activation", SITE, Quantity.EMG, "%ref", reps, values, extra_se=0.05)
        found = analysis_of([whole], Laterality.UNILATERAL, (REFERENCE,))
        (one,) = taken(found).sets
        assert one.balances[0].reps == found.balances[0].reps
        assert one.balances[0].log_ratio.se ** 2 + 0.05**2 == pytest.approx(found.balances[0].log_ratio.se ** 2)

    def test_without_reps(self):
        found = analysis_of([measured_of([])])
        (one,) = taken(found).sets
        assert (one.index, one.balances) == (1, found.balances)


class TestRecording:
    def test_what_else_is_kept(self):
        alignment = TimeAlignment("a tap", 0.01, 0.002)
        found = analysis_of([measured_of([5])], references=(REFERENCE,))
        found = replace(found, recording=found.recording.with_(alignment=alignment))
        record = taken(found)
        assert record.fingerprint == fingerprint(found.recording)
        assert (record.source, record.started, record.duration_s) == ("set.csv", STARTED, 0.003)
        assert (record.references, record.excluded) == ((REFERENCE,), found.segmentation.excluded)
        assert (record.warnings, record.settings) == (("w",), {"band": "20-450 Hz"})
        assert (record.versions, record.alignment) == ({"glutebal": "0"}, alignment)

    def test_devices_go_by_the_site_of_the_balance(self):
        tracks = [
            track([1.0], device="E1"),
            track([1.0], Side.RIGHT, device="E2"),
            track([1.0], site="plate", quantity=Quantity.FORCE, axis="z", device="P1"),
            track([1.0], Side.RIGHT, "plate", quantity=Quantity.FORCE, axis="z"),
            track([1.0], site="thigh", quantity=Quantity.ANGLE, device="IMU"),
            track([1.0], None, "pelvis", quantity=Quantity.FORCE, device="mid"),
        ]
        found = analysis_of([measured_of([5])], recording=made_recording(*tracks))
        assert taken(found).devices == {SITE: Bilateral("E1", "E2"), "plate_z": Bilateral("P1", "")}

    def test_two_sensors_at_one_site(self):
        tracks = [
            track([1.0], device="E1"),
            track([1.0], quantity=Quantity.FORCE, device="F1"),
            track([1.0], axis="x", device="E1"),
            track([1.0], Side.RIGHT, device="E2"),
        ]
        found = analysis_of([measured_of([5])], recording=made_recording(*tracks))
        assert taken(found).devices == {SITE: Bilateral("E1 + F1", "E2")}

    def test_it_has_to_say_when_it_started(self):
        found = analysis_of([measured_of([5])])
        with pytest.raises(InputError, match=r"set\.csv: .*started"):
            taken(replace(found, recording=found.recording.with_(started=None)))

    def test_it_has_to_be_of_a_named_exercise(self):
        with pytest.raises(InputError, match="exercise="):
            taken(replace(analysis_of([measured_of([5])]), exercise=None))
