"""Two simulated sensors in the air, for trying things without hardware."""

from __future__ import annotations

from glutebal.ingest.link import Backend
from glutebal.model import Bilateral, Quantity
from glutebal.testing.emulated import EmulatedTindeq, played
from glutebal.testing.loopback import loopback
from glutebal.testing.peripheral import Peripheral
from glutebal.testing.plans import ForcePlan
from glutebal.testing.simulate import simulate_set

NAMES = Bilateral("Progressor_left", "Progressor_right")
ADDRESSES = Bilateral("F0:00:00:00:00:01", "F0:00:00:00:00:02")
KG_PER_NEWTON = 1 / 9.80665


def simulated_pair(seed: int = 0, ratio: float = 1.2, speed: float = 1.0) -> Backend:
    """A backend with two emulated load cells, `NAMES`, that play the force of a simulated set of true R/L ``ratio``."""
    plan = ForcePlan(ratio=ratio, rest_n=Bilateral(0.8, -0.5))
    recording, _ = simulate_set(seed, reps=10, force=plan)
    pair = next(p for p in recording.pairs(Quantity.FORCE))
    signals = pair.map(lambda track: played(track, scale=KG_PER_NEWTON))
    sensors = NAMES.zip(signals).map(lambda named: EmulatedTindeq(*named))
    return loopback(*sensors.zip(ADDRESSES).map(lambda placed: Peripheral(*placed, speed=speed)))
