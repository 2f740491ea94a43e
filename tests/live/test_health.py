"""How the sensors are: what is news, when a sensor counts as lost, the check before the first rep."""

import math

import numpy as np
import pytest

from glutebal.live.events import Aligned, Link
from glutebal.live.health import AGAIN_S, ALIGNED_S, LOST_S, LOW_BATTERY, Watch, checks, quality_doubts
from glutebal.live.sources import Sensor
from glutebal.model import Bilateral, Channel, Quantity, Recording, Side, Track
from glutebal.results import Grade, Reference

LEFT = Sensor(0, "cell L", Side.LEFT, connected=True)


def look(watch: Watch, now_s: float, sensor: Sensor = LEFT, kept: int = 0, lost: int = 0, doubts=None) -> list:
    return watch.look(now_s, [sensor], {0: (kept, lost)}, doubts or {})


def changed(**fields) -> Sensor:
    return Sensor(**{**LEFT.__dict__, **fields})


def test_the_first_look_is_news_and_the_rate_when_it_is_known():
    watch = Watch()
    (first,) = look(watch, 0.0)
    assert (first.device, first.name, first.side, first.link) == (0, "cell L", Side.LEFT, Link.STREAMING)
    assert math.isnan(first.rate_hz)
    (second,) = look(watch, 1.0, kept=80)
    assert second.rate_hz == 80.0
    assert look(watch, 2.0, kept=160) == []
    assert watch.now == (second,)


def test_what_has_not_changed_is_told_again_now_and_then():
    watch = Watch()
    told = [now_s for now_s in range(100) if look(watch, float(now_s), kept=80 * now_s)]
    assert told == [0, 1, 32, 63, 94]
    assert AGAIN_S == 30.0


def test_the_rate_is_that_of_the_last_seconds():
    watch = Watch()
    for now_s in range(8):
        look(watch, float(now_s), kept=100 * now_s)
    for now_s in range(8, 14):
        look(watch, float(now_s), kept=700)
    (last,) = look(watch, 14.0, kept=700, lost=1)
    assert last.rate_hz == 0.0
    watch.fresh()
    (again,) = look(watch, 15.0, kept=3)
    assert math.isnan(again.rate_hz)


@pytest.mark.parametrize(
    ("sensor", "kept", "lost"),
    [
        (changed(silent=True), 80, 0),
        (changed(connected=False), 80, 0),
        (LEFT, 80, 5),
        (changed(side=Side.RIGHT), 80, 0),
    ],
)
def test_a_change_is_news(sensor, kept, lost):
    watch = Watch()
    look(watch, 0.0)
    look(watch, 1.0, kept=80)
    assert len(look(watch, 2.0, sensor, kept, lost)) == 1


def test_a_battery_that_drains_is_no_news_until_it_is_low():
    watch = Watch()
    look(watch, 0.0, changed(battery_percent=80.0))
    look(watch, 1.0, changed(battery_percent=80.0), kept=80)
    assert look(watch, 2.0, changed(battery_percent=79.0)) == []
    (low,) = look(watch, 3.0, changed(battery_percent=LOW_BATTERY - 1))
    assert low.doubts == ("battery at 19 %",)


def test_out_of_reach_for_long_is_lost_until_it_comes_back():
    watch, gone = Watch(), changed(connected=False)
    look(watch, 0.0)
    links = []
    for now_s in (1.0, 5.0, 1.0 + LOST_S, 2.0 + LOST_S):
        look(watch, now_s, gone)
        links.append(watch.now[0].link)
    assert links == [Link.RECONNECTING, Link.RECONNECTING, Link.RECONNECTING, Link.LOST]
    (back,) = look(watch, 20.0)
    assert back.link is Link.STREAMING
    (again,) = look(watch, 21.0, gone)
    assert again.link is Link.RECONNECTING


def test_doubts_go_to_the_sensors_of_their_side():
    watch = Watch()
    right = Sensor(1, "cell R", Side.RIGHT, connected=True)
    found = watch.look(0.0, [LEFT, right], {}, {Side.RIGHT: ("mains hum",)})
    assert [health.doubts for health in found] == [(), ("mains hum",)]


# the check -----------------------------------------------------------------------------------------------------------


def emg(side: Side, samples) -> Track:
    return Track.of_samples(Channel(Quantity.EMG, side, "gluteus_maximus", 1000.0), samples)


CHANNELS = [Channel(Quantity.EMG, side, "gluteus_maximus", 1000.0) for side in Side]
REFERENCE = {"gluteus_maximus": Reference("gluteus_maximus", Quantity.EMG, Bilateral(1e-4, 1e-4))}


def health_of(sensor: Sensor):
    (found,) = look(Watch(), 0.0, sensor)
    return found


def by_kind(found) -> dict:
    return {check.kind: check for check in found}


def test_all_is_well():
    found = checks([health_of(LEFT)], {}, Aligned(0.0, 0.004, "±4 ms"), CHANNELS, REFERENCE)
    assert {check.grade for check in found} == {Grade.GOOD}
    assert [check.kind for check in found] == ["contact", "contact", "alignment", "reference"]


@pytest.mark.parametrize(
    ("sensor", "kind", "grade"),
    [
        (changed(connected=False), "link", Grade.BAD),
        (changed(silent=True), "link", Grade.BAD),
        (changed(battery_percent=12.0), "battery", Grade.SUSPECT),
    ],
)
def test_what_is_wrong_with_a_sensor_comes_first(sensor, kind, grade):
    found = checks([health_of(sensor)], {}, Aligned(0.0, 0.004, "±4 ms"), CHANNELS, REFERENCE)
    assert (found[0].kind, found[0].grade, found[0].side) == (kind, grade, Side.LEFT)


@pytest.mark.parametrize(
    ("uncertainty_s", "grade"), [(ALIGNED_S, Grade.GOOD), (0.06, Grade.SUSPECT), (math.nan, Grade.SUSPECT)]
)
def test_alignment(uncertainty_s, grade):
    assert by_kind(checks([], {}, Aligned(0.0, uncertainty_s, "text"), [], {}))["alignment"].grade is grade


def test_an_alignment_that_is_not_known_yet_is_not_mentioned():
    assert checks([], {}, None, [], {}) == ()


def test_emg_without_a_reference_is_said_once():
    found = [check for check in checks([], {}, None, CHANNELS, {}) if check.kind == "reference"]
    assert [check.grade for check in found] == [Grade.SUSPECT]
    assert "uncalibrated" in found[0].text


def test_contact_doubts_name_their_side():
    found = checks([], {Side.RIGHT: ("floating",)}, None, CHANNELS, REFERENCE)
    assert [(c.grade, c.side, c.text) for c in found if c.kind == "contact"] == [
        (Grade.SUSPECT, Side.RIGHT, "floating"),
        (Grade.GOOD, Side.LEFT, "signal as expected at rest"),
    ]


def test_hum_is_a_doubt_at_rest_and_quiet_is_not():
    rng, time_s = np.random.default_rng(0), np.arange(4000) / 1000
    quiet = Bilateral.per_side(lambda side: 4e-6 * rng.normal(size=4000))
    assert quality_doubts(Recording(tuple(emg(side, quiet[side]) for side in Side))) == {}
    hum = quiet.right + 2e-4 * np.sin(2 * np.pi * 50 * time_s)
    doubts = quality_doubts(Recording((emg(Side.LEFT, quiet.left), emg(Side.RIGHT, hum))))
    assert list(doubts) == [Side.RIGHT]
    assert any("50 Hz" in text or "mains" in text for text in doubts[Side.RIGHT])
