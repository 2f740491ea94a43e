"""What streams and markers of the Lab Streaming Layer say."""

import pytest

from glutebal.coach.cues import Cue, CueKind, Severity
from glutebal.ingest.labels import read_label
from glutebal.ingest.units import conversion
from glutebal.live.events import CueGiven, LiveRep, RepFinished, RepRevised, RepStarted, Rested, SetEnded, SetStarted
from glutebal.live.lsl_words import Content, Marker, content_of, described, markers, printable, stream_name, unit_of
from glutebal.model import Bilateral, Channel, Quantity, Side
from glutebal.results import Estimate, Rep


def channel(quantity=Quantity.EMG, side=Side.LEFT, site="gluteus_maximus", axis=""):
    return Channel(quantity, side, site, 1000.0, device="GB-L 4F2A", axis=axis)


def live_rep(number=3, side=None):
    none = Estimate(0.0)
    rep = Rep(number, 250, 400, 100.0, side=side)
    return LiveRep(number, rep, "mean", "plate", "N", Bilateral(none, none), none, none)


@pytest.mark.parametrize("quantity", Quantity, ids=lambda q: q.name)
def test_the_unit_that_is_sent_leads_back_to_the_unit_of_the_library(quantity):
    unit, factor = unit_of(quantity)
    back, scale = conversion(unit)
    assert back is quantity
    assert factor * scale == pytest.approx(1.0, rel=1e-15)


@pytest.mark.parametrize("quantity", Quantity, ids=lambda q: q.name)
@pytest.mark.parametrize("side", Side)
def test_a_label_says_side_and_axis_to_our_own_reader(quantity, side):
    entries = described(channel(quantity, side, "thigh", "x"))
    read = read_label(f"glutebal {content_of(channel(quantity)).title} {side.value}: {entries['label']}", quantity)
    assert (read.side, read.axis) == (side, "x")


def test_a_channel_describes_itself():
    assert described(channel(Quantity.ACCELERATION, None, "pelvis", "y")) == {
        "label": "midline pelvis y acceleration",
        "unit": "m/s2",
        "type": "AccelerationY",
        "quantity": "acceleration",
        "side": "midline",
        "site": "pelvis",
        "axis": "y",
    }
    assert described(channel(Quantity.FORCE, axis="heel"))["type"] == "Force"


def test_a_stream_of_one_side_has_it_in_its_name():
    assert stream_name("glutebal", [channel(), channel(site="gluteus_medius")]) == "glutebal EMG left"
    assert stream_name("glutebal", [channel(), channel(side=Side.RIGHT)]) == "glutebal EMG"
    assert stream_name("glutebal", [channel(Quantity.ANGULAR_RATE, None, "pelvis")]) == "glutebal motion"


def test_types_are_those_of_the_layer():
    found = {q.name: content_of(channel(q)).content_type for q in Quantity}
    assert found["EMG"] == "EMG"
    assert {found[q] for q in ("FORCE", "TORQUE", "PRESSURE")} == {"Force"}
    assert {found[q] for q in ("ACCELERATION", "ANGULAR_RATE", "ANGLE", "POSITION", "MAGNETIC_FIELD")} == {"MoCap"}
    assert {c.content_type for c in Content} == {"EMG", "Force", "MoCap"}


def test_a_name_that_xml_cannot_hold_is_made_harmless():
    assert printable("GB\x00\x1b[31m L <&>") == "GB\ufffd\ufffd[31m L <&>"


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (SetStarted(5.0, 2, "hip_thrust", None, 12, None), [Marker("set_started/2", 5.0)]),
        (SetStarted(5.0, 2, "hip_thrust", Side.LEFT, 12, None), [Marker("set_started/2/left", 5.0)]),
        (SetEnded(60.0, 2, "target reached", None), [Marker("set_ended/2/target_reached", 60.0)]),
        (RepStarted(8.0, 3, None, 2), [Marker("rep_noticed/3", 8.0)]),
        (
            RepFinished(9.9, live_rep(side=Side.RIGHT), 2),
            [Marker("rep_started/3/right", 2.5, 2), Marker("rep_finished/3/right", 4.0, 2)],
        ),
        (
            RepRevised(70.0, live_rep(), set_index=2),
            [Marker("rep_started_revised/3", 2.5, 2, True), Marker("rep_finished_revised/3", 4.0, 2, True)],
        ),
        (RepRevised(70.0, live_rep(), True, 2), [Marker("rep_withdrawn/3", 4.0, 2)]),
        (Rested(80.0, 3.0), []),
    ],
    ids=lambda e: type(e).__name__ if not isinstance(e, list) else "",
)
def test_markers(event, said):
    assert list(markers(event)) == said


def test_a_cue_says_its_kind_and_side():
    cue = Cue(CueKind.BALANCE, 6, "Even out", "EWMA of 6 reps", Side.RIGHT, next(iter(Severity)), ())
    assert markers(CueGiven(9.0, cue)) == (Marker("cue/balance/right", 9.0),)
