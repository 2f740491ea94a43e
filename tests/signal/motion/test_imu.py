"""Six tracks become one sensor: gaps, bridges, rates, and what is refused."""

import numpy as np
import pytest

from glutebal.errors import RateError, SignalError
from glutebal.model import Channel, Quantity, Recording, Side, Track
from glutebal.signal.motion.imu import ImuPiece, imu_of, imus, require_finite

RATE = 100.0
MOTION = (Quantity.ACCELERATION, Quantity.ANGULAR_RATE)


def signals(n=1000, seed=1):
    """A slow movement: acceleration near gravity, angular rate around zero; columns x, y, z."""
    t = np.arange(n)[:, None] / RATE
    phase = np.array([0.0, 1.0, 2.0]) + seed
    acc = np.array([0.0, 0.0, 9.81]) + 0.8 * np.sin(2 * np.pi * 0.7 * t + phase)
    return {Quantity.ACCELERATION: acc, Quantity.ANGULAR_RATE: 1.5 * np.cos(2 * np.pi * 0.7 * t + phase)}


def tracks(values, site="thigh", side=Side.LEFT, rate=RATE, start=0):
    return [
        Track.of_samples(Channel(q, side, site, rate, axis=axis), values[q][:, i], start)
        for q in MOTION
        for i, axis in enumerate("xyz")
    ]


def test_every_site_and_side_is_one_sensor_in_the_order_of_the_channels():
    places = [("pelvis", None), ("thigh", Side.RIGHT), ("thigh", Side.LEFT)]
    recording = Recording(tuple(t for place in places for t in tracks(signals(), *place)))
    found = imus(recording)
    assert [(imu.site, imu.side) for imu in found] == places
    assert [imu.name for imu in found] == ["pelvis", "right thigh", "left thigh"]
    assert [(imu.start, imu.stop, imu.n_samples, len(imu.pieces)) for imu in found] == [(0, 1000, 1000, 1)] * 3


def test_columns_are_x_y_z_whatever_the_order_of_the_tracks():
    values = signals()
    piece = imu_of(reversed(tracks(values, start=77))).pieces[0]
    np.testing.assert_array_equal(piece.acc, values[Quantity.ACCELERATION])
    np.testing.assert_array_equal(piece.gyr, values[Quantity.ANGULAR_RATE])
    assert (piece.start, piece.stop, piece.holes, piece.filled) == (77, 1077, 0, 0)


def test_only_what_all_six_recorded_counts():
    six = tracks(signals())
    six[0] = six[0].between(100, 1000)
    six[4] = six[4].between(0, 900)
    imu = imu_of(six)
    assert [(p.start, p.stop) for p in imu.pieces] == [(100, 900)]


@pytest.mark.parametrize(
    ("rate", "hole", "pieces"), [(100.0, 5, 1), (100.0, 6, 2), (25.0, 1, 1), (25.0, 2, 2), (10.0, 1, 2)]
)
def test_a_hole_of_at_most_50_ms_is_bridged_and_counted(rate, hole, pieces):
    values = signals()
    values[Quantity.ANGULAR_RATE][500 : 500 + hole, 1] = np.nan
    imu = imu_of(tracks(values, rate=rate))
    assert len(imu.pieces) == pieces
    assert sum(p.filled for p in imu.pieces) == (hole if pieces == 1 else 0)
    assert sum(p.holes for p in imu.pieces) == (1 if pieces == 1 else 0)
    assert imu.n_samples == (1000 if pieces == 1 else 1000 - hole)


def test_a_bridge_goes_on_as_the_signal_went_and_leaves_what_was_recorded():
    values, whole = signals(), signals()
    for quantity in MOTION:
        values[quantity][300:305] = np.nan
    values[Quantity.ACCELERATION][700:703, 2] = np.nan
    piece = imu_of(tracks(values)).pieces[0]
    assert (piece.holes, piece.filled) == (2, 8)
    # rad/s, m/s²: a straight line misses by up to 0.03 here
    np.testing.assert_allclose(piece.gyr, whole[Quantity.ANGULAR_RATE], atol=0.006)
    np.testing.assert_allclose(piece.acc, whole[Quantity.ACCELERATION], atol=0.006)
    np.testing.assert_array_equal(piece.gyr[700:703], whole[Quantity.ANGULAR_RATE][700:703])


