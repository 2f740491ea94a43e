"""Cues: the rule held against an independent writing of it, its laws, its rates, and what is said."""

import dataclasses
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.balance.ratio import log_ratio_of
from glutebal.coach.cues import CueKind, Cues, CueSettings, RepSeen, Severity
from glutebal.coach.exercises import exercise
from glutebal.errors import InputError
from glutebal.model import Bilateral, Side

law = settings(derandomize=True, deadline=None, max_examples=120)
NAN = math.nan
LEFT, RIGHT = Side.LEFT, Side.RIGHT
SHIFTS = {CueKind.BALANCE, CueKind.LATERAL_SHIFT, CueKind.END_SET}
NOTES = set(CueKind) - SHIFTS - {CueKind.TARGET_REACHED}
BASELINE = Bilateral(4.0, 5.0)
D10 = log_ratio_of(10.0)


def session(seed, how):
    """Two sets in which much happens: every field has a level, a change at some rep, scatter, and holes."""
    rng = np.random.default_rng(seed)
    found = []
    for set_index in (1, 2):
        n = int(rng.integers(1, 17))
        sides = {"both": [None] * n, "turns": [LEFT, RIGHT] * n, "blocks": [(LEFT, RIGHT)[set_index - 1]] * n}[how][:n]
        found += [
            RepSeen(k, set_index, side, **f)
            for (k, side), f in zip(enumerate(sides, 1), fields(rng, n, how), strict=True)
        ]
    return found


def fields(rng, n, how):
    """Of n reps, as dicts."""

    def course(level, change, scatter):
        moved = np.where(np.arange(n) >= rng.integers(0, 12), rng.choice([-1, 0, 0, 1]) * change, 0.0)
        values = level + moved + scatter * rng.standard_normal(n)
        return np.where(rng.random(n) < 0.08, NAN, values).tolist()

    def columns():
        yield "log_ratio", course(0, 0.35, 0.1) if how == "both" else [NAN] * n
        yield "value", course(20, 8, 2) if how != "both" else [NAN] * n
        for name in ("duration_s", "eccentric_s", "concentric_s"):
            yield name, course(3, 1.5, 0.2)
        yield "hold_s", course(3, 2.5, 0.4)
        yield "depth_deg", [Bilateral(*pair) for pair in zip(course(90, 15, 4), course(90, 15, 4), strict=True)]
        yield "range_deg", course(90, 15, 4)
        yield "pelvic_drop_deg", course(4, 10, 1.5)
        yield "lateral_shift_cm", course(0, 3, 0.5)

    names, values = zip(*columns(), strict=True)
    return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]


def reps(*hows):
    return st.builds(session, st.integers(0, 2**32), st.sampled_from(hows or ("both", "turns", "blocks")))


def mirrored(seen):
    return dataclasses.replace(
        seen,
        side=seen.side and seen.side.other,
        log_ratio=-seen.log_ratio,
        depth_deg=seen.depth_deg.swapped(),
        lateral_shift_cm=-seen.lateral_shift_cm,
    )


def mirrored_words(text):
    other = {"left": "right", "right": "left", "Left": "Right", "Right": "Left"}
    return re.sub(r"\b(left|right)\b", lambda m: other[m[0]], text, flags=re.IGNORECASE)


def all_of(cues, seen):
    return [cue for one in seen for cue in cues.rep(one)]


def watching(**changes):
    return Cues(CueSettings(hold_s=(2, 5), **changes), target_reps=8)


def ratios(values, **changes):
    return [RepSeen(k, log_ratio=v, **changes) for k, v in enumerate(values, start=1)]


def rule(values, threshold):
    """The rule as it stands in words, written once more: reps (from 1) with a cue, and with the suggested end."""
    level, told, last, beyond, cues, ends = NAN, 0, -99, 0, [], []
    for k, value in enumerate(values, start=1):
        level = value if k == 1 else 0.4 * value + 0.6 * level
        if told and told * level < 0.7 * threshold:
            told = 0
        outside = (level > threshold) - (level < -threshold)
        if told:
            beyond = beyond + 1 if outside == told else 0
            if beyond == 3 and not ends:
                ends.append(k)
        elif outside and k >= 3 and k - last >= 3 and not (ends and k - ends[-1] < 3):
            told, last, beyond = outside, k, 1
            cues.append((k, RIGHT if outside > 0 else LEFT))
    return cues, ends


