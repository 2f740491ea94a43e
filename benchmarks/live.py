"""A hall under full load: how soon a rep is told, what it costs, and what two hours do to its memory.

Two sensors, each with EMG of eight muscles at 1 kHz and an inertial unit at 200 Hz, in real time: once as samples, once
as packets. The viewer is a process of its own that listens to the server's websocket; times are of the monotonic clock,
which all processes share (Linux, macOS). Run ``python benchmarks/live.py [--reps 14] [--hours 2]``; it prints Markdown.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import math
import os
import platform
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import numpy as np

from glutebal.analysis.settings import Settings
from glutebal.coach.exercises import exercise
from glutebal.ingest.arrivals import Packet
from glutebal.ingest.driver import Advert, Block, Clock, Driver, Malformed, Notify, Script, Stream, Ticks, driver
from glutebal.ingest.header import Header, Identity, Worn
from glutebal.ingest.packets import PacketLog
from glutebal.ingest.recorder import About
from glutebal.live.events import SetEnded, Stage
from glutebal.live.growing import GrowingEmg
from glutebal.live.hall import Hall
from glutebal.live.plan import Plan
from glutebal.live.server import Address, serve
from glutebal.live.sources import LogSource, RecordingSource, Sensor, Source
from glutebal.live.state import Command, Order
from glutebal.live.takes import Batch, PacketTake, Take
from glutebal.live.together import together
from glutebal.model import Channel, Chunk, Quantity, Recording, Side, Track
from glutebal.signal.bursts import WIDTHS_S
from glutebal.testing.plans import Muscle, Truth
from glutebal.testing.simulate import simulate_set

MUSCLES = (
    *("gluteus_maximus", "gluteus_medius", "biceps_femoris", "semitendinosus"),
    *("rectus_femoris", "vastus_lateralis", "vastus_medialis", "erector_spinae"),
)
EMG_HZ, IMU_HZ = 1000.0, 200.0
COUNT_V, COUNT_RAD_S, COUNT_M_S2 = 1e-7, 1e-3, 2e-3
EMG_N, IMU_N = 15, 10  # samples a packet
SERVICE, DATA = "b0c50001-7a0e-4a8e-9d4e-000000000003", "b0c50002-7a0e-4a8e-9d4e-000000000003"
AXES = "x", "y", "z"
PIECE_S = 0.25  # of the two hours
LAG_S = WIDTHS_S[0]  # the envelope's own: the smoothing that ends a rep looks so far ahead


@driver
class Box(Driver):
    """EMG of eight muscles and an inertial unit; tag, sample counter, 16-bit values."""

    name, title = "benchmark_trunk", "eight muscles and an inertial unit"
    streams = (
        Stream("emg", Quantity.EMG, "V", EMG_HZ, MUSCLES, Clock(Ticks.COUNT, 1 / EMG_HZ, 2**32)),
        Stream("gyro", Quantity.ANGULAR_RATE, "rad/s", IMU_HZ, AXES, Clock(Ticks.COUNT, 1 / IMU_HZ, 2**32)),
        Stream("accel", Quantity.ACCELERATION, "m/s²", IMU_HZ, AXES, Clock(Ticks.COUNT, 1 / IMU_HZ, 2**32)),
    )
    scales: ClassVar = {"emg": COUNT_V, "gyro": COUNT_RAD_S, "accel": COUNT_M_S2}

    @classmethod
    def match(cls, advert: Advert) -> int:
        return 10 if SERVICE in advert.uuids else 0

    def start(self) -> Script:
        yield Notify(DATA)

    def decode(self, char: str, data: bytes) -> Iterator[Block]:
        if char != DATA or len(data) < 6:
            raise Malformed
        tag, first = struct.unpack_from("<BxI", data)
        stream = self.streams[tag]
        values = np.frombuffer(data, "<i2", offset=6).reshape(-1, len(stream.axes)) * self.scales[stream.name]
        yield Block(stream.name, values, np.arange(first, first + len(values)))


def the_set(reps: int, seed: int = 606) -> tuple[Recording, Truth]:
    """Sixteen muscles and both thighs of one set of hip thrusts."""
    more = tuple(Muscle(site, 1.1) for site in MUSCLES[1:])
    recording, truth = simulate_set(seed, reps=reps, ratio=1.2, site=MUSCLES[0], more=more, rate_hz=EMG_HZ, force=None)
    end_s = max(track.stop / track.channel.rate_hz for track in recording.tracks)
    tracks = [*recording.tracks, *(track for side in Side for track in thigh(side, truth, end_s))]
    return replace(recording, tracks=tuple(tracks)), truth


def thigh(side: Side, truth: Truth, end_s: float) -> Iterator[Track]:
    """A thigh that swings by 60° about one axis, as its sensor sees it."""
    seconds = np.arange(math.floor(end_s * IMU_HZ)) / IMU_HZ
    angle = np.zeros(seconds.size)
    for rep in truth.reps:
        within = (seconds >= rep.start_s) & (seconds < rep.stop_s)
        angle[within] = math.radians(30) * (
            1 - np.cos(2 * np.pi * (seconds[within] - rep.start_s) / (rep.stop_s - rep.start_s))
        )
    rng = np.random.default_rng((17, side is Side.RIGHT))
    zero = np.zeros(seconds.size)
    rates = zero, np.gradient(angle, 1 / IMU_HZ), zero
    pulls = 9.81 * np.sin(angle), zero, 9.81 * np.cos(angle)
    for quantity, columns, noise in ((Quantity.ANGULAR_RATE, rates, 0.005), (Quantity.ACCELERATION, pulls, 0.05)):
        for axis, column in zip(AXES, columns, strict=True):
            channel = Channel(quantity, side, "thigh", IMU_HZ, device=f"{side.value} box", axis=axis)
            yield Track(channel, (Chunk(channel, 0, column + rng.normal(0.0, noise, seconds.size)),))


def packets_of(recording: Recording, header: Header, shift_s: float = 0.0) -> list[Packet]:
    """What two boxes would send, in the order of arrival: each packet as soon as its last sample is taken."""
    found: list[Packet] = []
    for device, side in enumerate(Side):
        for tag, stream in enumerate(Box.streams):
            columns = [t for t in recording.tracks if t.channel.quantity is stream.quantity and t.channel.side is side]
            if not columns:
                continue
            counts = np.round(np.stack([t.values() for t in columns], axis=1) / Box.scales[stream.name])
            data = np.clip(counts, -32768, 32767).astype("<i2")
            n, first_of_all = (EMG_N if tag == 0 else IMU_N), round(shift_s * stream.rate_hz)
            for first in range(0, len(data) - n + 1, n):
                arrival_ns = header.started_ns + round(1e9 * (shift_s + (first + n) / stream.rate_hz))
                payload = struct.pack("<BxI", tag, (first_of_all + first) % 2**32) + data[first : first + n].tobytes()
                found.append(Packet(device, side, 0, DATA, arrival_ns, payload))
    return sorted(found, key=lambda packet: packet.arrival_ns)


def header() -> Header:
    """Two boxes, on either side."""

    def worn(side: Side) -> dict[str, Worn]:
        return {"": Worn(side, "thigh"), **{f"emg.{site}": Worn(side, site) for site in MUSCLES}}

    devices = tuple(Identity(Box.name, worn(side), f"{side.value} box") for side in Side)
    return Header(devices, datetime(2025, 1, 1, tzinfo=UTC), 10**9, exercise="hip_thrust")


# --- how soon, and at what cost -------------------------------------------------------------------------------------


@dataclass
class Timed:
    """A source, and when its zero was on the monotonic clock."""

    source: Source
    began_s: float = math.inf
    cpu_s: float = math.nan  # of the process when the first batch came
    paced: bool = True
    last_cpu_s: float = math.nan
    last_s: float = 0.0

    async def batches(self) -> AsyncIterator[Batch]:
        """As they come; a batch can be late, never early."""
        async for batch in self.source.batches():
            self.began_s = min(self.began_s, time.monotonic() - batch.at_s)
            self.cpu_s = time.process_time() if math.isnan(self.cpu_s) else self.cpu_s
            yield batch
            self.last_cpu_s, self.last_s = time.process_time(), batch.at_s

    def take(self, about: About, at_s: float, path: Path | None) -> Take:
        return self.source.take(about, at_s, path)

    def sensors(self) -> tuple[Sensor, ...]:
        return self.source.sensors()


@dataclass
class Run:
    """One set in real time."""

    name: str
    after_lag_s: list[float]  # from the sample that the envelope needed to end the rep to the event at the viewer
    after_end_s: list[float]  # the same from the true end of the rep
    told: int
    reps: int
    cpu: float  # of one core, while the set ran
    cpu_whole: float  # the analysis at the end of the set included, over the same seconds
    late_s: float  # p95 by which an idle process beside it woke too late


VIEWER = """
import asyncio, json, sys, time
from urllib.request import build_opener, HTTPCookieProcessor
from http.cookiejar import CookieJar
from urllib.parse import urlsplit
from websockets.asyncio.client import connect

