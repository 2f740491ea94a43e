"""Three inertial sensors over the link: squats counted while they are done, from packets of a real driver."""

import asyncio

import numpy as np
import pytest

from glutebal.ingest.header import Worn
from glutebal.ingest.link import connect
from glutebal.ingest.recorder import About
from glutebal.live import live
from glutebal.live.events import Ended, RepFinished, RepRevised, SetEnded
from glutebal.live.state import Command, Order
from glutebal.model import Quantity, Side
from glutebal.testing.bodies import simulate_body
from glutebal.testing.body_plan import BodyPlan
from glutebal.testing.emulated.witmotion import EmulatedWitMotion
from glutebal.testing.loopback import loopback
from glutebal.testing.peripheral import Peripheral

WORN = (("left", "thigh", Side.LEFT), ("right", "thigh", Side.RIGHT), ("middle", "pelvis", None))
REPS = 5


def signal(recording, site, side):
    """What a sensor at that place sends: acceleration, angular rate, and angles that nobody uses."""
    places = [(q, axis) for q in (Quantity.ACCELERATION, Quantity.ANGULAR_RATE) for axis in "xyz"]
    by_place = {(c.site, c.side, c.quantity, c.axis): t for t in recording.tracks for c in [t.channel]}
    tracks = [by_place[site, side, *place] for place in places]
    clock = np.arange(tracks[0].start, tracks[0].stop) / tracks[0].channel.rate_hz
    columns = [track.filled() for track in tracks]
    return lambda s: np.stack([*(np.interp(s, clock, x) for x in columns), *np.zeros((3, len(s)))], axis=1)


@pytest.mark.slow
def test_squats_are_counted_while_they_are_done():
    plan = BodyPlan(exercise="squat", reps=REPS, functional_reps=0, static_s=2.0)
    recording = simulate_body(5, plan).recording
    sensors = [
        Peripheral(EmulatedWitMotion(name, signal(recording, site, side)), f"F0:00:00:00:00:0{k}")
        for k, (name, site, side) in enumerate(WORN)
    ]
    events = []

    async def main():
        about = About("thigh", worn={"": Worn(None, "pelvis")})
        async with connect("left", "right", midline="middle", driver="witmotion", backend=loopback(*sensors)) as link:
            hall = live(link, "squat", about=about, target_reps=REPS, sets=1)
            async for event in hall:
                events.append(event)
                if event.at_s > 2 * recording.duration_s and hall.state.stage.value == "set":
                    await hall.order(Command(Order.END))

    asyncio.run(asyncio.wait_for(main(), 200))
    ended = next(e for e in events if isinstance(e, SetEnded))
    told = [e for e in events if isinstance(e, RepFinished) and e.at_s < ended.at_s]
    gone = [e for e in events if isinstance(e, RepRevised) and e.withdrawn]
    assert (len(told) - len(gone), ended.why) == (REPS, "target reached")
    assert len(ended.result.analysis.segmentation.reps) == REPS
    assert isinstance(events[-1], Ended)