@law
@given(st.lists(st.floats(-0.7, 0.7), max_size=40), st.one_of(st.none(), st.floats(0, 0.2)))
def test_the_balance_follows_the_rule(values, sd):
    said = all_of(Cues(CueSettings(personal_sd=sd)), ratios(values))
    cues, ends = rule(values, max(D10, 2.5 * (sd or 0)))
    assert [(c.rep, c.side) for c in said if c.kind is CueKind.BALANCE] == cues
    assert [c.rep for c in said if c.kind is CueKind.END_SET] == ends


@pytest.mark.parametrize(("sd", "few", "many"), [(0.08, 0.005, 0.2), (0.12, 0.065, 0.75), (0.16, 0.28, 0.96)])
def test_false_alarms_are_as_rare_as_published(sd, few, many):
    rng = np.random.default_rng(7)
    noise = rng.standard_normal((12, 800))
    for i in range(1, 12):
        noise[i] = 0.3 * noise[i - 1] + math.sqrt(0.91) * noise[i]
    rows = (sd * noise.T).tolist()
    watched = CueSettings(on=frozenset({CueKind.BALANCE}))
    alarms = np.mean([bool(all_of(Cues(watched), ratios(row))) for row in rows])
    single = np.mean(np.abs(rows).max(axis=1) > D10)
    assert alarms <= few < single <= many
    shifted = [all_of(Cues(watched), ratios([x + 0.3 for x in row])) for row in rows]
    assert np.mean([bool(cues) for cues in shifted]) > 0.99
    assert np.median([cues[0].rep for cues in shifted if cues]) == 3


@law
@given(reps())
def test_swapping_the_sides_swaps_the_sides_and_nothing_else(seen):
    one = all_of(watching(pelvic_drop_baseline_deg=BASELINE), seen)
    other = all_of(watching(pelvic_drop_baseline_deg=BASELINE.swapped()), [mirrored(r) for r in seen])
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        assert (a.kind, a.rep, a.set_index, a.severity) == (b.kind, b.rep, b.set_index, b.severity)
        assert a.side is (b.side and b.side.other)
        assert (a.text, a.why) == (mirrored_words(b.text), mirrored_words(b.why))
        np.testing.assert_equal({k: abs(v) for k, v in a.data}, {k: abs(v) for k, v in b.data})


@law
@given(reps())
def test_cues_keep_their_distance(seen):
    said, places = [], {}
    machine = watching()
    for place, one in enumerate(seen):
        for cue in machine.rep(one):
            said.append((place, cue))
            places.setdefault(cue.kind, []).append(place)
    for kind in SHIFTS - {CueKind.END_SET}:
        assert all(b - a >= 3 for a, b in zip(places.get(kind, []), places.get(kind, [])[1:], strict=False))
    for k, (place, cue) in enumerate(said):
        earlier = [p for p, other in said[:k] if other.kind is not CueKind.TARGET_REACHED]
        assert cue.kind not in NOTES or all(place - p >= 3 for p in earlier)
    ends = [cue.set_index for _, cue in said if cue.kind is CueKind.END_SET]
    assert len(ends) == len(set(ends))


@law
@given(reps())
def test_what_caused_a_cue_gives_its_threshold_and_its_level_again(seen):
    for cue in all_of(watching(personal_sd=0.1), seen):
        assert {type(value) for _, value in cue.data} == {float}
        numbers = dict(cue.data)
        if cue.kind is CueKind.TARGET_REACHED:
            assert numbers["reps"] >= numbers["target_low"]
            continue
        (unit,) = (
            name.removeprefix("threshold_") for name in numbers if re.fullmatch("threshold_(log|deg|s|cm).*", name)
        )
        value, before, level, centre, threshold, floor, size = (
            numbers[f"{name}_{unit}"] for name in ("value", "before", "level", "centre", "threshold", "floor", "size")
        )
        assert threshold == max(floor, numbers["share"] * (abs(centre) if math.isnan(size) else size))
        assert level == pytest.approx(before + numbers["alpha"] * (value - before), rel=1e-12)
        assert abs(level - centre) > threshold
        if "personal_sd" in numbers:
            personal = numbers["personal_sds"] * numbers["personal_sd"]
            assert floor == max(log_ratio_of(numbers["threshold_index"]), personal)
        elif "tempo_match" in numbers:
            assert floor == math.log1p(numbers["tempo_match"])
        elif "hold_low_s" in numbers:
            half = 0.5 * (numbers["hold_high_s"] - numbers["hold_low_s"])
            assert floor == half + numbers["hold_tolerance_s"]
        else:
            assert floor == {"deg": 5.0, "cm": 1.5}[unit]


