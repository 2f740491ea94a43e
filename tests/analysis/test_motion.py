"""`analyse` of inertial recordings: what was planted in a simulated body is found, its mirror image flips it."""

import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

import glutebal as gb
from glutebal.analysis.record_of import session_of
from glutebal.analysis.result import Result
from glutebal.cli import main
from glutebal.errors import GlutebalError, InputError, SignalError
from glutebal.model import Bilateral, Channel, Quantity, Recording, Side, Track
from glutebal.results import Laterality, SetBalance, Status
from glutebal.signal.motion.calibration_file import save_calibration
from glutebal.testing.bodies import BodySet, GaitPlan, SensorPlan, simulate_body

SHARE = Bilateral(1.0, 0.85)


@pytest.fixture(scope="module")
def squat() -> BodySet:
    return simulate_body(11, exercise="squat", reps=6, shift_m=(-0.01, 0.04))


@pytest.fixture(scope="module")
def squatted(squat: BodySet) -> Result:
    return gb.analyse(squat.recording)


@pytest.fixture(scope="module")
def hinge() -> BodySet:
    return simulate_body(12, exercise="single_leg_deadlift", reps=5, rom=SHARE, pelvic_drop_deg=Bilateral(0.0, 9.0))


@pytest.fixture(scope="module")
def hinged(hinge: BodySet) -> Result:
    return gb.analyse(hinge.recording)


@pytest.fixture(scope="module")
def walk() -> BodySet:
    plan = GaitPlan(swing_ratio=1.2, ways=4)
    return simulate_body(13, exercise="walking", functional_reps=0, gait=plan, sensors=SensorPlan(sites=("foot",)))


def balance(result: Result, measure: str) -> SetBalance:
    return next(b for b in result.analysis.balances if b.measure == measure)


def only(recording: Recording, keep) -> Recording:
    return replace(recording, tracks=tuple(t for t in recording.tracks if keep(t.channel)))


def cut(recording: Recording, start_s: float) -> Recording:
    tracks = [t.between(round(start_s * t.channel.rate_hz), t.stop) for t in recording.tracks]
    return replace(recording, tracks=tuple(tracks))


def mirrored(recording: Recording) -> Recording:
    """The mirror image of the body with its sensors: y turns round, and what turns about x and z."""

    def image(track: Track) -> Track:
        turns = track.channel.quantity is Quantity.ANGULAR_RATE
        flips = track.channel.axis in (("x", "z") if turns else ("y",))
        return track.scaled(-1.0) if flips else track

    return replace(recording, tracks=tuple(image(t) for t in recording.tracks)).swapped()


def with_gap(recording: Recording, site: str, side: Side | None, start_s: float, stop_s: float) -> Recording:
    def holed(track: Track) -> Track:
        if (track.channel.site, track.channel.side) != (site, side):
            return track
        samples = track.filled()
        a, b = (round(t * track.channel.rate_hz) - track.start for t in (start_s, stop_s))
        samples[a:b] = np.nan
        return Track.of_samples(track.channel, samples, track.start)

    return replace(recording, tracks=tuple(holed(t) for t in recording.tracks))


def with_emg(simulated: BodySet, rate_hz: float = 1000.0) -> Recording:
    """Noise that is loud during every true repetition, on both sides."""
    rng = np.random.default_rng(5)
    times = np.arange(int(simulated.recording.duration_s * rate_hz)) / rate_hz
    loud = np.any([(times >= r.start_s) & (times < r.stop_s) for r in simulated.truth.reps], axis=0)
    gain = np.convolve(np.where(loud, 1e-4, 2e-6), np.ones(100) / 100, mode="same")
    channels = [Channel(Quantity.EMG, side, "gluteus_maximus", rate_hz) for side in Side]
    emg = [Track.of_samples(c, gain * rng.normal(size=times.size)) for c in channels]
    return replace(simulated.recording, tracks=(*emg, *simulated.recording.tracks))