late = []

async def nap():
    while True:
        due = time.monotonic() + 0.01
        await asyncio.sleep(0.01)
        late.append(time.monotonic() - due)

async def look(url):
    jar = CookieJar()
    build_opener(HTTPCookieProcessor(jar)).open(url).read()
    cookie = "; ".join(f"{c.name}={c.value}" for c in jar)
    host = urlsplit(url).netloc
    async with connect(f"ws://{host}/ws?from=0", origin=f"http://{host}", additional_headers={"Cookie": cookie},
                       proxy=None, compression=None, max_size=None) as socket:
        napping = asyncio.ensure_future(nap())
        async for message in socket:
            at_s = time.monotonic()
            if isinstance(message, str) and '"event":"rep_finished"' in message:
                rep = json.loads(message)["rep"]
                print(json.dumps([at_s, rep["rep"]["start"] / rep["rep"]["rate_hz"],
                                  rep["rep"]["stop"] / rep["rep"]["rate_hz"]]), flush=True)
        napping.cancel()
        print(json.dumps({"late_s": sorted(late)[int(0.95 * len(late))]}))

asyncio.run(look(sys.argv[1]))
"""


async def train(name: str, source: Source, truth: Truth) -> Run:
    """Play a set with one viewer and measure."""
    timed = Timed(source)
    hall = Hall(timed, Plan(exercise=exercise("hip_thrust"), sets=1))
    viewers: list[subprocess.Popen[str]] = []

    def opened(address: Address) -> None:
        command = [sys.executable, "-c", VIEWER, address.url]
        viewers.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))

    ended = asyncio.ensure_future(_last(hall))
    await together(hall, [serve(hall, opened=opened)])
    await ended
    done_cpu_s = time.process_time()
    out, _ = viewers[0].communicate(timeout=20)
    *told, late = map(json.loads, out.splitlines())
    while_it_ran = timed.last_cpu_s - timed.cpu_s
    after_lag, after_end, matched = [], [], set()
    for at_s, start_s, stop_s in told:
        own = min(truth.reps, key=lambda rep: abs(rep.start_s + rep.stop_s - start_s - stop_s))
        if own.index not in matched and abs(own.stop_s - stop_s) < 1.0 and at_s < timed.began_s + timed.last_s:
            matched.add(own.index)
            after_lag.append(at_s - timed.began_s - stop_s - LAG_S)
            after_end.append(at_s - timed.began_s - own.stop_s)
    return Run(
        name, after_lag, after_end, len(matched), len(truth.reps),
        while_it_ran / timed.last_s, (done_cpu_s - timed.cpu_s) / timed.last_s, late["late_s"],
    )  # fmt: skip


async def _last(hall: Hall) -> SetEnded | None:
    found = None
    async for event in hall.subscribe(100_000):
        found = event if isinstance(event, SetEnded) else found
    return found


def floor(recording: Recording) -> float:
    """CPU of band and block power alone for all sixteen muscles, in the same pieces, over the seconds of the set."""
    settings = Settings()
    grown = {
        t.channel: GrowingEmg(t.channel, settings.emg) for t in recording.tracks if t.channel.quantity is Quantity.EMG
    }
    end_s = max(track.stop / track.channel.rate_hz for track in recording.tracks)
    begun = time.process_time()
    piece = round(0.05 * EMG_HZ)
    for first in range(0, round(end_s * EMG_HZ) - piece, piece):
        for channel, emg in grown.items():
            chunk = next(t for t in recording.tracks if t.channel is channel).between(first, first + piece)
            emg.add(first, chunk.values())
            emg.power  # noqa: B018 - asking is the work
    return (time.process_time() - begun) / end_s


def floor_of_packets(packets: Sequence[Packet], header: Header, seconds: float) -> float:
    """CPU of decoding alone, in batches of 50 ms, over the seconds of the set."""
    take = PacketTake(header, None, header.started_ns)
    waiting: list[Packet] = []
    begun, due_ns = time.process_time(), header.started_ns
    for packet in packets:
        if packet.arrival_ns > due_ns:
            take.put(Batch(0.0, waiting))
            waiting, due_ns = [], due_ns + 50_000_000
        waiting.append(packet)
    return (time.process_time() - begun) / seconds


# --- two hours ------------------------------------------------------------------------------------------------------


@dataclass
class Long:
    """A minute of set and a minute of rest, over and over, as packets without a pace."""

    cycles: int
    header: Header
    packets: Sequence[Packet]
    cycle_s: float
    set_s: float
    rss_mb: list[float] = field(default_factory=list)
    hall: Hall | None = None
    paced: bool = False

    async def batches(self) -> AsyncIterator[Batch]:
        """A set, its end, a rest, again."""
        for cycle in range(self.cycles):
            at_s = cycle * self.cycle_s
            await self._order(Order.START)
            for batch in self._pieces(at_s):
                yield batch
                if self.hall is not None and self.hall.state.stage is Stage.SET and batch.at_s - at_s > self.set_s:
                    await self._order(Order.STOP)
            while self.hall is not None and self.hall.state.stage is Stage.WORKING_OUT:
                await asyncio.sleep(0.01)
            gc.collect()
            self.rss_mb.append(rss_mb())

    async def _order(self, order: Order) -> None:
        if self.hall is not None:
            await self.hall.order(Command(order))

    def _pieces(self, at_s: float) -> Iterator[Batch]:
        waiting: list[Packet] = []
        due_s = PIECE_S
        for packet in self.packets:
            own_s = (packet.arrival_ns - self.header.started_ns) / 1e9
            if own_s >= due_s:
                yield Batch(at_s + due_s, waiting)
                waiting, due_s = [], due_s + PIECE_S
            waiting.append(_later(packet, at_s))

    def take(self, about: About, at_s: float, path: Path | None) -> Take:  # noqa: ARG002
        own = replace(self.header, started_ns=self.header.started_ns + round(1e9 * at_s))
        return PacketTake(own, None, self.header.started_ns)

    def sensors(self) -> tuple[Sensor, ...]:
        return tuple(Sensor(k, d.name, d.side, connected=True) for k, d in enumerate(self.header.devices))


def _later(packet: Packet, by_s: float) -> Packet:
    """The packet of another cycle: its counter goes on."""
    tag, first = struct.unpack_from("<BxI", packet.data)
    count = (first + round(by_s * Box.streams[tag].rate_hz)) % 2**32
    data = struct.pack("<BxI", tag, count) + packet.data[6:]
    return replace(packet, arrival_ns=packet.arrival_ns + round(1e9 * by_s), data=data)


def rss_mb() -> float:
    """Resident memory of this process (Linux; elsewhere its peak)."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


