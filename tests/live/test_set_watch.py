"""A running set: its target, its cues, what a look tells; with looks that are written down instead of measured."""

from dataclasses import replace

import pytest

import glutebal as gb
from glutebal.coach.cues import Cues, CueSettings, RepSeen
from glutebal.live.events import BalanceSoFar, CueGiven, RepRevised, RepStarted
from glutebal.live.ledger import Ledger
from glutebal.live.look import Seen, SetSoFar
from glutebal.live.pulse import Pulse, Turn
from glutebal.live.set_watch import TAIL_S, SetWatch
from glutebal.model import Bilateral, Quantity, Side
from glutebal.results import Estimate, Rep, RepBalance, Segmentation, SetBalance, Status

FEW = Estimate.none(Status.TOO_FEW, "few")


class Looks(SetSoFar):
    """A set whose looks are given: (known_s, spans, λ per rep)."""

    def __init__(self, exercise=None, side=None):
        super().__init__(exercise, {})
        self.side, self.now = side, Seen(Segmentation(()), None, 0.0)

    def show(self, known_s, spans, log_ratios=None, sides=None):
        reps = tuple(
            Rep(k, round(100 * a), round(100 * b), 100.0, (sides or [self.side] * len(spans))[k - 1])
            for k, (a, b) in enumerate(spans, start=1)
        )
        ratios = log_ratios or [0.0] * len(reps)
        both = Bilateral(Estimate(10.0, n=1), Estimate(10.0, n=1))
        rows = tuple(
            RepBalance(rep, "mean_force", "plate", "N", both, Estimate(value, n=1))
            for rep, value in zip(reps, ratios, strict=True)
        )
        balance = SetBalance("mean_force", "plate", Quantity.FORCE, "N", rows, FEW, FEW, both)
        self.now = Seen(Segmentation(reps), balance, known_s)

    def look(self):
        return self.now

    def judge(self):
        pass


def watch(exercise=None, side=None, target=None, cues=None) -> SetWatch:
    return SetWatch(1, gb.exercise(exercise) if exercise else None, side, target, cues)


def followed(found: SetWatch, so_far: Looks, at_s: float, turn: Turn = Turn.TO_REST) -> list:
    return found.follow(at_s, so_far, Pulse(), turn)


def kinds(events: list) -> list[str]:
    return [type(event).__name__ for event in events]


def test_a_rep_is_announced_told_and_compared():
    set_, so_far = watch(), Looks()
    started = followed(set_, so_far, 1.0, Turn.TO_WORK)
    assert [(type(e), e.number) for e in started] == [(RepStarted, 1)]
    so_far.show(2.2, [(1, 2)])
    told = followed(set_, so_far, 2.2)
    assert kinds(told) == ["RepFinished", "BalanceSoFar"]
    assert (told[0].rep.number, told[0].set_index, told[1].reps) == (1, 1, 1)
    assert set_.balance is told[1]
    again = followed(set_, so_far, 4.0, Turn.TO_WORK)
    assert [(type(e), e.number) for e in again] == [(RepStarted, 2)]


def test_what_a_later_look_takes_back_is_withdrawn():
    set_, so_far = watch(), Looks()
    so_far.show(8.0, [(5, 6), (7, 7.5)])
    followed(set_, so_far, 8.0)
    so_far.show(9.0, [(5, 6)])
    events = followed(set_, so_far, 9.0)
    revised = [event for event in events if isinstance(event, RepRevised)]
    assert [(event.withdrawn, event.rep.number) for event in revised] == [(True, 2)]
    assert events[-1].reps == 1


def test_nothing_new_is_not_told_again():
    set_, so_far = watch(), Looks()
    so_far.show(2.2, [(1, 2)])
    followed(set_, so_far, 2.2)
    assert followed(set_, so_far, 3.0) == []


ONE = [(1, 2)]
THREE = [(1, 2), (3, 4), (5, 6)]
TURNS = [(1, 2), (3, 4), (5, 6), (7, 8)]
L, R = Side.LEFT, Side.RIGHT


@pytest.mark.parametrize(
    ("exercise", "side", "target", "spans", "sides", "done"),
    [
        ("hip_thrust", None, None, THREE, [None] * 3, False),  # no target
        ("hip_thrust", None, 3, THREE, [None] * 3, True),
        ("hip_thrust", None, 4, THREE, [None] * 3, False),
        (None, None, 3, THREE, [None] * 3, True),
        ("single_leg_hip_thrust", None, 2, TURNS, [L, R, L, R], True),
        ("single_leg_hip_thrust", None, 2, TURNS, [L, L, L, R], False),  # each side has its own count
        ("single_leg_hip_thrust", L, 2, TURNS, [L, L, R, R], True),
        ("single_leg_hip_thrust", L, 2, TURNS, [L, R, R, R], False),  # the other side's do not count
        ("single_leg_hip_thrust", R, 3, TURNS, [L, R, R, R], True),
        ("squat", L, 3, THREE, [None] * 3, True),  # reps of both sides count for either
    ],
)
def test_when_a_target_is_reached(exercise, side, target, spans, sides, done):
    set_, so_far = watch(exercise, side, target), Looks()
    so_far.show(6.5 if len(spans) == 3 else 8.5, spans, sides=sides)
    set_.ledger.update(so_far.now.segmentation.reps, so_far.now.balance)
    assert not set_.at_target(10.0, working=False)  # the rest behind the last rep belongs to the set
    assert set_.at_target(10.0 + TAIL_S, working=False) is done
    assert not set_.at_target(11.0 + TAIL_S, working=True)  # goes on