def test_every_rep_of_the_set_is_counted_with_its_phases(squat, squatted):
    found = squatted.analysis.segmentation
    assert len(found.reps) == len(squat.truth.whole_reps)
    assert "motion of pelvis, thigh" in found.method
    for rep, true in zip(found.reps, squat.truth.whole_reps, strict=True):
        assert rep.start_s == pytest.approx(true.start_s, abs=0.25)  # s, borders of a slow start
        assert [phase.name for phase in rep.phases] in (
            ["eccentric", "concentric"],
            ["eccentric", "hold", "concentric"],
        )


def test_a_planted_shift_is_found_in_cm_with_its_slope(squat, squatted):
    shift = balance(squatted, "lateral_shift")
    times_s, truth = squat.truth.times_s, squat.truth
    true = [100 * float(np.interp(r.turn_s, times_s, truth.angles.shift_m)) for r in truth.whole_reps]
    assert shift.unit == "cm"
    assert shift.log_ratio.status is Status.NOT_A_RATIO
    assert shift.difference.low < np.mean(true) < shift.difference.high
    assert shift.difference.value == pytest.approx(np.mean(true), abs=1.5)  # cm, 1° of tilt of a leg
    assert shift.drift.low < np.polyfit(range(6), true, 1)[0] < shift.drift.high
    assert shift.drift.value == pytest.approx(1.0, abs=0.3)  # 5 cm over five steps


def test_a_symmetric_squat_claims_no_difference_of_range(squatted):
    for measure in ("hip_flexion_rom", "knee_flexion_rom"):
        found = balance(squatted, measure).difference
        assert found.low < 0 < found.high
        assert found.n == 6
    table = squatted.balance.set_index("measure")
    assert table.loc["hip_flexion_rom", "unit"] == "deg"
    assert table.loc["hip_flexion_rom", "claim"] == "below"


def test_a_planted_mismatch_of_range_and_a_planted_drop_are_found(hinge, hinged):
    angles, times_s = hinge.truth.angles, hinge.truth.times_s
    assert hinged.analysis.segmentation.laterality is Laterality.UNILATERAL
    ranges = Bilateral.per_side(lambda side: [
        float(np.ptp(angles.legs[side].hip_flexion[(times_s >= r.start_s) & (times_s < r.stop_s)]))
        for r in hinge.truth.whole_reps if r.side is side
    ])  # fmt: skip
    true = np.mean(ranges.right) - np.mean(ranges.left)
    found = balance(hinged, "hip_flexion_rom").difference
    assert true < -8
    assert found.low < true < found.high < 0
    drops = Bilateral.per_side(lambda side: [p.drop_deg for p in hinge.truth.single_phases if p.side is side])
    drop = balance(hinged, "pelvic_drop")
    assert drop.difference.low < np.mean(drops.right) - np.mean(drops.left) < drop.difference.high
    assert drop.difference.value > 5
    assert drop.sides.right.value == pytest.approx(np.mean(drops.right), abs=2.5)  # deg, the largest of the phase


def test_the_mirror_image_flips_every_difference_and_nothing_else(hinge, hinged):
    image = gb.analyse(mirrored(hinge.recording))
    assert [b.measure for b in image.analysis.balances] == [b.measure for b in hinged.analysis.balances]
    for seen, own in zip(image.analysis.balances, hinged.analysis.balances, strict=True):
        signless = own.measure == "lumbar_tilt_at_lockout"  # forwards stays forwards
        sign = 1.0 if signless else -1.0
        assert seen.difference.value == pytest.approx(sign * own.difference.value, abs=0.02)  # deg
        assert seen.difference.n == own.difference.n
        if not signless:
            assert seen.difference.low == pytest.approx(-own.difference.high, abs=0.05)
            assert seen.sides.left.value == pytest.approx(own.sides.right.value, abs=0.02)
    swapped = [rep.side.other for rep in hinged.analysis.segmentation.reps]
    assert [rep.side for rep in image.analysis.segmentation.reps] == swapped


