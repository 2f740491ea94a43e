"""What was told of the reps: numbers that stay, withdrawals, and changes too small to be told."""

import math
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.live.ledger import TELL_POINTS, TELL_S, Ledger
from glutebal.model import Bilateral, Quantity, Side
from glutebal.results import Estimate, Rep, RepBalance, SetBalance, Status


def rep(start_s: float, stop_s: float, side: Side | None = None) -> Rep:
    return Rep(1, round(100 * start_s), round(100 * stop_s), 100.0, side)


def balance(reps: list[Rep], log_ratios: list[float]) -> SetBalance:
    sides = Bilateral(Estimate(10.0, n=1), Estimate(12.0, n=1))
    rows = tuple(
        RepBalance(r, "mean_force", "plate", "N", sides, Estimate(value, n=1))
        for r, value in zip(reps, log_ratios, strict=True)
    )
    none = Estimate.none(Status.TOO_FEW, "few")
    return SetBalance("mean_force", "plate", Quantity.FORCE, "N", rows, none, none, sides)


def look(ledger: Ledger, spans: list[tuple[float, float]], log_ratios: list[float] | None = None, **how):
    reps = [rep(*span) for span in spans]
    return ledger.update(reps, balance(reps, log_ratios or [0.1] * len(reps)), **how)


def numbers(change) -> tuple[list[int], list[int], list[int]]:
    return tuple([live.number for live in part] for part in (change.new, change.changed, change.gone))


def test_new_reps_are_numbered_on_and_nothing_is_told_twice():
    ledger = Ledger()
    assert ledger.next_number == 1
    assert numbers(look(ledger, [(1, 2)])) == ([1], [], [])
    assert numbers(look(ledger, [(1, 2), (3, 4)])) == ([2], [], [])
    assert not look(ledger, [(1, 2), (3, 4)])
    assert ledger.next_number == 3


def test_a_rep_that_vanishes_is_withdrawn_and_its_number_is_free_when_it_was_the_last():
    ledger = Ledger()
    look(ledger, [(1, 2), (3, 4)])
    assert numbers(look(ledger, [(1, 2)])) == ([], [], [2])
    assert numbers(look(ledger, [(1, 2), (5, 6)])) == ([2], [], [])


def test_a_number_in_the_middle_is_never_given_again():
    ledger = Ledger()
    look(ledger, [(1, 2), (3, 4), (5, 6)])
    assert numbers(look(ledger, [(1, 2), (5, 6)])) == ([], [], [2])
    assert numbers(look(ledger, [(1, 2), (3, 4), (5, 6)])) == ([4], [], [])
    assert [live.number for live in ledger.told] == [1, 4, 3]


def test_two_halves_become_one_rep():
    ledger = Ledger()
    look(ledger, [(1, 2), (2, 3)])
    assert numbers(look(ledger, [(1, 3)])) == ([], [1], [2])


def test_sides_are_never_taken_for_each_other():
    ledger = Ledger()
    ledger.update([rep(1, 2, Side.LEFT)], None)
    assert not ledger.has(rep(1, 2, Side.RIGHT))
    assert numbers(ledger.update([rep(1, 2, Side.RIGHT)], None)) == ([1], [], [1])


def test_small_changes_are_told_only_exactly():
    points = lambda d: 2 * math.atanh(d / 100)  # noqa: E731 - λ of an index
    ledger = Ledger()
    look(ledger, [(1, 2)], [points(5.0)])
    assert not look(ledger, [(1 + TELL_S / 2, 2)], [points(5.0 + 0.9 * TELL_POINTS)])
    assert ledger.told[0].rep.start_s == 1.0
    assert look(ledger, [(1, 2)], [points(5.0 + 1.1 * TELL_POINTS)]).changed
    assert look(ledger, [(1 + 1.2 * TELL_S, 2)], [points(5.55)]).changed
    exact = look(ledger, [(1 + 1.2 * TELL_S, 2)], [points(5.56)], exact=True)
    assert exact.changed[0].log_ratio.value == points(5.56)
    assert not look(ledger, [(1 + 1.2 * TELL_S, 2)], [points(5.56)], exact=True)


def test_a_value_that_gets_a_reason_is_told():
    ledger = Ledger()
    reps = [rep(1, 2)]
    ledger.update(reps, balance(reps, [0.1]))
    refused = replace(balance(reps, [0.1]).reps[0], log_ratio=Estimate.none(Status.REFUSED, "clipped"))
    change = ledger.update(reps, replace(balance(reps, [0.1]), reps=(refused,)))
    assert change.changed[0].log_ratio.reason == "clipped"
    assert math.isnan(change.changed[0].imbalance.value)


def test_a_rep_without_a_balance_says_so():
    ledger = Ledger()
    change = ledger.update([rep(1, 2)], None)
    assert change.new[0].log_ratio.status is Status.TOO_FEW
    assert change.new[0].unit == ""


def test_another_clock_of_the_recording_is_taken_into_account():
    ledger = Ledger()
    look(ledger, [(1, 2), (4, 5)])
    change = look(ledger, [(3, 4), (6, 7)], exact=True, earlier_s=2.0)
    assert numbers(change) == ([], [1, 2], [])
    assert [live.rep.start_s for live in ledger.told] == [3.0, 6.0]


spans = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 4)), max_size=6).map(
    lambda rows: sorted((float(a), float(a + n)) for a, n in {start: (start, n) for start, n in rows}.values())
)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.lists(spans, min_size=1, max_size=6))
def test_the_events_of_any_looks_add_up_to_the_last_one(looks):
    ledger, told = Ledger(), {}
    for found in looks:
        change = look(ledger, found, exact=True)
        for live in change.gone:
            del told[live.number]
        for live in change.changed:
            assert live.number in told
            told[live.number] = live
        for live in change.new:
            assert live.number not in told
            told[live.number] = live
    assert sorted((live.rep.start_s, live.rep.stop_s) for live in told.values()) == looks[-1]
    assert len({live.number for live in ledger.told}) == len(ledger.told)