@law
@given(reps(), st.data())
def test_a_replay_says_the_same_and_a_revision_that_changes_nothing_is_not_noticed(seen, data):
    at = data.draw(st.sets(st.integers(0, len(seen))))
    one, other = watching(), watching()
    first = [one.rep(r) for r in seen]
    second = []
    for k, r in enumerate(seen):
        if k in at:
            other.revised(seen[:k])
        second.append(other.rep(r))
    assert repr(first) == repr(second)
    assert repr(one.said) == repr(other.said) == repr(tuple(cue for cues in first for cue in cues))


@law
@given(reps())
def test_what_was_said_of_a_rep_is_not_said_of_it_again(seen):
    changed = [dataclasses.replace(r, log_ratio=-r.log_ratio, hold_s=9 - r.hold_s) for r in seen]
    machine = watching()
    for k, r in enumerate(seen):
        said = {cue.kind for cue in machine.rep(r)}
        machine.revised(changed[:k])
        again = {cue.kind for cue in machine.rep(changed[k])} - {CueKind.TEMPO}  # two averages make that kind
        assert not said & again
        machine.revised(seen[: k + 1])


@law
@given(reps(), st.sampled_from(CueKind))
def test_every_kind_can_be_switched_off(seen, kind):
    every = all_of(watching(), seen)
    fewer = all_of(Cues(CueSettings(hold_s=(2, 5)).without(kind), target_reps=8), seen)
    assert kind not in {cue.kind for cue in fewer}
    if kind in NOTES | {CueKind.TARGET_REACHED}:
        others = SHIFTS | {CueKind.TARGET_REACHED} - {kind}
        assert repr([c for c in fewer if c.kind in others]) == repr([c for c in every if c.kind in others - {kind}])


@law
@given(reps())
def test_nothing_is_said_with_everything_off(seen):
    assert all_of(watching(on=frozenset()), seen) == []


@law
@given(reps("both"), st.data())
def test_reps_that_are_not_known_say_nothing_and_reset_nothing(seen, data):
    known = [dataclasses.replace(r, set_index=1, index=k) for k, r in enumerate(seen, start=1)]
    holes = data.draw(st.lists(st.integers(0, len(known)), max_size=8))
    mixed = list(known)
    for place in sorted(holes, reverse=True):
        mixed.insert(place, RepSeen(100 + place))
    plain = CueSettings(hold_s=(2, 5), spacing_reps=1)
    full, sparse = Cues(plain), Cues(plain)
    assert repr(all_of(full, known)) == repr(all_of(sparse, mixed))


@pytest.mark.parametrize("unknown", [NAN, math.inf, -math.inf])
def test_what_is_not_finite_is_not_known(unknown):
    names = {f.name for f in dataclasses.fields(RepSeen)} - {"index", "set_index", "side", "depth_deg"}
    plain = dict.fromkeys(names, 3.0) | {"log_ratio": 0.0, "depth_deg": Bilateral(90.0, 90.0)}
    odd = dict.fromkeys(names, unknown) | {"depth_deg": Bilateral(unknown, 90.0)}
    seen = [RepSeen(k, **(odd if k > 4 else plain)) for k in range(1, 13)]
    assert all_of(Cues(CueSettings(hold_s=(2, 5))), seen) == []
    assert all_of(Cues(CueSettings(hold_s=(2, 5))), seen[4:]) == []


def test_a_shift_is_told_with_its_numbers():
    (cue,) = all_of(Cues(), ratios([0.3] * 4))
    assert (cue.kind, cue.rep, cue.side, cue.severity) == (CueKind.BALANCE, 3, RIGHT, Severity.SHIFT)
    assert cue.text == "Right side reads higher: right share 57 %"
    assert cue.why == "EWMA of 3 reps 14.9 points right, threshold 10.0 points"