def test_without_a_calibration_gravity_alone_still_tells_how_far_the_legs_leaned(squat):
    bare = cut(squat.recording, squat.truth.functional[-1].stop_s + 0.5)
    result = gb.analyse(bare)
    assert len(result.analysis.segmentation.reps) == 6
    lean = balance(result, "thigh_lean_range").difference
    assert lean.status is Status.OK
    assert abs(lean.value) < 3  # deg; nothing was planted
    for measure in ("hip_flexion_rom", "knee_flexion_rom", "pelvic_obliquity", "lateral_shift"):
        found = balance(result, measure).difference
        assert found.status is Status.REFUSED
        assert found.reason.startswith("no calibration: ")
    assert any("no calibration" in warning for warning in result.warnings)
    assert result.motion_view.curves == ()
    assert result.motion_view.reason.startswith("no calibration")


def test_a_calibration_may_be_handed_in_as_an_object_a_file_or_its_recording(squat, squatted, tmp_path):
    start_s = squat.truth.functional[-1].stop_s + 0.5
    bare, session = cut(squat.recording, start_s), squat.recording
    found = gb.calibrate(session)
    file = save_calibration(found, tmp_path / "squat.calibration.json")
    by_object, by_file, by_recording = (gb.analyse(bare, calibration=c) for c in (found, file, session))
    values = [[b.difference.value for b in r.analysis.balances] for r in (by_object, by_file, by_recording)]
    np.testing.assert_array_equal(values[0], values[1])
    np.testing.assert_array_equal(values[0], values[2])
    rom = balance(by_object, "hip_flexion_rom").sides.left.value
    assert rom == pytest.approx(balance(squatted, "hip_flexion_rom").sides.left.value, abs=3)  # deg


def test_a_calibration_of_other_sensors_is_an_error(squat):
    feet = gb.calibrate(squat.recording)
    named = replace(feet, segments=tuple(replace(s, site="foot") for s in feet.segments if s.side))
    with pytest.raises(InputError, match="a calibration of pelvis"):
        gb.analyse(squat.recording, calibration=named)
    with pytest.raises(InputError, match="int"):
        gb.analyse(squat.recording, calibration=3)


def test_thighs_alone_have_no_joint_to_draw_and_say_so(squat):
    kept = tuple(t for t in squat.recording.tracks if t.channel.site == "thigh")
    result = gb.analyse(squat.recording.with_(tracks=kept), exercise="squat")
    assert result.motion_view.curves == ()
    assert "no joint" in result.motion_view.reason


def test_sensors_on_one_side_only_have_values_there_and_reasons_elsewhere(squat):
    known = gb.calibrate(squat.recording)
    result = gb.analyse(only(squat.recording, lambda c: c.side is not Side.LEFT), calibration=known)
    hip = balance(result, "hip_flexion_rom")
    assert hip.sides.right.status is Status.OK
    assert hip.sides.right.value > 60
    assert hip.difference.status is Status.REFUSED
    assert hip.difference.reason == "no inertial sensor at the left thigh"
    assert balance(result, "pelvic_obliquity").difference.status is Status.OK
    assert "no inertial sensor" in balance(result, "lateral_shift").difference.reason


def test_a_hole_is_told_and_costs_only_the_reps_that_touch_it(squat):
    third = squat.truth.whole_reps[2]
    shank = with_gap(squat.recording, "shank", Side.LEFT, third.turn_s - 0.3, third.turn_s + 0.3)
    result = gb.analyse(shank)
    told = [warning for warning in result.warnings if warning.startswith("left shank: nothing was recorded for 0.6 s")]
    assert len(told) == 1
    knee = balance(result, "knee_flexion_rom")
    assert [rep.difference.status for rep in knee.reps].count(Status.REFUSED) == 1
    assert knee.reps[2].difference.reason == "the left knee was not recorded throughout the rep"
    assert balance(result, "hip_flexion_rom").difference.n == 6


def test_swapped_sensors_are_told():
    worn = simulate_body(14, reps=0, sensors=SensorPlan(swapped=True))
    found = gb.calibrate(worn.recording, first=Side.RIGHT)
    assert found.swapped
    result = gb.analyse(worn.recording, calibration=found)
    assert any("on the wrong side" in warning for warning in result.warnings)
    assert "the calibration cannot be used: joint angles are left out" in result.warnings
    assert result.analysis.angles == ()
    assert result.analysis.segmentation.reps == ()  # the movements of a calibration are no repetitions