async def hours(count: float) -> tuple[Long, float]:
    """So many hours with one muscle pair, and how long they took."""
    recording, _ = simulate_set(
        7, reps=14, rate_hz=EMG_HZ, force=None, lead_out_s=62.0, more=tuple(map(Muscle, MUSCLES[1:]))
    )
    cycle_s = min(track.stop / track.channel.rate_hz for track in recording.tracks) // 1.5 * 1.5
    short = replace(recording, tracks=tuple(t.between(0, round(cycle_s * EMG_HZ)) for t in recording.tracks))
    worn = [{f"emg.{MUSCLES[0]}": Worn(side, MUSCLES[0])} for side in Side]
    kept = replace(header(), devices=tuple(replace(d, worn=w) for d, w in zip(header().devices, worn, strict=True)))
    packets = packets_of(short, kept)
    source = Long(math.ceil(3600 * count / cycle_s), kept, packets, cycle_s, cycle_s - 60.0)
    source.hall = Hall(source, Plan(exercise=exercise("hip_thrust"), auto_start=False))
    begun = time.monotonic()
    asleep = source.hall.subscribe(256)  # a phone that never wakes up
    await source.hall.run()
    if source.hall.state.dropped != asleep.dropped or not asleep.dropped:
        raise RuntimeError("the sleeping reader lost nothing in hours")
    return source, time.monotonic() - begun