def test_a_target_that_was_withdrawn_begins_anew():
    set_, so_far = watch("hip_thrust", target=1), Looks()
    so_far.show(2.2, ONE)
    followed(set_, so_far, 2.2)
    assert not set_.at_target(3.0, working=False)
    so_far.show(4.0, [])
    followed(set_, so_far, 4.0)
    assert not set_.at_target(9.0, working=False)
    so_far.show(9.2, [(8, 9)])
    followed(set_, so_far, 9.2)
    assert not set_.at_target(9.5, working=False)
    assert set_.at_target(9.5 + TAIL_S, working=False)


class AtRest(Looks):
    """Channels that look dead until somebody works: nothing is found while they may not speak."""

    def judge(self):
        self.bad = {} if self.working else {"left": "no muscle activity"}

    def look(self):
        return replace(self.now, segmentation=Segmentation(()), known_s=0.0) if self.bad else self.now


def test_what_was_said_of_the_channels_at_rest_does_not_silence_the_set():
    set_, so_far = watch(), AtRest()
    so_far.working = False
    so_far.show(1.2, [(0.5, 1.0)])  # a flicker
    assert followed(set_, so_far, 1.2) == []
    assert so_far.bad
    so_far.working = True
    so_far.show(4.2, [(3, 4)])
    assert kinds(followed(set_, so_far, 4.2)) == ["RepFinished", "BalanceSoFar"]


class Heard(Cues):
    """Cues that note what they were shown."""

    def __init__(self):
        super().__init__(CueSettings(), gb.exercise("hip_thrust"), None)
        self.shown: list[tuple[str, list[float]]] = []

    def rep(self, seen: RepSeen):
        self.shown.append(("rep", [seen.log_ratio]))
        return super().rep(seen)

    def revised(self, reps):
        self.shown.append(("revised", [seen.log_ratio for seen in reps]))
        super().revised(reps)


def test_the_coach_sees_reps_in_the_order_in_which_they_began():
    cues = Heard()
    set_, so_far = watch("hip_thrust", cues=cues), Looks()
    so_far.show(4.2, [(1, 2), (3, 4)], [0.1, 0.2])
    followed(set_, so_far, 4.2)
    so_far.show(6.2, [(1, 2), (3, 4), (5, 6)], [0.1, 0.2, 0.3])
    followed(set_, so_far, 6.2)
    assert cues.shown == [("rep", [0.1]), ("rep", [0.2]), ("rep", [0.3])]


def test_a_rep_found_between_others_is_seen_without_a_word():
    cues = Heard()
    set_, so_far = watch("hip_thrust", cues=cues), Looks()
    so_far.show(4.2, [(1, 2), (3.5, 4)], [0.1, 0.3])
    followed(set_, so_far, 4.2)
    cues.shown.clear()
    so_far.show(4.4, [(1, 2), (2.2, 3.3), (3.5, 4)], [0.1, 0.2, 0.3])
    followed(set_, so_far, 4.4)
    assert cues.shown == [("revised", [0.1, 0.2, 0.3])]


def test_a_shift_is_told_with_its_reason_and_kept():
    spans = [(3 * k, 3 * k + 2) for k in range(1, 9)]
    set_, so_far = watch("hip_thrust", cues=Cues(CueSettings(), gb.exercise("hip_thrust"), None)), Looks()
    given = []
    for n in range(1, 9):
        so_far.show(3 * n + 2.2, spans[:n], [0.5] * n)
        given += [e for e in followed(set_, so_far, 3 * n + 2.2) if isinstance(e, CueGiven)]
    assert given
    assert [event.cue for event in given] == set_.said
    assert all(event.cue.why for event in given)


def test_cues_that_are_switched_on_later_know_the_reps_so_far():
    set_, so_far = watch("hip_thrust"), Looks()
    so_far.show(4.2, [(1, 2), (3, 4)], [0.1, 0.2])
    followed(set_, so_far, 4.2)
    cues = Heard()
    set_.listen(cues)
    assert cues.shown == [("revised", [0.1, 0.2])]
    set_.listen(None)
    so_far.show(6.2, [(1, 2), (3, 4), (5, 6)], [0.1, 0.2, 0.3])
    assert not [e for e in followed(set_, so_far, 6.2) if isinstance(e, CueGiven)]
    assert len(cues.shown) == 1


def test_a_set_that_is_told_again_after_its_end_does_not_disturb_the_next_one():
    set_, so_far = watch(), Looks()
    so_far.show(2.2, ONE)
    followed(set_, so_far, 2.2)
    other = replace(set_, ledger=Ledger())
    (told,) = other.tell_balance(9.0, so_far.now.balance)
    assert isinstance(told, BalanceSoFar)
    assert told.reps == 0
    assert set_.balance is not told
    assert [live.number for live in set_.ledger.told] == [1]
    assert list(set_.tell_balance(9.0, None)) == []
