"""Lines of text over Nordic UART: whatever happens to them, a believed value is one that was sent."""

import binascii
import itertools
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.ingest.driver import Advert, Clock, Notify, Ticks
from glutebal.ingest.drivers import nordic_uart
from glutebal.ingest.drivers.nordic_uart import LINES, LONGEST, SERVICE, Line, NordicUart, line


def sent(number, us, *values, checksum=False):
    text = ",".join([str(number), str(us), *(format(v, "g") for v in values)])
    return (f"{text}*{binascii.crc_hqx(text.encode(), 0xFFFF):04X}\n" if checksum else f"{text}\n").encode()


def stream_of(n, checksum=False, first=1):
    """Lines with numbers, times and values that can be told from each other."""
    return [sent(i, 2000 * i, 100 + i, -i / 4, checksum=checksum) for i in range(first, first + n)]


def samples(sensor, chunks):
    """What is believed: {time: {channel: value}}."""
    found = {}
    for chunk in chunks:
        for block in sensor.feed(LINES, chunk):
            assert block.values.shape == (len(block.ticks), 1)
            for us, value in zip(block.ticks, block.values[:, 0], strict=True):
                found.setdefault(int(us), {})[block.stream] = float(value)
    return found


def truth(n):
    return {2000 * i: {"channel_1": 100.0 + i, "channel_2": -i / 4} for i in range(1, n + 1)}


def cut(data, places):
    edges = [0, *sorted(places), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges) if a < b]


def test_the_line_of_the_documentation():
    assert line(b"17,340000,512,498") == Line(17, 340000, (512.0, 498.0), False)
    [text] = re.findall(r"^    (18,.*\*[0-9A-F]{4})\\n$", nordic_uart.__doc__, re.MULTILINE)
    assert line(text.encode()) == Line(18, 342000, (515.5, 497.0), True)


def test_the_checksum_is_crc_16_ccitt_false():
    assert binascii.crc_hqx(b"123456789", 0xFFFF) == 0x29B1


@pytest.mark.parametrize("number", ["0", "-1.5", "+2", ".5", "7.", "1e3", "2.5E-2"])
def test_numbers_as_sketches_print_them(number):
    assert line(f"1,2,{number}\r".encode()) == Line(1, 2, (float(number),), False)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"1,2",
        b"1,2,",
        b"1,2,nan",
        b"1,2,inf",
        b"1,2,1e999",
        b"1,2,1e13",
        b"1,2,0x10",
        b"1,2,1_000",
        b"1,2, 3",
        b"1,2,3,4;5",
        b"-1,2,3",
        b"1,-2,3",
        b"1.5,2,3",
        b"1,4294967296,3",
        b"1,2," + b",".join([b"1"] * 9),
        "1,2,٣".encode(),
        b"1,2,3*0000",
        b"1,2,3*",
        b"\xff,2,3",
        b"1,2,3\0",
    ],
)
def test_what_is_no_line(text):
    assert line(text) is None


def test_the_first_line_may_be_half_a_line_and_is_left_out():
    assert samples(NordicUart(), stream_of(5)) == {us: v for us, v in truth(5).items() if us > 2000}


def test_with_checksums_the_first_line_counts_too():
    assert samples(NordicUart(), stream_of(5, checksum=True)) == truth(5)


def test_several_lines_in_a_notification_are_one_block_per_channel():
    sensor = NordicUart()
    blocks = sensor.feed(LINES, b"".join(stream_of(6)))
    assert [(block.stream, len(block.values)) for block in blocks] == [("channel_1", 5), ("channel_2", 5)]
    np.testing.assert_array_equal(blocks[0].ticks, 2000 * np.arange(2, 7))
    assert sensor.malformed == 0


@settings(derandomize=True, deadline=None)
@given(st.booleans(), st.data())
def test_any_cutting_gives_the_same_samples(checksum, data):
    lines = stream_of(8, checksum)
    whole = b"".join(lines)
    places = data.draw(st.lists(st.integers(1, len(whole) - 1), max_size=10))
    sensor = NordicUart()
    found = samples(sensor, cut(whole, places))
    last = 2000 * 8  # a last line in pieces waits for the next
    assert found.items() <= truth(8).items()
    expected = truth(8).keys() - (set() if checksum else {2000})
    assert expected - found.keys() <= (set() if checksum else {last})
    assert sensor.malformed == 0


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.lists(st.integers(0, 24), max_size=6), st.integers(20, 200))
def test_lost_notifications_cost_samples_but_never_forge_one(lost, size):
    whole = b"".join(stream_of(30))
    assert max(map(len, stream_of(30))) < 20  # so a line is in two notifications at most
    chunks = [whole[i : i + size] for i in range(0, len(whole), size)]
    kept = [chunk for i, chunk in enumerate(chunks) if i not in lost]
    assert samples(NordicUart(), kept).items() <= truth(30).items()


