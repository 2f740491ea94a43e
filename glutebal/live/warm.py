"""What the first look of a session would otherwise load while sensors wait: done before anybody listens to them."""

from __future__ import annotations

import numpy as np

from glutebal.live.look import SetSoFar
from glutebal.live.pulse import Pulse
from glutebal.model import Channel, Chunk, Quantity, Side

SECONDS, RATE_HZ = 6.0, 1000.0


def warm_up() -> None:
    """Load and run once everything that a running set uses, on a few seconds of made-up muscle and force."""
    rng = np.random.default_rng(0)
    time_s = np.arange(round(SECONDS * RATE_HZ)) / RATE_HZ
    course = 0.02 + np.sin(np.pi * time_s / 2) ** 8
    so_far = SetSoFar(None, {})
    for side in Side:
        for quantity, samples in ((Quantity.EMG, 1e-4 * rng.normal(size=time_s.size)), (Quantity.FORCE, 300.0)):
            channel = Channel(quantity, side, "warm_up", RATE_HZ, device="warm_up")
            so_far.add(Chunk(channel, 0, samples * course))
    Pulse().update(so_far)
    so_far.judge()
    so_far.look()