# --- the tables -----------------------------------------------------------------------------------------------------


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _ms(values: Sequence[float], share: float) -> str:
    return f"{1e3 * float(np.quantile(values, share)):.0f} ms"


def load_rows(runs: Sequence[Run], floors: Sequence[float]) -> list[list[str]]:
    """A row per run."""
    return [
        [
            run.name,
            f"{run.told} of {run.reps}",
            *(_ms(run.after_lag_s, q) for q in (0.5, 0.95)),
            *(_ms(run.after_end_s, q) for q in (0.5, 0.95)),
            f"{100 * run.cpu:.1f} %",
            f"{100 * run.cpu_whole:.1f} %",
            f"{100 * low:.1f} %",
            f"{1e3 * run.late_s:.0f} ms",
        ]
        for run, low in zip(runs, floors, strict=True)
    ]


LOAD_HEAD = (
    *("way in", "reps told", "beyond the lag: median", "p95", "from the true end: median", "p95"),
    *("CPU of a core", "… with the analysis of the set", "decoding and filtering alone"),
    "an idle process woke late by (p95)",
)
MEMORY_HEAD = "hours", "sets", "memory after each fifth", "growth, last four fifths", "took"


def memory_row(source: Long, took_s: float) -> list[str]:
    """Resident memory at the end of each fifth."""
    fifths = [float(np.median(part)) for part in np.array_split(source.rss_mb, 5)]
    shown = ", ".join(f"{value:.0f}" for value in fifths) + " MB"
    return [
        f"{source.cycles * source.cycle_s / 3600:.1f}", f"{source.cycles}", shown, f"{fifths[-1] - fifths[1]:+.1f} MB",
        f"{took_s / 60:.1f} min",
    ]  # fmt: skip


