"""A log read again gives what the live session gave, also one whose writer was killed."""

import asyncio
import os
import signal
import struct
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from glutebal.errors import FileFormatError, InputError
from glutebal.ingest.arrivals import Packet
from glutebal.ingest.columnmap import ColumnMap
from glutebal.ingest.header import Header, Identity, Mark, Worn
from glutebal.ingest.packets import PacketLog
from glutebal.ingest.replay import decoded, read_log, replay
from glutebal.ingest.session import Session
from glutebal.model import Side

ZERO_NS = 10**9
DATA = "7e4e1702-1ea6-40c9-9dcc-13d34ffead57"
HEADER = Header(
    tuple(Identity("tindeq", {"": Worn(side, "thigh")}, f"Progressor_{side.value}") for side in Side),
    datetime(2026, 3, 1, tzinfo=UTC),
    ZERO_NS,
    exercise="hip_abduction",
)
FORCE_KG = (20.0, 15.0)


def weights(kg, first, count=15):
    samples = b"".join(struct.pack("<fI", kg, 12_500 * (first + i)) for i in range(count))
    return bytes([1, len(samples)]) + samples


def packets(seconds=20.0, seed=0):
    """Two Progressors, 20 kg on the left and 15 kg on the right, with losses, repetitions and one reconnection."""
    rng = np.random.default_rng(seed)
    found = []
    for device, side in enumerate(Side):
        for k in range(int(seconds * 80 / 15)):
            segment = int(device == 0 and k > 40)
            arrival_s = 1.0 + (k * 15 + 14) / 80 + rng.uniform(0, 0.03) + segment
            data = weights(FORCE_KG[device], (k - 41 * segment) * 15)
            if rng.random() > 0.05:
                found += [(arrival_s + 0.001 * n, device, side, segment, data) for n in range(1 + (rng.random() < 0.1))]
    return [
        Packet(device, side, segment, DATA, ZERO_NS + round(at * 1e9), data)
        for at, device, side, segment, data in sorted(found, key=lambda f: f[0])
    ]


def live(sent, header=HEADER):
    session = Session(header)
    for p in sent:
        session.push(p.device, p.segment, p.char, p.arrival_ns, p.data)
    return session


@pytest.fixture
def path(tmp_path):
    return tmp_path / "set.glutelog"


def written(path, sent):
    with PacketLog(path, HEADER) as log:
        for p in sent:
            log.append(p)
        log.mark(Mark(ZERO_NS + 3 * 10**9, "go"))
    return path


def test_a_replayed_log_is_bit_identical(path):
    sent = packets()
    session = live(sent)
    session.mark(Mark(ZERO_NS + 3 * 10**9, "go"))
    again = read_log(written(path, sent))
    assert again == session.recording(path.name)
    assert [t.values().tobytes() for t in again.tracks] == [t.values().tobytes() for t in session.recording().tracks]
    assert decoded(path).delivery() == session.delivery()


def test_what_the_device_said_of_itself_is_the_same_live_and_read(path):
    header = replace(HEADER, devices=(replace(HEADER.devices[0], facts={"battery": "3.9 V", "firmware": "1.2"}),))
    sent = [p for p in packets(2.0) if p.device == 0]
    sent.append(replace(sent[-1], arrival_ns=sent[-1].arrival_ns + 10**8, data=b"\x04\x00"))  # battery low
    session = live(sent, header)
    with PacketLog(path, header) as log:
        for p in sent:
            log.append(p)
        for key, value in session.driver(0).info.items():
            log.fact(0, key, value, sent[-1].arrival_ns)
    assert read_log(path) == session.recording(path.name)
    assert any("battery low, firmware 1.2" in words for words in read_log(path).history)


def test_the_ratio_of_two_progressors_is_that_of_their_loads(path):
    pair = read_log(written(path, packets(60.0))).pair("thigh")
    left, right = pair.map(lambda track: float(np.mean(track.values())))
    assert left / right == pytest.approx(20 / 15, rel=1e-6)


def test_the_pace_does_not_change_the_packets(path):
    sent = packets(4.0)
    written(path, sent)

    async def played():
        began = time.monotonic()
        found = [p async for p in replay(path, speed=20.0)]
        return found, time.monotonic() - began

    found, seconds = asyncio.run(played())
    assert found == sent
    span_s = (sent[-1].arrival_ns - sent[0].arrival_ns) / 1e9
    assert seconds >= span_s / 20
    assert live(found).recording() == live(sent).recording()


def test_as_fast_as_they_are_taken(path):
    sent = packets(30.0)
    written(path, sent)

    async def played():
        return [p async for p in replay(path, speed=float("inf"))]

    began = time.monotonic()
    assert asyncio.run(played()) == sent
    assert time.monotonic() - began < 15.0  # s; the recording has 30


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
def test_time_does_not_run_backwards(path, speed):
    async def played():
        return [p async for p in replay(path, speed)]

    with pytest.raises(InputError, match="a speed above 0"):
        asyncio.run(played())


def test_a_log_takes_no_map(path):
    with pytest.raises(InputError, match="no map"):
        read_log(written(path, packets(2.0)), ColumnMap(title="mine"))


def test_what_is_no_log_is_said(path):
    path.write_text("left,right\n")
    with pytest.raises(FileFormatError, match=r"set\.glutelog: needed"):
        read_log(path)


CHILD = """
import itertools, sys, time
sys.path.insert(0, {tests!r})
from test_replay import HEADER, PacketLog, paced
with PacketLog({path!r}, HEADER) as log:
    print("ready", flush=True)
    for packet in paced():
        log.append(packet)
        print(packet.arrival_ns, flush=True)
"""


def paced():
    """Packets of both sides, 200 a second each, one sample in each, stamped with the clock of the machine."""
    began_ns = time.monotonic_ns()
    for k in range(10**6):
        for device, side in enumerate(Side):
            yield Packet(device, side, 0, DATA, time.monotonic_ns(), weights(FORCE_KG[device], k, 1))
        time.sleep(max(0.0, (k + 1) / 200 - (time.monotonic_ns() - began_ns) / 1e9))


def killed_after(seconds, path):
    """The arrivals that a child process had handed to its log when it was killed."""
    code = CHILD.format(tests=str(Path(__file__).parent), path=str(path))
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout.readline() == "ready\n"
        time.sleep(seconds)
        os.kill(child.pid, signal.SIGKILL)
        lines = child.stdout.read().splitlines()
    return [int(line) for line in lines if line.isdigit() and len(line) == len(lines[0])]


@pytest.mark.slow
def test_a_killed_writer_loses_at_most_half_a_second(tmp_path):
    rng = np.random.default_rng(0)
    for k in range(10):
        path = tmp_path / f"{k}.glutelog"
        handed = killed_after(float(rng.uniform(0.3, 1.5)), path)
        session = decoded(path)
        kept = [p.arrival_ns for p in asyncio.run(_all(path))]
        assert kept == handed[: len(kept)]  # nothing is missing but the newest
        assert handed[-1] - (kept[-1] if kept else handed[0]) <= 0.5e9
        assert session.recording() == decoded(path).recording()
        assert session.recording() == live(asyncio.run(_all(path))).recording()


async def _all(path):
    return [p async for p in replay(path, float("inf"))]