def test_it_escalates_after_two_more_reps_once_in_a_set():
    shift = [*ratios([-0.3] * 12), *ratios([-0.3] * 6, set_index=2)]
    said = all_of(Cues(), shift)
    ends = [cue for cue in said if cue.kind is CueKind.END_SET]
    assert [(cue.set_index, cue.rep) for cue in ends] == [(1, 5), (2, 5)]
    assert ends[0].severity is Severity.CONSIDER_ENDING
    assert ends[0].text == "Left share above 55 % for 3 reps: consider ending the set or lowering the load"
    assert len(said) == 4


@pytest.mark.parametrize(
    ("third", "again"),
    [(0.16, []), (0.10, [7])],  # λ of 0.16 stays above 0.7 of the threshold, 0.10 does not
)
def test_it_is_told_again_only_after_it_was_clearly_back(third, again):
    settings_ = CueSettings(alpha=1.0, first_rep=1, on=frozenset({CueKind.BALANCE}))
    values = [0.3, 0.3, third, third, third, third, 0.3]
    assert [cue.rep for cue in all_of(Cues(settings_), ratios(values))] == [1, *again]


def test_a_cue_that_comes_too_soon_waits():
    settings_ = CueSettings(alpha=1.0, first_rep=1, on=frozenset({CueKind.BALANCE}))
    said = all_of(Cues(settings_), ratios([0.3, 0.0, 0.3, 0.3, 0.3]))
    assert [cue.rep for cue in said] == [1, 4]


def test_the_hips_that_stay_on_one_side_end_the_set():
    said = all_of(Cues(), [RepSeen(k, lateral_shift_cm=0.2 - 3.0 * (k > 5)) for k in range(1, 13)])
    assert [(c.kind, c.rep, c.side) for c in said] == [
        (CueKind.LATERAL_SHIFT, 7, LEFT),
        (CueKind.END_SET, 9, LEFT),
    ]
    assert said[0].text == "Hips have moved 1.9 cm to the left since the first reps"
    assert said[1].text == "Hips over 1.5 cm to the left for 3 reps: consider ending the set or lowering the load"


def one_sided(left, right, turns, **fields):
    """k-th reps of both sides with these values, in turns or set after set."""
    ls = [RepSeen(k, 1, LEFT, value=v, **fields) for k, v in enumerate(left, start=1)]
    rs = [RepSeen(k, 1 if turns else 2, RIGHT, value=v, **fields) for k, v in enumerate(right, start=1)]
    return [r for pair in zip(ls, rs, strict=True) for r in pair] if turns else [*ls, *rs]


@pytest.mark.parametrize("turns", [True, False])
def test_one_sided_reps_are_paired_whether_the_sides_take_turns_or_sets(turns):
    (cue,) = all_of(Cues(), one_sided([10.0] * 8, [13.0] * 8, turns))
    assert (cue.kind, cue.rep, cue.side) == (CueKind.BALANCE, 3, RIGHT)
    assert cue.text == "Right side reads higher: left reps are 23 % lower"
    assert cue.why.startswith("EWMA of 3 pairs 13.0 points right")


def test_a_pair_that_was_made_elsewhere_is_taken_as_it_is():
    seen = [RepSeen(k, side=RIGHT, log_ratio=0.3, value=1.0) for k in range(1, 5)]
    assert [cue.rep for cue in all_of(Cues(), seen)] == [3]


def test_another_set_of_the_same_side_begins_another_pair_of_sets():
    stale = [RepSeen(k, 1, LEFT, value=5.0) for k in range(1, 9)]
    fresh = [RepSeen(k, 2, LEFT, value=10.0) for k in range(1, 9)]
    right = [RepSeen(k, 3, RIGHT, value=10.0) for k in range(1, 9)]
    assert all_of(Cues(), [*stale, *fresh, *right]) == []
    assert all_of(Cues(), [*stale, *right])[0].side is RIGHT


def test_the_second_pair_of_sets_is_paired_too():
    sets = [
        RepSeen(k, s, LEFT if s % 2 else RIGHT, value=10.0 + 3 * (s == 4)) for s in range(1, 5) for k in range(1, 7)
    ]
    assert [(c.set_index, c.rep, c.side) for c in all_of(Cues(), sets)] == [(4, 3, RIGHT)]


def test_a_rep_without_a_value_keeps_its_place_among_the_pairs():
    left, right = [10.0, NAN, 10.0, 20.0, 20.0, 20.0], [10.0, 10.0, 10.0, 20.0, 20.0, 20.0]
    assert all_of(Cues(), one_sided(left, right, turns=False)) == []


