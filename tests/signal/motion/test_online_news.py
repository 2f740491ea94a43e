"""What is told, revised and withdrawn, and the numbers that repetitions get."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.model import Side
from glutebal.results import Rep
from glutebal.signal.motion.online_news import Ledger, RepNews, Revision


def rep(start_s, stop_s, side=None, index=1, set_index=1):
    start, stop = round(50 * start_s), round(50 * stop_s)
    return Rep(index, start, stop, 50.0, side, set_index, (start + stop) // 2)


def numbers(ledger):
    return [(each.set_index, each.index) for each in ledger.reps]


FIVE = [rep(10 + 4 * k, 12 + 4 * k) for k in range(5)]


def test_each_is_told_once_and_numbers_go_on():
    ledger = Ledger(20.0)
    told = [ledger.merged(FIVE[: k + 1]).told for k in range(5)]
    assert [[each.start for each in news] for news in told] == [[one.start] for one in FIVE]
    assert numbers(ledger) == [(1, 1), (1, 2), (1, 3), (1, 4), (1, 5)]


def test_other_boundaries_are_a_revision():
    ledger = Ledger(20.0)
    ledger.merged(FIVE)
    longer = replace(FIVE[2], stop=FIVE[2].stop + 10)
    news = ledger.merged([*FIVE[:2], longer, *FIVE[3:]])
    assert news == RepNews(revised=(Revision(replace(FIVE[2], index=3), replace(longer, index=3)),))


def test_what_is_not_sure_is_withdrawn_once_a_set_has_gone_on_without_it():
    ledger = Ledger(20.0)
    unrack = rep(3, 6)
    assert ledger.merged((), [unrack]).told == (unrack,)
    assert not ledger.merged(FIVE[:2]).withdrawn
    news = ledger.merged(FIVE[:3])
    assert [each.start for each in news.withdrawn] == [unrack.start]
    assert numbers(ledger) == [(1, 1), (1, 2), (1, 3)]


def test_the_other_side_is_not_withdrawn_by_a_set_of_this_one():
    ledger = Ledger(20.0)
    left = [rep(10 + 8 * k, 12 + 8 * k, Side.LEFT) for k in range(3)]
    right = [rep(14 + 8 * k, 16 + 8 * k, Side.RIGHT) for k in range(3)]
    ledger.merged((), right[:2])
    assert not ledger.merged(left).withdrawn
    assert [each.side for each in ledger.reps] == [Side.LEFT, Side.RIGHT, Side.LEFT, Side.RIGHT, Side.LEFT]


def test_what_was_told_as_part_of_a_set_stays_until_the_end():
    ledger = Ledger(20.0)
    ledger.merged(FIVE)
    assert not ledger.merged([])
    assert [each.start for each in ledger.replaced(0, FIVE[1:]).withdrawn] == [FIVE[0].start]


def test_what_is_in_a_set_already_is_not_told_again_as_something_new():
    ledger = Ledger(20.0)
    ledger.merged(FIVE[:3])
    assert not ledger.merged((), [replace(FIVE[1], start=FIVE[1].start + 30)]).told


def test_what_lies_before_the_window_does_not_change():
    ledger = Ledger(20.0)
    ledger.merged(FIVE)
    news = ledger.replaced(FIVE[2].start, [FIVE[2], FIVE[4]])
    assert [each.start for each in news.withdrawn] == [FIVE[3].start]
    assert [each.start for each in ledger.reps] == [FIVE[k].start for k in (0, 1, 2, 4)]
    assert numbers(ledger) == [(1, 1), (1, 2), (1, 3), (1, 4)]


def test_a_long_pause_and_a_change_of_side_begin_sets():
    ledger = Ledger(20.0)
    left = [rep(10 + 3 * k, 12 + 3 * k, Side.LEFT) for k in range(3)]
    right = [rep(22 + 3 * k, 24 + 3 * k, Side.RIGHT) for k in range(3)]
    ledger.merged([*left, *right, rep(90, 92, Side.RIGHT)])
    assert numbers(ledger) == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3), (3, 1)]


def test_sides_in_turn_are_one_set():
    ledger = Ledger(20.0)
    ledger.merged([rep(10 + 4 * k, 12 + 4 * k, list(Side)[k % 2]) for k in range(6)])
    assert numbers(ledger) == [(1, k + 1) for k in range(6)]


def test_nothing_new_is_false():
    assert not RepNews()
    assert RepNews(withdrawn=(FIVE[0],))
    assert list(RepNews(told=(FIVE[0],))) == [FIVE[0]]


@given(st.lists(st.lists(st.integers(0, 9), max_size=8), max_size=6), st.lists(st.integers(0, 9), max_size=8))
@settings(derandomize=True, deadline=None)
def test_the_news_lead_from_one_list_to_the_next(asks, last):
    every, ledger = [rep(10 + 4 * k, 12 + 4 * k) for k in range(10)], Ledger(20.0)
    steps = [ledger.merged([every[k] for k in sorted(set(ask))]) for ask in asks]
    steps.append(ledger.replaced(0, [every[k] for k in sorted(set(last))]))
    have = set()
    for news in steps:
        have |= {each.start for each in news.told}
        have -= {each.start for each in news.withdrawn}
    assert have == {each.start for each in ledger.reps} == {every[k].start for k in last}