DAMAGE = st.sampled_from(["lose", "repeat", "swap", "cut", "flip"])


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.lists(st.tuples(DAMAGE, st.integers(0, 10**6)), min_size=1, max_size=5), st.integers(8, 60))
def test_with_checksums_no_damage_forges_a_sample(damage, size):
    whole = b"".join(stream_of(20, checksum=True))
    chunks = [bytearray(whole[i : i + size]) for i in range(0, len(whole), size)]
    for kind, number in damage:
        i = number % len(chunks)
        if kind == "lose":
            chunks[i] = bytearray()
        elif kind == "repeat":
            chunks.insert(i, chunks[i])
        elif kind == "swap":
            chunks[i], chunks[i - 1] = chunks[i - 1], chunks[i]
        elif kind == "cut":
            chunks[i] = chunks[i][: number % (len(chunks[i]) + 1)]
        elif chunks[i]:
            chunks[i] = bytearray(chunks[i])
            chunks[i][number % len(chunks[i])] ^= 1 << number % 8
    values_and_times = {tuple(sorted(v.items())) for v in truth(20).values()}
    found = samples(NordicUart(), chunks)
    assert {tuple(sorted(v.items())) for v in found.values()} <= values_and_times
    assert found.items() <= truth(20).items()


def test_a_bad_line_costs_itself_and_the_one_after():
    sensor = NordicUart()
    lines = stream_of(8)
    lines[3] = b"noise\n"
    assert sorted(samples(sensor, lines)) == [4000, 6000, 12_000, 14_000, 16_000]
    assert sensor.malformed == 1


def test_half_a_line_of_a_lost_notification_is_no_line():
    sensor = NordicUart()
    found = samples(sensor, [b"1,2000,5,6\n2,4000,5,6\n3,60", b"0,7\n5,10000,5,6\n6,12000,5,6\n"])
    assert sorted(found) == [4000, 12_000]
    assert sensor.malformed == 2


def test_a_line_put_together_from_two_is_found_out_by_the_next_number():
    sensor = NordicUart()
    found = samples(sensor, [b"1,2000,5\n2,4000,5\n3,6", b"000,9\n7,14000,5\n8,16000,5\n"])
    assert 6000 not in found
    assert sensor.malformed == 1


def test_without_a_checksum_a_sensor_that_sends_them_is_not_believed():
    sensor = NordicUart()
    found = samples(sensor, [*stream_of(3, checksum=True), *stream_of(3, first=4)])
    assert sorted(found) == [2000, 4000, 6000]
    assert sensor.malformed == 3


def test_another_number_of_columns_costs_one_line():
    sensor = NordicUart()
    found = samples(sensor, [b"1,1,5\n2,2,5\n3,3,5,6\n4,4,5,6\n"])
    assert sorted(found) == [2, 4]
    assert sensor.malformed == 1


def test_blocks_are_split_where_the_columns_change():
    a, b = sent(1, 1, 5, checksum=True), sent(2, 2, 5, 6, checksum=True)
    blocks = NordicUart().feed(LINES, a + a + b + b)
    expected = [("channel_1", 2), ("channel_1", 2), ("channel_2", 2)]
    assert [(block.stream, len(block.values)) for block in blocks] == expected


def test_endless_bytes_without_a_line_feed_are_malformed_and_forgotten():
    sensor = NordicUart()
    for _ in range(LONGEST // 200 + 1):
        assert sensor.feed(LINES, b"7" * 200) == []
    assert sensor.malformed == 1
    assert len(samples(sensor, [b"\n", *stream_of(4)])) == 3


def test_a_gap_forgets_the_line_in_pieces():
    sensor = NordicUart()
    samples(sensor, [b"1,2000,5\n2,4000,5\n3,6"])
    sensor.gap()
    assert sorted(samples(sensor, [b"7,14000,5\n8,16000,5\n"])) == [16_000]


def test_the_lines_carry_microseconds():
    assert {stream.clock for stream in NordicUart.streams} == {Clock(Ticks.STAMP, 1e-6, 2**32)}
    assert [(s.name, s.axes) for s in NordicUart.streams] == [(f"channel_{n}", (str(n),)) for n in range(1, 9)]


def test_handshake_and_match():
    assert list(NordicUart().start())[-1] == Notify(LINES)
    adverts = (Advert("glutebal left", frozenset({SERVICE})), Advert("x", frozenset({SERVICE})), Advert("glutebal"))
    assert [NordicUart.match(advert) for advert in adverts] == [10, 1, 0]