EXAMPLES = {
    "Left goes 15° less deep than right": (
        [RepSeen(k, depth_deg=Bilateral(80.0, 95.0)) for k in range(1, 9)],
        (CueKind.DEPTH, 3, LEFT),
    ),
    "Range is 11° smaller than in the first reps": (
        [RepSeen(k, range_deg=90.0 - 3 * k) for k in range(1, 9)],
        (CueKind.RANGE, 7, None),
    ),
    "In left reps the pelvis drops 6° more than in the first reps": (
        [RepSeen(k, side=LEFT, pelvic_drop_deg=4.0 + 9 * (k > 5)) for k in range(1, 9)],
        (CueKind.PELVIC_DROP, 7, LEFT),
    ),
    "Lowering takes 20 % less time than the first reps": (
        [RepSeen(k, eccentric_s=2 - 0.1 * k, concentric_s=1.0, duration_s=5.0) for k in range(1, 9)],
        (CueKind.TEMPO, 7, None),
    ),
    "Reps take 36 % less time than the first reps": (
        [RepSeen(k, duration_s=3.0 if k < 4 else 1.0) for k in range(1, 5)],
        (CueKind.TEMPO, 4, None),
    ),
    "Left reps take 33 % longer than right": (
        [RepSeen(k, side=side, duration_s=4.0 if side is LEFT else 3.0) for k in range(1, 5) for side in Side],
        (CueKind.TEMPO, 3, LEFT),
    ),
    "Holds last 1.4 s; 2 to 5 s are aimed at": (
        [RepSeen(k, hold_s=1.4) for k in range(1, 9)],
        (CueKind.HOLD, 3, None),
    ),
    "Holds last 6.0 s; 2 to 5 s are aimed at": (
        [RepSeen(k, hold_s=6.0) for k in range(1, 9)],
        (CueKind.HOLD, 3, None),
    ),
}


@pytest.mark.parametrize("text", EXAMPLES)
def test_a_note_says_what_changed_once(text):
    seen, expected = EXAMPLES[text]
    said = all_of(Cues(CueSettings(hold_s=(2, 5))), seen)
    assert [(c.kind, c.rep, c.side, c.text) for c in said] == [(*expected, text)]
    assert said[0].severity is Severity.NOTE


UNREMARKABLE = {
    "depths within ten per cent": [RepSeen(k, depth_deg=Bilateral(90.0, 98.0)) for k in range(1, 13)],
    "a range that grows": [RepSeen(k, range_deg=60.0 + 3 * k) for k in range(1, 13)],
    "a pelvis that drops less": [RepSeen(k, pelvic_drop_deg=12.0 - k) for k in range(1, 13)],
    "slower and slower": [RepSeen(k, eccentric_s=1 + 0.2 * k) for k in range(1, 13)],
    "times within twenty per cent": [
        RepSeen(k, side=side, duration_s=3.5 if side is LEFT else 3.0) for k in range(1, 13) for side in Side
    ],
    "holds that differ between even movements": [
        RepSeen(k, side=side, duration_s=3.0 + 2 * (side is LEFT), eccentric_s=1.5, concentric_s=1.5)
        for k in range(1, 13)
        for side in Side
    ],
    "holds in the span": [RepSeen(k, hold_s=2.0 + 3.0 * (k % 2)) for k in range(1, 13)],
    "hips always on the right": [RepSeen(k, lateral_shift_cm=3.0) for k in range(1, 13)],
    "one odd rep": [RepSeen(k, log_ratio=0.45 * (k == 5)) for k in range(1, 13)],
}


@pytest.mark.parametrize("name", UNREMARKABLE)
def test_what_is_unremarkable_is_not_remarked(name):
    assert all_of(Cues(CueSettings(hold_s=(2, 5))), UNREMARKABLE[name]) == []


def test_a_known_baseline_of_the_pelvis_is_used_from_the_first_reps():
    seen = [RepSeen(k, side=LEFT, pelvic_drop_deg=12.0) for k in range(1, 5)]
    assert all_of(Cues(), seen) == []
    (cue,) = all_of(Cues(CueSettings(pelvic_drop_baseline_deg=BASELINE)), seen)
    assert (cue.rep, cue.text) == (3, "In left reps the pelvis drops 8° more than your baseline")