def test_effort_and_motion_are_fused_and_the_muscle_is_measured_in_the_phases(squat):
    result = gb.analyse(with_emg(squat))
    found = result.analysis.segmentation
    assert len(found.reps) == 6
    assert found.method.startswith("fused: motion of pelvis, thigh")
    measures = {b.measure for b in result.analysis.balances}
    assert {"activation", "activation_eccentric", "hip_flexion_rom", "lateral_shift"} <= measures
    assert balance(result, "activation").log_ratio.status is Status.UNCALIBRATED


def test_without_inertial_sensors_on_the_body_nothing_of_motion_is_added(squat):
    muscles = only(with_emg(squat), lambda c: c.quantity is Quantity.EMG)
    on_muscle = [t.on(replace(t.channel, site="vastus_lateralis")) for t in squat.recording.tracks if t.channel.side]
    chosen = [t for t in on_muscle if t.channel.device.endswith("thigh")]
    alone, carried = gb.analyse(muscles), gb.analyse(replace(muscles, tracks=(*muscles.tracks, *chosen)))
    assert alone.analysis.balances == carried.analysis.balances
    assert alone.analysis.segmentation == carried.analysis.segmentation
    assert carried.analysis.angles == ()


def test_a_walk_with_a_planted_asymmetry_of_swing(walk):
    result = gb.analyse(walk.recording)
    swing = balance(result, "swing_time")
    assert result.analysis.segmentation.laterality is Laterality.CYCLIC
    assert swing.difference is None
    assert swing.log_ratio.low > 0.08
    assert swing.log_ratio.low < np.log(1.2) < swing.log_ratio.high + 0.02
    assert "block bootstrap" in swing.log_ratio.method
    assert "smallest change between two such walks" in swing.log_ratio.method
    stance = balance(result, "stance_time").log_ratio
    assert stance.high < 0
    image = gb.analyse(mirrored(walk.recording))
    for seen, own in zip(image.analysis.balances, result.analysis.balances, strict=True):
        assert seen.log_ratio.value == pytest.approx(-own.log_ratio.value, abs=1e-6)


def test_a_walk_needs_no_name(walk):
    unnamed = gb.analyse(walk.recording.with_(exercise=None))
    assert unnamed.analysis.segmentation.laterality is Laterality.CYCLIC
    assert any("read as walking" in warning for warning in unnamed.warnings)


def test_what_cannot_be_a_sample_names_channel_and_time(squat):
    with pytest.raises(GlutebalError, match=r"left thigh x angular rate.*at 1\.500 s"):
        Track(
            (channel := Channel(Quantity.ANGULAR_RATE, Side.LEFT, "thigh", 100.0, axis="x")),
            (gb.Chunk(channel, 100, np.where(np.arange(100) == 50, np.nan, 0.0)),),
        )
    no_axis = only(squat.recording, lambda c: not (c.site == "thigh" and c.axis == "z"))
    with pytest.raises(SignalError, match="no angular rate z"):
        gb.analyse(no_axis)


def test_the_view_has_curves_of_both_sides_and_postures_that_stand_on_one_level(squat, squatted):
    view = squatted.motion_view
    assert [curve.name for curve in view.curves] == [
        *("hip_flexion", "hip_abduction", "knee_flexion", "pelvic_tilt", "pelvic_obliquity"),
    ]
    flexion = view.curves[0].curves
    truth, times_s = squat.truth, squat.truth.times_s
    for side in Side:
        true = [np.interp(r.turn_s, times_s, truth.angles.legs[side].hip_flexion) for r in truth.whole_reps]
        assert flexion[side].n == 6
        assert flexion[side].mean.max() == pytest.approx(np.mean(true), abs=5)  # deg
    start, turn = view.poses
    assert (start.name, turn.title, turn.n) == ("start", "deepest", 6)
    ankles = [turn.joints_m["ankle", side] for side in Side]
    assert ankles[0][2] == pytest.approx(ankles[1][2], abs=0.05)  # m
    assert start.joints_m["hip", Side.LEFT][2] - start.joints_m["ankle", Side.LEFT][2] > 0.75
    assert [phase.name for phase in view.phases] == ["eccentric", "concentric"]


