"""Upside Down Labs NPG Lite: three channels of EMG on one clock, as counts of a 12-bit converter.

A packet is a number of 7-byte samples, each with its own counter of one byte. The Arduino firmware sends 10 samples
at 500 Hz, the IDF firmware 25 samples at 250 Hz. A loss of 256 samples or more is ambiguous: only the arrival
times tell. What a count is at the electrodes depends on the front end and stays unclaimed.

Sources: upsidedownlabs/NPG-Lite-IDF-Firmware, ``gatt.c`` and ``main.c``; upsidedownlabs/Chords-Python.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from glutebal.ingest.driver import Advert, Block, Clock, Driver, Malformed, Notify, Script, Stream, Ticks, Write, driver
from glutebal.ingest.drivers.likeness import likeness

SERVICE = "4fafc201-1fb5-459e-8fcc-c5c9c331914b"
DATA = "beb5483e-36e1-4688-b7f5-ea07361b26a8"
CONTROL = "0000ff01-0000-1000-8000-00805f9b34fb"

SAMPLE = np.dtype([("counter", "u1"), ("channels", ">u2", (3,))])
ADC_LIMIT = 4096
RATE_BY_PACKET_HZ = {10: 500.0, 25: 250.0}  # samples in a packet: firmware


def _streams(rate_hz: float) -> tuple[Stream, ...]:
    tick_s = 1 / rate_hz if math.isfinite(rate_hz) else 0.0
    clock = Clock(Ticks.COUNT, tick_s, 256)
    return (Stream("emg", None, "adc counts, 12 bits", rate_hz, ("1", "2", "3"), clock),)


BY_PACKET = {count: _streams(rate_hz) for count, rate_hz in RATE_BY_PACKET_HZ.items()}


@driver
class NpgLite(Driver):
    """NPG Lite with either firmware; the rate is known from the size of its packets."""

    name = "npg_lite"
    title = "Upside Down Labs NPG Lite"
    streams = _streams(math.nan)

    @classmethod
    def match(cls, advert: Advert) -> int:
        """By the name ``NPG...``; the service alone is every ESP32 tutorial's."""
        return likeness(advert, SERVICE, "NPG") if advert.name.startswith("NPG") else 0

    def start(self) -> Script:
        """Subscribe, then ``START``."""
        yield Notify(DATA)
        yield Write(CONTROL, b"START")

    def stop(self) -> Script:
        """End streaming: ``STOP``."""
        yield Write(CONTROL, b"STOP")

    def decode(self, char: str, data: bytes) -> Iterator[Block]:
        """One packet, in counts of the converter (0 to 4095, mid-scale 2048)."""
        if char != DATA or not data or len(data) % SAMPLE.itemsize:
            raise Malformed
        samples = np.frombuffer(data, SAMPLE)
        ticks = samples["counter"].astype(np.int64)
        if (samples["channels"] >= ADC_LIMIT).any() or (np.diff(ticks) % 256 != 1).any():
            raise Malformed
        vars(self)["streams"] = BY_PACKET.get(len(samples), self.streams)  # this unit's own: its firmware's rate
        yield Block("emg", samples["channels"].astype(np.float64), ticks)
