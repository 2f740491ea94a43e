"""The packet log: everything that was committed is there again, byte for byte, whatever happened to the writer."""

import sqlite3
import time
from contextlib import suppress
from datetime import UTC, datetime
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import FileFormatError, InputError
from glutebal.ingest.arrivals import Packet
from glutebal.ingest.header import Header, Identity, Mark, Worn
from glutebal.ingest.openlog import open_log
from glutebal.ingest.packets import APPLICATION_ID, PacketLog
from glutebal.model import Side

HEADER = Header(
    (
        Identity("tindeq", {"": Worn(Side.LEFT, "thigh")}, "Progressor_1", "AA:BB", "0.1.0", {"firmware": "0"}),
        Identity("npg_lite", {"1": Worn(Side.LEFT, "thigh", "EMG", 1e-6), "2": Worn(Side.RIGHT, "thigh")}),
        Identity("witmotion", {"": Worn(None, "pelvis")}, "WT9"),
    ),
    datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC),
    started_ns=123_456_789,
    subject="P7",
    exercise="hip_abduction",
    load_kg=12.5,
    notes="räumlich; 'quoted'",
    software="glutebal 0.1.0",
)
SIDES = [device.side for device in HEADER.devices]


def packet(k, device=0, data=None):
    return Packet(
        device, SIDES[device], k // 50, f"char-{k % 3}", 10**9 + 7 * k, bytes([k % 256, 255]) if data is None else data
    )


def contents(path):
    with open_log(path) as log:
        return log.header, list(log.packets()), log.marks()


@pytest.fixture
def log(tmp_path):
    with PacketLog(tmp_path / "set.glutelog", HEADER) as log:
        yield log


def test_written_and_read_is_equal(log):
    packets = [packet(k, k % 3) for k in range(500)]
    for p in packets:
        log.append(p)
    mark = Mark(2 * 10**9, "heel strike", Side.RIGHT)
    log.mark(mark)
    log.close()
    header, found, marks = contents(log.path)
    assert (header, found, marks) == (HEADER, packets, (mark,))
    assert [type(p.data) for p in found[:3]] == [bytes] * 3


def test_facts_are_told_of_their_device_the_latest_counts(log):
    log.fact(0, "battery", "80 %", 5)
    log.fact(0, "battery", "79 %", 6)
    log.fact(1, "firmware", "2.0", 7)
    log.close()
    devices = contents(log.path)[0].devices
    assert [d.facts for d in devices] == [{"firmware": "0", "battery": "79 %"}, {"firmware": "2.0"}, {}]


@settings(derandomize=True, deadline=None, max_examples=30)
@given(
    data=st.lists(st.binary(max_size=244), max_size=40),
    cuts=st.sets(st.integers(0, 40)),
    pace=st.sampled_from([inf, 0.001, 0.2]),
)
def test_any_batching_of_commits_gives_the_same(tmp_path_factory, data, cuts, pace):
    path = tmp_path_factory.mktemp("log") / "set.glutelog"
    packets = [packet(k, k % 3, each) for k, each in enumerate(data)]
    with PacketLog(path, HEADER, commit_s=pace) as log:
        for k, p in enumerate(packets):
            log.append(p)
            if k in cuts:
                log.flush()
    assert contents(path) == (HEADER, packets, ())


def test_a_closed_log_is_one_file(log):
    log.append(packet(0))
    log.close()
    log.close()
    assert [file.name for file in log.path.parent.iterdir()] == ["set.glutelog"]
    assert log.path.read_bytes()[18:20] == b"\x01\x01"  # not in write-ahead mode: a read-only disk will do


def test_a_silent_sensor_does_not_keep_packets_from_the_disk(log):
    log.append(packet(0))
    deadline = time.monotonic() + 5.0  # s: the promise is 0.25; a busy machine may be late
    while time.monotonic() < deadline and not contents(log.path)[1]:
        time.sleep(0.02)
    assert contents(log.path)[1] == [packet(0)]