def test_history_keeps_what_motion_measured(squatted, tmp_path):
    with gb.History(tmp_path / "motion.db") as history:
        history.add(squatted, athlete="simulated", day="2026-01-05")
        sets = history.sets().set_index("measure")
    assert sets.loc["lateral_shift", "difference"] == pytest.approx(balance(squatted, "lateral_shift").difference.value)
    assert sets.loc["lateral_shift", "unit"] == "cm"


def test_running_has_flight_and_no_double_support():
    plan = GaitPlan(ways=2, way_m=40.0)
    run = simulate_body(15, exercise="running", functional_reps=0, gait=plan, sensors=SensorPlan(sites=("shank",)))
    measures = {b.measure for b in gb.analyse(run.recording).analysis.balances}
    assert "flight_time" in measures
    assert "double_support_time" not in measures


def test_a_pelvis_alone_counts_and_says_what_it_cannot_know(squat):
    result = gb.analyse(only(squat.recording, lambda c: c.site == "pelvis"))
    assert len(result.analysis.segmentation.reps) >= 6
    assert any("only a sensor on the trunk" in warning for warning in result.warnings)
    assert balance(result, "pelvic_obliquity").difference.status is Status.REFUSED


def test_a_force_split_comes_before_the_tilts(squat):
    """55 to 45 with the feet 0.4 m apart is 2 cm, whatever the tilts say."""
    n = round(squat.recording.duration_s * 100)
    loads = Bilateral(360.0, 440.0)
    at_turns = np.zeros(n)
    for rep in squat.truth.reps:
        at_turns[round(rep.start_s * 100) : round(rep.stop_s * 100)] = 200.0
    plates = [
        Track.of_samples(Channel(Quantity.FORCE, side, "plate", 100.0), loads[side] * (1 + at_turns / 400))
        for side in Side
    ]
    both = replace(squat.recording, tracks=(*plates, *squat.recording.tracks))
    shift = balance(gb.analyse(both, settings=gb.Settings(stance_width_m=0.4)), "lateral_shift")
    assert shift.reps[0].difference.value == pytest.approx(2.0, abs=1e-6)
    assert "force split" in shift.reps[0].difference.method
    tilts = balance(gb.analyse(both), "lateral_shift")
    assert "leg chain" in tilts.reps[0].difference.method


def test_sensors_of_different_rates_have_no_joint_angles_and_say_why(squat):
    def halved(track: Track) -> Track:
        if track.channel.site != "shank":
            return track
        return Track.of_samples(replace(track.channel, rate_hz=50.0), track.values()[::2])

    slower = replace(squat.recording, tracks=tuple(halved(t) for t in squat.recording.tracks))
    result = gb.analyse(slower)
    assert len(result.analysis.segmentation.reps) == 6
    assert any("different sampling rates" in w and "left shank 50 Hz" in w for w in result.warnings)
    assert balance(result, "hip_flexion_rom").difference.status is Status.REFUSED


def test_many_holes_are_one_sentence(squat):
    leaky = squat.recording
    for k in range(5):
        leaky = with_gap(leaky, "shank", Side.RIGHT, 40.0 + 4 * k, 40.2 + 4 * k)
    told = [warning for warning in gb.analyse(leaky).warnings if warning.startswith("right shank")]
    assert len(told) == 1
    assert "nothing was recorded 5 times from 40.0 s on, 1.0 s in all" in told[0]


def test_a_sensor_that_slipped_since_its_calibration_is_told(squat):
    known = gb.calibrate(squat.recording)
    tilt = np.deg2rad(8.0)
    turn = np.array([[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]])
    moved = [
        replace(s, mount=tuple(map(tuple, (turn @ s.matrix).tolist()))) if s.name == "left thigh" else s
        for s in known.segments
    ]
    result = gb.analyse(squat.recording, calibration=replace(known, segments=tuple(moved)))
    assert any(w.startswith("left thigh: in standing it is 8° away from its calibration") for w in result.warnings)


