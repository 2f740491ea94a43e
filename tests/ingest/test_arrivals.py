import pickle

from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.ingest.advice import ADVICE, LinkError, Trouble
from glutebal.ingest.arrivals import Happening, Inbox, Notice, Packet
from glutebal.model import Side


def packet(device=0, number=0):
    return Packet(device, Side.LEFT, 0, "char", number, bytes([number % 256]))


@settings(derandomize=True, deadline=None)
@given(st.lists(st.sampled_from([0, 1, "drain"]), max_size=60), st.integers(1, 5))
def test_every_packet_is_delivered_or_counted_and_in_order(steps, capacity):
    inbox, out, sent = Inbox(capacity), [], {0: 0, 1: 0}
    for number, step in enumerate(steps):
        if step == "drain":
            out += inbox.drain()
        else:
            inbox.put(packet(step, number))
            sent[step] += 1
    out += inbox.drain()
    got = [r for r in out if isinstance(r, Packet)]
    for device, count in sent.items():
        assert sum(p.device == device for p in got) + inbox.discarded.get(device, 0) == count
    assert [p.arrival_ns for p in got] == sorted(p.arrival_ns for p in got)


def test_the_notice_of_what_is_missing_stands_where_it_is_missing():
    inbox = Inbox(capacity=2)
    for number in range(5):
        inbox.put(packet(number=number))
    first = inbox.drain()
    inbox.put(packet(number=9))
    told, after = inbox.drain()
    assert [p.arrival_ns for p in first] == [0, 1]
    assert (told.kind, told.device) == (Happening.OVERFLOW, 0)
    assert "3 packets" in told.text
    assert after.arrival_ns == 9


def test_a_notice_is_taken_by_a_full_queue_and_wakes_the_reader():
    woken = []
    inbox = Inbox(1, lambda: woken.append(True))
    notice = Notice(0, None, 0, 1, Happening.LOST)
    inbox.put(packet())
    inbox.put(packet())
    inbox.tell(notice)
    assert inbox.drain() == [packet(), notice]
    assert len(woken) == 2
    assert len(inbox) == 0


def test_every_trouble_has_advice_on_one_line():
    assert set(ADVICE) == set(Trouble)
    for trouble in Trouble:
        told = str(LinkError.of(trouble, "left sensor", "said\nby the system"))
        assert told.startswith("left sensor: needed ")
        assert "; try: " in told
        assert "(said by the system)" in told
        assert "\n" not in told


def test_the_trouble_survives_pickling():
    error = pickle.loads(pickle.dumps(LinkError.of(Trouble.ADAPTER_OFF, "scan")))
    assert (error.trouble, str(error)) == (Trouble.ADAPTER_OFF, str(LinkError.of(Trouble.ADAPTER_OFF, "scan")))
