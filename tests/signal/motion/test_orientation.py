"""Orientation: laws of the filter, anchors on BROAD, restarts, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.io import loadmat

from glutebal.errors import RateError, SignalError
from glutebal.model import Channel, Quantity, Track
from glutebal.signal.motion import compiled_vqf, rotations
from glutebal.signal.motion.imu import Imu, ImuPiece, imu_of
from glutebal.signal.motion.orientation import Engine, OrientationFilter, orientation
from glutebal.signal.motion.stillness import first_quiet_moment, large_bias, opening_of, quiet_window

RATE = 100.0
SLOW, FAST = "02_undisturbed_slow_rotation_B", "21_undisturbed_fast_combined"
law = settings(derandomize=True, deadline=None, max_examples=25)
engines = pytest.mark.parametrize("engine", Engine)


def squats(n=3000, rest_s=3.0, bias_deg_s=(0.0, 0.0, 0.0), seed=1):
    """A thigh in squats of 60° every 3 s after a rest: angular rate, acceleration, and the true orientation."""
    t = np.maximum(np.arange(n) / RATE - rest_s, 0)
    flexion = -60 * (1 - np.cos(2 * np.pi * t / 3)) / 2
    truth = rotations.of_cardan_deg(np.stack([flexion, 3 * np.sin(np.pi * t / 3), 0 * t], axis=1))
    steps = rotations.multiply(rotations.conjugate(truth[:-1]), truth[1:])
    rate = 2 * steps[:, 1:] * RATE
    knee = rotations.rotate(truth, np.array([0.0, 0.0, -0.4]))
    force = np.gradient(np.gradient(knee, 1 / RATE, axis=0), 1 / RATE, axis=0) + np.array([0, 0, 9.80665])
    rng = np.random.default_rng(seed)
    gyr = np.concatenate([rate[:1], rate]) + np.deg2rad(bias_deg_s) + rng.normal(0, 0.003, (n, 3))
    return gyr, rotations.rotate(rotations.conjugate(truth), force) + rng.normal(0, 0.05, (n, 3)), truth


def thigh(*pieces, rate_hz=RATE):
    return Imu("thigh", None, rate_hz, tuple(ImuPiece(start, gyr, acc) for start, gyr, acc in pieces))


def rmse_deg(quats, truth, where=slice(None)):
    return float(np.sqrt(np.nanmean(rotations.inclination_deg(quats, truth)[where] ** 2)))


@pytest.fixture(scope="module")
def broad(shared_data):
    """A trial of BROAD: angular rate, acceleration, truth, movement, rate; 5 s of rest and 25 s of movement."""

    def trial(name):
        found = loadmat(shared_data / "broad" / f"{name}.mat", squeeze_me=True)
        rate, moving = float(found["sampling_rate"]), found["movement"].astype(bool)
        first = int(np.argmax(moving))
        part = slice(first - round(5 * rate), first + round(25 * rate))
        values = [np.ascontiguousarray(found[k][part], dtype=float) for k in ("imu_gyr", "imu_acc", "opt_quat")]
        return (*values, moving[part], rate)

    return trial


@pytest.mark.parametrize("name", [SLOW, FAST])
def test_on_broad_the_tilt_is_vqfs_own(broad, name):
    vqf = pytest.importorskip("vqf")
    gyr, acc, truth, moving, rate = broad(name)
    live = vqf.VQF(1 / rate).updateBatch(gyr, acc)["quat6D"]
    known = vqf.offlineVQF(gyr, acc, None, 1 / rate, {})["quat6D"]
    imu = thigh((0, gyr, acc), rate_hz=rate)
    for direct, offline in ((live, False), (known, True)):
        ours = orientation(imu, offline=offline).pieces[0].quats
        assert rmse_deg(ours, truth, moving) == pytest.approx(rmse_deg(direct, truth, moving), abs=0.05)  # degrees
        assert rmse_deg(ours, truth, moving) < 2.0


@pytest.mark.parametrize("name", [SLOW, FAST])
@pytest.mark.parametrize("offline", [False, True])
def test_on_broad_the_fallback_is_within_a_twentieth_of_a_degree(broad, name, offline):
    pytest.importorskip("vqf")
    gyr, acc, truth, moving, rate = broad(name)
    imu = thigh((0, gyr, acc), rate_hz=rate)
    one, other = (orientation(imu, offline=offline, engine=e).pieces[0].quats for e in (Engine.NUMPY, Engine.VQF))
    assert rmse_deg(one, truth, moving) <= rmse_deg(other, truth, moving) + 0.05


def test_on_broad_holes_of_50_ms_cost_little(broad):
    gyr, acc, truth, moving, rate = broad(FAST)
    holed = [values.copy() for values in (gyr, acc)]
    n = int(0.05 * rate)
    for at in (round(8 * rate), round(18 * rate)):
        for values in holed:
            values[at : at + n] = np.nan
    both = zip((Quantity.ANGULAR_RATE, Quantity.ACCELERATION), holed, strict=True)
    six = [
        Track.of_samples(Channel(q, None, "thigh", rate, axis=a), v[:, i]) for q, v in both for i, a in enumerate("xyz")
    ]
    bridged = orientation(imu_of(six)).pieces
    assert len(bridged) == 1
    whole = orientation(thigh((0, gyr, acc), rate_hz=rate)).pieces[0]
    assert rmse_deg(bridged[0].quats, truth, moving) < rmse_deg(whole.quats, truth, moving) + 0.1  # degrees
    assert bridged[0].uncertainty_deg > whole.uncertainty_deg


@engines
@law
@given(st.lists(st.integers(0, 1200), max_size=10), st.sampled_from([0.0, 0.7, 3.0]), st.sampled_from([0.0, 4.0]))
def test_any_cutting_gives_the_same_quaternions(engine, cuts, rest_s, bias):
    gyr, acc, _ = squats(1200, rest_s, (0, bias, 0))
    gyr, acc = (gyr, acc) if rest_s else (gyr[120:], acc[120:])
    whole = OrientationFilter(engine).start(RATE, 5)
    expected = whole.update(gyr, acc)
    run = OrientationFilter(engine).start(RATE, 5)
    parts = [run.update(*two) for two in zip(np.split(gyr, sorted(cuts)), np.split(acc, sorted(cuts)), strict=True)]
    np.testing.assert_allclose(np.concatenate(parts), expected, rtol=1e-12, atol=1e-12)
    assert (run.settled_from, run.position) == (whole.settled_from, whole.position)
    np.testing.assert_allclose(run.bias.rad_s, whole.bias.rad_s, rtol=1e-9, atol=1e-12)


@engines
def test_live_is_one_long_chunk(engine):
    gyr, acc, _ = squats()
    found = orientation(thigh((0, gyr, acc)), offline=False, engine=engine)
    np.testing.assert_array_equal(found.pieces[0].quats, OrientationFilter(engine).start(RATE).update(gyr, acc))


@engines
@pytest.mark.parametrize("offline", [False, True])
@settings(law, max_examples=10)
@given(st.integers(0, 1000))
def test_turning_the_sensor_turns_only_its_own_side(engine, offline, seed):
    gyr, acc, _ = squats(900)
    turn = np.random.default_rng(seed).normal(size=4)
    turn /= np.linalg.norm(turn)
    turned = [rotations.rotate(turn, values) for values in (gyr, acc)]
    one = orientation(thigh((0, gyr, acc)), offline=offline, engine=engine).pieces[0]
    other = orientation(thigh((0, *turned)), offline=offline, engine=engine).pieces[0]
    back = rotations.multiply(other.quats, np.broadcast_to(turn, (900, 4)))
    same = {Engine.NUMPY: 1e-6, Engine.VQF: 0.15}  # degrees; the bias limits of the compiled filter are per axis
    np.testing.assert_allclose(rotations.inclination_deg(back, one.quats), 0, atol=same[engine])
    assert one.settled_from == other.settled_from


@engines
@pytest.mark.parametrize("offline", [False, True])
def test_the_mirror_image_of_a_movement_has_the_mirror_image_of_its_orientation(engine, offline):
    gyr, acc, _ = squats(900, bias_deg_s=(0.3, 0.2, -0.1))
    one = orientation(thigh((0, gyr, acc)), offline=offline, engine=engine).pieces[0].quats
    mirrored = (gyr * np.array([-1, 1, -1]), acc * np.array([1, -1, 1]))
    other = orientation(thigh((0, *mirrored)), offline=offline, engine=engine).pieces[0].quats
    np.testing.assert_allclose(other * np.array([1, -1, 1, -1]), one, atol=1e-9)


@engines
@pytest.mark.parametrize("rate", [50.0, 200.0])
def test_another_rate_gives_the_same_tilt(engine, rate):
    gyr, acc, truth = squats()
    at = np.arange(0, 2999, RATE / rate)
    slow = [np.stack([np.interp(at, np.arange(3000), c) for c in v.T], axis=1) for v in (gyr, acc)]
    found = orientation(thigh((0, *slow), rate_hz=rate), engine=engine).pieces[0].quats
    same = slice(None) if rate < RATE else slice(None, None, 2)
    there = truth[:: round(RATE / rate)] if rate < RATE else truth[: len(found[same])]
    assert rmse_deg(found[same], there) < 0.4  # degrees; the noise is no longer white


@engines
@pytest.mark.parametrize(("offline", "most"), [(False, 0.3), (True, 0.15)])
@pytest.mark.parametrize("bias", [0.0, 0.8, 4.0, 8.0])
def test_squats_after_a_rest_whatever_the_bias(engine, offline, most, bias):
    gyr, acc, truth = squats(6000, bias_deg_s=np.array([0.8, -0.3, 0.52]) * bias)
    piece = orientation(thigh((0, gyr, acc)), offline=offline, engine=engine).pieces[0]
    assert rmse_deg(piece.quats, truth, piece.settled) < most  # degrees
    np.testing.assert_allclose(np.rad2deg(piece.bias[-1]), np.array([0.8, -0.3, 0.52]) * bias, atol=0.2)
    assert piece.rest[200:290].all()
    assert not piece.rest[400:].any()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("which", [0, 1])
@engines
def test_one_sample_that_is_not_finite_is_refused_and_changes_nothing(engine, which, bad):
    gyr, acc, _ = squats(600)
    run, other = (OrientationFilter(engine).start(RATE, name="left thigh") for _ in range(2))
    run.update(gyr[:300], acc[:300])
    broken = [gyr[300:].copy(), acc[300:].copy()]
    broken[which][21, 2] = bad
    title = ["angular rate", "acceleration"][which]
    with pytest.raises(SignalError, match=rf"left thigh z {title}: .* found {bad} at 3\.210 s \(sample 321\)"):
        run.update(*broken)
    expected = np.concatenate([other.update(gyr[:300], acc[:300]), other.update(gyr[300:], acc[300:])])[300:]
    np.testing.assert_array_equal(run.update(gyr[300:], acc[300:]), expected)


@pytest.mark.parametrize("offline", [False, True])
def test_a_piece_with_a_sample_that_is_not_finite_is_refused(offline):
    gyr, acc, _ = squats(600)
    gyr[100, 0] = np.nan
    with pytest.raises(SignalError, match=r"thigh x angular rate: .* nan at 2\.000 s"):
        orientation(thigh((100, gyr, acc)), offline=offline)


@engines
def test_a_start_in_movement_settles_at_the_first_quiet_moment(engine):
    gyr, acc, truth = squats(4000)
    moving = slice(430, 690)
    gyr, acc, truth = (np.concatenate([v[moving], np.repeat(v[690:691], 150, axis=0)]) for v in (gyr, acc, truth))
    gyr[260:] = 0
    acc[260:] = rotations.rotate(rotations.conjugate(truth[260:]), np.array([0, 0, 9.81]))
    run = OrientationFilter(engine).start(RATE, 10_000)
    quats = run.update(gyr, acc)
    assert 10_000 + 260 < run.settled_from <= 10_000 + 260 + quiet_window(RATE)
    settled = run.settled_from - 10_000
    assert rotations.inclination_deg(quats, truth)[settled:].max() < 0.5  # degrees, at once
    jump = rotations.multiply(quats[settled], rotations.conjugate(quats[settled - 1]))
    assert abs(rotations.heading_deg(jump)) < 0.01  # degrees: the sensor's own turn


@engines
def test_a_start_in_endless_movement_settles_after_some_seconds(engine):
    gyr, acc, truth = (values[430:] for values in squats(4000))
    live, offline = (orientation(thigh((430, gyr, acc)), offline=o, engine=engine).pieces[0] for o in (False, True))
    assert (live.settled_from, offline.settled_from) == (430 + 500, 430 + 200)
    rested = orientation(thigh((0, *squats(4000)[:2])), engine=engine).pieces[0]
    for piece in (live, offline):
        assert piece.uncertainty_deg > rested.uncertainty_deg
        assert rmse_deg(piece.quats, truth, piece.settled) < piece.uncertainty_deg


@engines
@pytest.mark.parametrize("offline", [False, True])
def test_after_a_hole_everything_begins_anew_but_the_bias(engine, offline):
    gyr, acc, truth = squats(6000, bias_deg_s=(3, -2, 1))
    imu = thigh((0, gyr[:2000], acc[:2000]), (2050, gyr[2050:], acc[2050:]), (6100, gyr[:50], acc[:50]))
    found = orientation(imu, offline=offline, engine=engine)
    assert [(p.start, p.stop) for p in found.pieces] == [(0, 2000), (2050, 6000), (6100, 6150)]
    second = found.pieces[1]
    assert second.settled_from > second.start
    np.testing.assert_allclose(np.rad2deg(second.bias[0]), (3, -2, 1), atol=0.3)
    assert rmse_deg(second.quats, truth[2050:], second.settled) < second.uncertainty_deg
    joined = found.filled(1990, 6000)
    assert np.isfinite(joined[:10]).all()
    assert np.isnan(joined[10 : second.settled_from - 1990]).all()
    np.testing.assert_array_equal(joined[second.settled_from - 1990 :], second.quats[second.settled_from - 2050 :])


@pytest.mark.parametrize("offline", [False, True])
def test_without_a_rest_the_fallback_knows_less_and_says_so(offline):
    gyr, acc, truth = (values[430:] for values in squats(6000, bias_deg_s=(0.3, -0.6, 0.4)))
    fallback, compiled = (
        orientation(thigh((430, gyr, acc)), offline=offline, engine=e).pieces[0] for e in (Engine.NUMPY, Engine.VQF)
    )
    assert fallback.uncertainty_deg > compiled.uncertainty_deg
    for piece in (fallback, compiled):
        assert not piece.rest.any()
        assert rmse_deg(piece.quats, truth, piece.settled) < 1.5 * piece.uncertainty_deg


@engines
@pytest.mark.parametrize("offline", [False, True])
def test_a_large_bias_is_measured_in_the_first_piece_that_begins_in_rest(engine, offline):
    bias = (3.0, -3.0, 1.0)
    gyr, acc, truth = squats(3000, bias_deg_s=bias)
    imu = thigh((0, gyr[430:1000], acc[430:1000]), (600, gyr, acc))
    first, second = orientation(imu, offline=offline, engine=engine).pieces
    assert not first.rest.any()
    np.testing.assert_allclose(np.rad2deg(second.bias[200]), bias, atol=0.1)
    assert rmse_deg(second.quats, truth, second.settled) < 0.3  # degrees


@engines
@pytest.mark.parametrize("offline", [False, True])
def test_on_a_body_the_first_sample_can_be_trusted_and_standing_is_rest(shared_data, engine, offline):
    found = loadmat(shared_data / "qmt" / "full_body_example_data.mat", squeeze_me=True, struct_as_record=False)
    pelvis = thigh((4000, found["hip"].gyr[:4000], found["hip"].acc[:4000]))  # standing from 40 to 44 s, then sitting
    piece = orientation(pelvis, offline=offline, engine=engine).pieces[0]
    assert piece.settled_from == 4000
    assert piece.rest[300:400].all()
    if not offline and engine is Engine.VQF:
        other = orientation(pelvis, offline=False, engine=Engine.NUMPY).pieces[0]
        assert rmse_deg(piece.quats, other.quats) < 0.5  # degrees


@engines
@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("offline", [False, True])
def test_a_piece_too_short_to_settle_says_so(engine, n, offline):
    gyr, acc, _ = squats(1000)
    (piece,) = orientation(thigh((7, gyr[400 : 400 + n], acc[400 : 400 + n])), offline=offline, engine=engine).pieces
    assert piece.quats.shape == (n, 4)
    assert piece.settled_from == piece.stop == 7 + n
    np.testing.assert_allclose(np.linalg.norm(piece.quats, axis=1), 1)


def test_no_piece_no_orientation():
    found = orientation(thigh())
    assert found.pieces == ()
    assert np.isnan(found.filled(0, 3)).all()


@engines
def test_an_empty_packet_changes_nothing(engine):
    run = OrientationFilter(engine).start(RATE)
    assert run.update(np.empty((0, 3)), np.empty((0, 3))).shape == (0, 4)
    assert run.position == 0


@pytest.mark.parametrize("rate", [0.0, -1.0, 2.0, np.nan])
def test_a_rate_that_cannot_be_is_refused(rate):
    with pytest.raises(RateError, match="at least 4 Hz"):
        OrientationFilter().start(rate, name="pelvis")


@pytest.mark.parametrize("shapes", [((5, 3), (4, 3)), ((5, 4), (5, 4)), ((3,), (3,))])
def test_triads_that_do_not_fit_are_refused(shapes):
    with pytest.raises(SignalError, match="one shape"):
        OrientationFilter().start(RATE).update(*(np.zeros(shape) for shape in shapes))


def test_without_the_compiled_filter_numpy_stands_in_and_says_so(monkeypatch):
    gyr, acc, _ = squats(300)
    monkeypatch.setattr("glutebal.signal.motion.engines.installed", lambda: False)
    found = orientation(thigh((0, gyr, acc)))
    assert "NumPy" in found.method
    expected = orientation(thigh((0, gyr, acc)), engine=Engine.NUMPY).pieces[0].quats
    np.testing.assert_array_equal(found.pieces[0].quats, expected)


def test_a_library_that_cannot_be_loaded_is_not_installed(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "vqf", None)
    assert not compiled_vqf.installed()


@law
@given(st.integers(1, 3000), st.sampled_from([0.0, 0.3, 3.0]), st.sampled_from([0.0, 3.0]))
def test_more_samples_do_not_change_how_a_run_should_have_begun(n, rest_s, bias):
    gyr, acc, _ = squats(3000, rest_s, (bias, 0, 0))
    early, late = opening_of(gyr[:n], acc[:n], RATE), opening_of(gyr, acc, RATE)
    assert early is None or early == late
    assert late is not None


def test_a_slow_turn_is_not_taken_for_a_bias():
    n = 300
    turn = rotations.of_rotation_vectors(np.deg2rad(np.outer(np.arange(n) / RATE, [4.0, 0.0, 0.0])))
    acc = rotations.rotate(rotations.conjugate(turn), np.array([0.0, 0.0, 9.81]))
    gyr = np.tile(np.deg2rad([4.0, 0.0, 0.0]), (n, 1))
    assert large_bias(gyr, acc, RATE) is None
    still = np.tile([0.0, 0.0, 9.81], (n, 1))
    assert np.rad2deg(large_bias(gyr, still, RATE).rad_s) == pytest.approx([4, 0, 0])
    assert large_bias(gyr[:100], still[:100], RATE) is None


def test_the_first_quiet_moment_is_found_across_blocks():
    gyr, acc, _ = squats(3000, rest_s=0)
    gyr, acc = gyr + 1.0, acc.copy()
    gyr[1500:1530], acc[1500:1530] = 0.0, [0.0, 0.0, 9.81]
    assert first_quiet_moment(gyr, acc, 30) == 1500
    assert first_quiet_moment(gyr[:1529], acc[:1529], 30) is None