def test_a_log_is_read_while_it_is_written_and_changed_by_nobody(log):
    log.append(packet(0))
    log.flush()
    with open_log(log.path) as reading:
        first = list(reading.packets())
        log.append(packet(1))
        log.close()
    assert first == [packet(0)]
    assert contents(log.path)[1] == [packet(0), packet(1)]


def test_nothing_is_taken_after_the_end(log):
    log.close()
    with pytest.raises(InputError, match="closed"):
        log.append(packet(0))


def test_an_existing_file_is_never_written_over(log):
    with pytest.raises(InputError, match="exists"):
        PacketLog(log.path, HEADER)


@pytest.mark.parametrize(("name", "found"), [("set.db", "'set.db'"), ("none/set.glutelog", "no folder")])
def test_a_log_needs_its_ending_and_a_folder(tmp_path, name, found):
    with pytest.raises(InputError, match=found):
        PacketLog(tmp_path / name, HEADER)


def test_an_error_of_the_disk_is_told_by_the_next_call(log):
    log.append(packet(0, data=b"x"))
    log.flush()
    log._db.execute("DROP TABLE packet")
    log.append(packet(1))
    with pytest.raises(InputError, match="needed a disk that takes the packets, found no such table"):
        log.flush()
    with pytest.raises(InputError, match="disk"):
        log.close()


def one_line(error):
    return "\n" not in str(error.value)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(InputError, match="nothing there"), open_log(tmp_path / "none.glutelog"):
        pass


@pytest.mark.parametrize("content", [b"", b"time,left,right\n" * 100, b"SQLite format 3\0" + bytes(200)])
def test_what_is_no_log_is_one_line(tmp_path, content):
    path = tmp_path / "set.glutelog"
    path.write_bytes(content)
    with pytest.raises(FileFormatError) as error, open_log(path):
        pass
    assert one_line(error)
    assert str(error.value).startswith("set.glutelog: needed")


def test_a_database_of_another_program_is_told(tmp_path):
    path = tmp_path / "set.glutelog"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE packet (id)")
    db.commit()
    db.close()
    with pytest.raises(FileFormatError, match="SQLite file of another program"), open_log(path):
        pass


def altered(path, *statements):
    db = sqlite3.connect(path)
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()


def test_a_newer_log_says_so(log):
    log.close()
    altered(log.path, "PRAGMA user_version=99")
    with pytest.raises(FileFormatError, match=r"version 1 or older, found version 99; try: pip install --upgrade"):
        contents(log.path)


def test_the_id_is_in_the_file(log):
    log.close()
    assert log.path.read_bytes()[68:72] == b"glut" == APPLICATION_ID.to_bytes(4, "big")


def test_a_packet_that_changed_on_the_disk_is_left_out_and_counted(log):
    for k in range(5):
        log.append(packet(k))
    log.close()
    altered(log.path, "UPDATE packet SET data = x'0000' WHERE id = 2", "UPDATE packet SET arrival_ns = 1 WHERE id = 4")
    with open_log(log.path) as reading:
        assert list(reading.packets()) == [packet(0), packet(2), packet(4)]
        assert reading.damaged == 2


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM recording WHERE key = 'started'",
        "UPDATE recording SET value = 'no json'",
        "UPDATE device SET described = '{}'",
        "DROP TABLE packet",
        "DROP TABLE mark",
        "UPDATE packet SET device = 7",
        "UPDATE packet SET arrival_ns = 'then'",
        "INSERT INTO mark VALUES (1, 5, 'x', 'middle')",
    ],
)
def test_a_damaged_log_is_one_line(log, statement):
    log.append(packet(0))
    log.close()
    altered(log.path, statement)
    with pytest.raises(FileFormatError, match="undamaged packet log") as error:
        contents(log.path)
    assert one_line(error)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(data=st.data())
def test_bit_rot_is_an_error_or_told_never_a_wrong_packet(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("rot") / "set.glutelog"
    written = [packet(k, data=bytes([k]) * 200) for k in range(100)]
    with PacketLog(path, HEADER, commit_s=inf) as log:
        for p in written:
            log.append(p)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content[: data.draw(st.sampled_from([None, -5000]))])
    with suppress(FileFormatError):
        _, found, _ = contents(path)
        assert all(p in written for p in found)
