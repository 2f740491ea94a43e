from dataclasses import replace

import numpy as np

from glutebal.model import Channel, Quantity, Recording, Side, Track
from glutebal.report.axes import axes_together, labels_together, name_together
from glutebal.report.cells import quality_rows
from glutebal.report.listing import brief_block, recording_block
from glutebal.results import ChannelQuality, Finding, Grade

THIGH = Channel(Quantity.ANGULAR_RATE, Side.LEFT, "thigh", 100.0, axis="x", label="gx")


def triad(channel=THIGH):
    return [replace(channel, axis=axis, label=f"g{axis}") for axis in "xyz"]


def told(channels, facts=("100 Hz",)):
    return [(channel, facts) for channel in channels]


def test_three_axes_of_one_sensor_are_one():
    ((group, facts),) = axes_together(told(triad()))
    assert name_together(group) == "left thigh x y z angular rate"
    assert labels_together(group) == "gx, gy, gz"
    assert facts == ("100 Hz",)


def test_sides_quantities_and_sites_stay_apart():
    others = [
        replace(THIGH, side=Side.RIGHT),
        replace(THIGH, quantity=Quantity.ACCELERATION),
        replace(THIGH, site="shank"),
    ]
    assert len(axes_together(told([THIGH, *others]))) == 4


def test_an_axis_of_which_something_else_is_told_stays_apart():
    x, y, z = triad()
    groups = axes_together([*told([x, y]), (z, ("99 Hz",))])
    assert [name_together(group) for group, _ in groups] == ["left thigh x y angular rate", "left thigh z angular rate"]


def test_two_sensors_at_one_place_stay_two():
    assert [len(group) for group, _ in axes_together(told([*triad(), *triad()]))] == [3, 3]


def test_channels_without_an_axis_are_never_joined():
    force = Channel(Quantity.FORCE, Side.LEFT, "plate", 100.0)
    assert len(axes_together(told([force, replace(force, label="again")]))) == 2


def test_the_listings_have_a_line_per_triad():
    tracks = tuple(Track.of_samples(channel, np.arange(200.0)) for channel in triad())
    recording = Recording(tracks, source="walk.csv")
    assert brief_block(recording).splitlines() == [
        "walk.csv: 3 channels, 2.00 s",
        "  left thigh x y z angular rate, 100 Hz, 0 gaps",
    ]
    assert "  left  thigh x y z  angular rate  100 Hz  2.00 s  none           gx, gy, gz" in recording_block(
        recording, ()
    )


def test_the_quality_of_a_triad_is_a_row_and_a_bad_axis_its_own():
    x, y, z = triad()
    bad = ChannelQuality(z, (Finding("dead", Grade.BAD, "no signal"),))
    rows = quality_rows([ChannelQuality(x), ChannelQuality(y), bad])
    assert [(row["name"], row["grade"], row["label"]) for row in rows] == [
        ("Left thigh x y angular rate", "good", "gx, gy"),
        ("Left thigh z angular rate", "bad", "gz"),
    ]
    assert rows[1]["findings"] == "no signal"