def test_foot_strike_events_beside_inertial_sensors_time_the_strides_of_both(walk):
    truth = walk.truth.gait
    strikes = [gb.Event(float(t), "foot strike", side) for side in Side for t in truth[side].heel_strikes_s]
    marked = walk.recording.with_(events=tuple(sorted(strikes, key=lambda e: e.time_s)))
    result = gb.analyse(marked)
    assert result.analysis.segmentation.laterality is Laterality.CYCLIC
    assert balance(result, "swing_time").log_ratio.low > 0.05


def test_a_calibration_without_sensors_is_an_error(squat):
    muscles = only(with_emg(squat), lambda c: c.quantity is Quantity.EMG)
    with pytest.raises(InputError, match="inertial sensors on the body for a calibration"):
        gb.analyse(muscles, calibration=gb.calibrate(squat.recording))


def test_the_command_line_takes_a_stored_calibration(squat, tmp_path):
    bare = cut(squat.recording, squat.truth.functional[-1].stop_s + 0.5)
    file = gb.save(bare, tmp_path / "squat.glutebal")
    mounts = save_calibration(gb.calibrate(squat.recording), tmp_path / "squat.calibration.json")
    done = CliRunner().invoke(main, ["analyse", str(file), "--calibration", str(mounts), "--json"])
    assert done.exit_code == 0, done.output
    rows = {row["measure"]: row for row in json.loads(done.stdout)["balance"]}
    assert rows["hip_flexion_rom"]["difference_status"] == "ok"
    assert rows["hip_flexion_rom"]["unit"] == "deg"


def test_one_sensor_that_slipped_far_costs_only_what_needs_it(squat):
    known = gb.calibrate(squat.recording)
    turned = np.array([[1.0, 0.0, 0.0], [0.0, 0.8, -0.6], [0.0, 0.6, 0.8]])  # by 37° about x
    moved = [
        replace(s, mount=tuple(map(tuple, (turned @ s.matrix).tolist()))) if s.name == "left shank" else s
        for s in known.segments
    ]
    result = gb.analyse(squat.recording, calibration=replace(known, segments=tuple(moved)))
    knee = balance(result, "knee_flexion_rom").difference
    assert knee.status is Status.REFUSED
    assert knee.reason.startswith("left shank: in standing it is 37° away")
    assert balance(result, "hip_flexion_rom").difference.status is Status.OK


def test_a_session_keeps_the_curves_and_postures_of_its_recordings(squatted):
    record = session_of(squatted, athlete="A-01", day="2026-03-02").recordings[0]
    view = squatted.motion_view
    assert [curve.name for curve in record.curves] == [curve.name for curve in view.curves]
    for kept, made in zip(record.curves, view.curves, strict=True):
        assert np.abs(kept.curves.left.mean - made.curves.left.mean).max() <= 0.005 + 1e-9  # deg, as rounded
        assert kept.curves.left.n == made.curves.left.n
    assert [pose.notes for pose in record.poses] == [pose.notes for pose in view.poses]
    hip = view.poses[1].joints_m["hip", Side.LEFT]
    assert record.poses[1].joints_m["hip", Side.LEFT] == pytest.approx(hip, abs=0.0005 + 1e-9)  # m, as rounded


def test_a_session_without_calibration_keeps_no_curves(squat):
    bare = gb.analyse(cut(squat.recording, squat.recording.duration_s / 2), exercise="squat")
    record = session_of(bare, athlete="A-01", day="2026-03-02").recordings[0]
    assert (record.curves, record.poses) == ((), ())


def test_a_history_of_motion_is_followed_in_degrees(squatted, tmp_path):
    with gb.History(tmp_path / "motion.db") as history:
        history.add(squatted, athlete="A-01", day="2026-03-02")
        found = history.trend(measure="lateral_shift")
        assert found.summary["unit"].iloc[0] == "cm"
        assert "Too early to say: 1 session" in found.headline
        page = gb.report(history.session()).html
    assert 'aria-label="Hip flexion from 0 to 100 % of the rep' in page
    assert 'aria-label="Stick figures' in page
