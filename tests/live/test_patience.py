"""Which of the reps that a look found may be told."""

from glutebal.live.ledger import Ledger
from glutebal.live.look import Seen
from glutebal.live.patience import BEFORE_S, LASTS_S, LATE_S, REST_S, Patience
from glutebal.model import Bilateral, Quantity
from glutebal.results import Estimate, ExcludedRep, Rep, Segmentation, SetBalance, Status

NONE = Estimate.none(Status.TOO_FEW, "few")
BALANCE = SetBalance("mean_force", "plate", Quantity.FORCE, "N", (), NONE, NONE, Bilateral(NONE, NONE))


def rep(start_s: float, stop_s: float) -> Rep:
    return Rep(1, round(100 * start_s), round(100 * stop_s), 100.0)


def seen(known_s: float, *spans: tuple[float, float], going=(), balance=BALANCE) -> Seen:
    excluded = tuple(ExcludedRep(a, b, "the recording ended before it did") for a, b in going)
    return Seen(Segmentation(tuple(rep(*span) for span in spans), excluded), balance, known_s)


def ripe(patience: Patience, look: Seen, ledger: Ledger | None = None, *, working: bool = False) -> list[float]:
    return [found.start_s for found in patience.ripe(look, ledger or Ledger(), working=working)]


def test_at_rest_a_rep_is_told_at_once():
    assert ripe(Patience(), seen(2.1, (1, 2))) == [1.0]


def test_a_rep_whose_end_was_not_seen_is_not_told():
    assert ripe(Patience(), seen(2.0, (1, 2))) == []


def test_while_the_sides_work_the_first_reps_wait():
    patience = Patience()
    assert ripe(patience, seen(2.1, (1, 2)), working=True) == []
    assert ripe(patience, seen(2.1 + BEFORE_S, (1, 2)), working=True) == [1.0]
    four = seen(4.0, (1, 1.5), (2, 2.4), (2.8, 3.1), (3.5, 3.9))
    assert ripe(Patience(), four, working=True) == [1.0, 2.0, 2.8, 3.5]


def test_a_rep_that_was_told_stays():
    ledger = Ledger()
    ledger.update([rep(1, 2)], None)
    assert ripe(Patience(), seen(2.1, (1, 2)), ledger, working=True) == [1.0]


def test_a_rep_waits_for_a_burst_that_touches_it_and_goes_on():
    patience = Patience()
    assert ripe(patience, seen(2.3, (1, 2), going=[(2.0, 2.3)])) == []
    assert ripe(patience, seen(2.3, (1, 2), going=[(2.2, 2.3)])) == [1.0]
    assert ripe(patience, seen(2.1 + REST_S, (1, 2), going=[(2.0, 5.0)])) == [1.0]


def test_what_turns_up_late_must_last():
    patience = Patience()
    now_s = 2.1 + LATE_S
    assert ripe(patience, seen(now_s, (1, 2))) == []
    assert ripe(patience, seen(now_s + 0.9 * LASTS_S, (1, 2))) == []
    assert ripe(patience, seen(now_s + 1.1 * LASTS_S, (1, 2))) == [1.0]


def test_what_came_and_went_begins_to_wait_anew():
    patience = Patience()
    now_s = 2.1 + LATE_S
    assert ripe(patience, seen(now_s, (1, 2))) == []
    assert ripe(patience, seen(now_s + 1)) == []
    assert ripe(patience, seen(now_s + 1.1 * LASTS_S, (1, 2))) == []


def test_reps_from_motion_are_told_as_they_come():
    assert ripe(Patience(), seen(2.1, (1, 2), going=[(2.0, 2.1)], balance=None), working=True) == [1.0]
    assert ripe(Patience(), seen(30.0, (1, 2), balance=None)) == [1.0]