def test_the_exercise_gives_the_targets():
    seen = [RepSeen(k, side=LEFT, hold_s=1.0) for k in range(1, 14)]
    said = all_of(Cues(exercise=exercise("clamshell")), seen)
    assert [(c.kind, c.rep, c.text) for c in said] == [
        (CueKind.HOLD, 3, "Left holds last 1.0 s; 2 to 5 s are aimed at"),
        (CueKind.TARGET_REACHED, 12, "Left: 12 reps done, target 12 to 15"),
    ]
    assert all_of(Cues(), seen) == []


def test_a_target_counts_each_side_and_every_set_and_needs_no_values():
    seen = [RepSeen(k, s, side) for s in (1, 2) for k in range(1, 5) for side in Side]
    said = all_of(Cues(exercise=exercise("clamshell"), target_reps=3), seen)
    assert [(c.set_index, c.rep, c.side) for c in said] == [(1, 3, LEFT), (1, 3, RIGHT), (2, 3, LEFT), (2, 3, RIGHT)]
    assert said[0].text == "Left: 3 reps done, target 3"
    with pytest.raises(InputError, match="target of 1 rep or more"):
        Cues(target_reps=0)


def test_the_most_serious_comes_first_and_the_next_shift_waits():
    seen = [RepSeen(k, log_ratio=0.3, lateral_shift_cm=10.0 * (k >= 5)) for k in range(1, 9)]
    assert [(c.kind, c.rep) for c in all_of(Cues(), seen)] == [
        (CueKind.BALANCE, 3),
        (CueKind.END_SET, 5),
        (CueKind.LATERAL_SHIFT, 8),
    ]


def test_notes_wait_for_one_another():
    seen = [
        RepSeen(k, depth_deg=Bilateral(80.0, 95.0), hold_s=1.0, pelvic_drop_deg=4.0 + 9 * (k > 5)) for k in range(1, 13)
    ]
    said = all_of(Cues(CueSettings(hold_s=(2, 5))), seen)
    assert [(c.kind, c.rep) for c in said] == [
        (CueKind.DEPTH, 3),
        (CueKind.HOLD, 6),
        (CueKind.PELVIC_DROP, 9),
    ]


def test_a_revision_that_uncovers_a_shift_is_told_at_the_next_rep():
    machine = Cues()
    assert all_of(machine, ratios([0.0] * 5)) == []
    machine.revised(ratios([0.3] * 5))
    assert machine.said == ()
    (cue,) = machine.rep(RepSeen(6, log_ratio=0.3))
    assert (cue.kind, cue.rep) == (CueKind.BALANCE, 6)


def test_a_cue_whose_rep_was_revised_is_neither_taken_back_nor_repeated_too_soon():
    machine = Cues()
    assert [c.rep for c in all_of(machine, ratios([0.3] * 3))] == [3]
    machine.revised(ratios([0.0, 0.0, 0.1]))
    later = [RepSeen(k, log_ratio=0.9) for k in range(4, 8)]
    said = [(c.rep, c.kind) for c in all_of(machine, later)]
    assert said == [(6, CueKind.BALANCE)]
    assert [c.rep for c in machine.said] == [3, 6]


def test_a_rep_that_is_withdrawn_does_not_bring_a_cue_back():
    machine = Cues()
    all_of(machine, ratios([0.3] * 4))
    machine.revised(ratios([0.3] * 2))
    assert machine.rep(RepSeen(3, log_ratio=0.3)) == ()
    assert [c.kind for c in machine.rep(RepSeen(4, log_ratio=0.3))] == []
    assert [c.kind for c in machine.rep(RepSeen(5, log_ratio=0.3))] == [CueKind.END_SET]


@law
@given(reps())
def test_the_words_are_short_and_do_not_judge(seen):
    judged = (
        "weak strong inhibit amnesia diagnos injur risk correct fix normal dysfunction pain treat cure must danger bad"
    )
    for cue in all_of(watching(), seen):
        assert len(cue.text) <= 90
        assert "\n" not in cue.text + cue.why
        assert not [word for word in judged.split() if word in (cue.text + cue.why).casefold()]
        assert "nan" not in cue.text + cue.why
        named = re.search(r"\b(left|right)\b", cue.text, re.IGNORECASE)
        assert (cue.side is None) is (named is None)
        assert named is None or named[0].casefold() == cue.side.value