def test_a_bridge_between_two_lone_samples_is_a_straight_line():
    values = signals(9)
    for quantity in MOTION:
        values[quantity][:] = 5 + np.arange(9)[:, None] ** 2 / 10
        values[quantity][[1, 2, 3, 5, 6, 7]] = np.nan
    piece = imu_of(tracks(values)).pieces[0]
    np.testing.assert_allclose(piece.gyr[:, 0], [5.0, 5.4, 5.8, 6.2, 6.6, 7.8, 9.0, 10.2, 11.4])


def test_holes_at_the_edges_are_not_bridged():
    six = tracks(signals())
    holed = signals()[Quantity.ACCELERATION][:, 0].copy()
    holed[[1, 2, 997, 998]] = np.nan
    six[0] = Track.of_samples(six[0].channel, holed)
    six[1] = six[1].between(2, 998)
    assert [(p.start, p.stop, p.holes) for p in imu_of(six).pieces] == [(3, 997, 0)]


def test_nothing_in_common_is_no_piece():
    six = tracks(signals())
    six[0], six[1] = six[0].between(0, 400), six[1].between(500, 1000)
    imu = imu_of(six)
    assert (imu.pieces, imu.start, imu.stop, imu.n_samples) == ((), 0, 0, 0)


def test_what_is_missing_is_named():
    six = [t for t in tracks(signals()) if t.channel.axis != "y" or t.channel.quantity is Quantity.ACCELERATION]
    with pytest.raises(SignalError, match=r"walk\.csv: left thigh: .* found no angular rate y"):
        imus(Recording(tuple(six), source="walk.csv"))


def test_two_sensors_in_one_place_are_refused():
    six = tracks(signals())
    again = Track.of_samples(Channel(Quantity.ACCELERATION, Side.LEFT, "thigh", RATE, "other", "x"), np.full(1000, 1.0))
    with pytest.raises(SignalError, match="two channels of acceleration x"):
        imus(Recording((*six, again)))


def test_an_acceleration_alone_is_no_sensor():
    six = tracks(signals())
    alone = [t for t in tracks(signals(), "gluteus_maximus") if t.channel.quantity is Quantity.ACCELERATION]
    assert [imu.site for imu in imus(Recording((*alone, *six)))] == ["thigh"]
    assert imus(Recording(tuple(alone))) == ()


def test_unequal_rates_are_refused():
    fast = [t for t in tracks(signals(), rate=104.0) if t.channel.quantity is Quantity.ANGULAR_RATE]
    slow = [t for t in tracks(signals(), rate=52.0) if t.channel.quantity is Quantity.ACCELERATION]
    with pytest.raises(RateError, match=r"left thigh x acceleration at 52 Hz and left thigh x angular rate at 104 Hz"):
        imus(Recording((*fast, *slow)))


@pytest.mark.parametrize("factor", [1 / 9.81, 0.0, 1000.0])
def test_an_acceleration_that_is_not_near_gravity_is_refused(factor):
    values = signals()
    values[Quantity.ACCELERATION] *= factor
    with pytest.raises(SignalError, match="left thigh: needed an acceleration near gravity"):
        imu_of(tracks(values))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_sample_that_is_not_finite_is_named_with_its_time(bad):
    values = np.zeros((100, 3))
    values[42, 1] = bad
    with pytest.raises(SignalError, match=rf"left thigh y angular rate: .* found {bad} at 10\.420 s \(sample 1042\)"):
        require_finite(values, "angular rate", "left thigh", 1000, RATE)


def test_a_piece_is_a_copy_that_cannot_be_written():
    gyr, acc = np.zeros((5, 3)), np.ones((5, 3))
    piece = ImuPiece(0, gyr, acc)
    gyr[0] = 7
    assert piece.gyr[0, 0] == 0
    with pytest.raises(ValueError, match="read-only"):
        piece.acc[0] = 1


def test_triads_of_two_lengths_are_refused():
    with pytest.raises(SignalError, match="one shape"):
        ImuPiece(0, np.zeros((5, 3)), np.zeros((4, 3)))


def test_the_mirror_image_of_a_recording_has_the_same_samples_on_the_other_side():
    recording = Recording(tuple(tracks(signals())))
    (one,), (other,) = imus(recording), imus(recording.swapped())
    assert other.side is Side.RIGHT
    np.testing.assert_array_equal(one.pieces[0].gyr, other.pieces[0].gyr)