async def measured(reps: int) -> tuple[list[Run], list[float]]:
    """Both ways in, one after the other, and their floors."""
    recording, truth = the_set(reps)
    end_s = max(track.stop / track.channel.rate_hz for track in recording.tracks)
    head = header()
    packets = packets_of(recording, head)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "set.glutelog"
        with PacketLog(path, head, commit_s=math.inf) as log:
            for packet in packets:
                log.append(packet)
        runs = [
            await train("samples", RecordingSource(recording), truth),
            await train("packets", LogSource(path), truth),
        ]
    low = floor(recording)
    return runs, [low, low + floor_of_packets(packets, head, end_s)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reps", type=int, default=14, help="of the set in real time, four seconds each")
    parser.add_argument("--hours", type=float, default=2.0, help="time-compressed; 0: leave them out")
    parser.add_argument("--only-hours", action="store_true", help="leave out the set in real time")
    options = parser.parse_args()
    if not options.only_hours:
        runs, floors = asyncio.run(measured(options.reps))
        print(table(LOAD_HEAD, load_rows(runs, floors)), end="\n\n")
    if options.hours:
        source, took_s = asyncio.run(hours(options.hours))
        print(table(MEMORY_HEAD, [memory_row(source, took_s)]), end="\n\n")
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    nice = f", niceness {os.nice(0)}" if hasattr(os, "nice") else ""
    print(f"Load of the machine ({os.cpu_count()} cores) at the end, over 1, 5 and 15 minutes: {load}{nice}.", end=" ")
    print(f"Python {platform.python_version()}, {platform.machine()}.")


if __name__ == "__main__":
    main()
