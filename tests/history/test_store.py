"""The contract of the store, on every kind of database."""

import math
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import glutebal as gb
from glutebal.errors import DuplicateError, HistoryError, InputError, UnknownNameError
from glutebal.history.place import open_store
from glutebal.history.records import Athlete, SessionNotes, SessionRecord, SetRecord, SizeMeasurement, StrengthTest
from glutebal.history.series import Series
from glutebal.history.taken import taken
from glutebal.model import Bilateral, Quantity, Side
from glutebal.results import Estimate, Laterality, Rep, RepBalance, SetBalance, Status

PEAK = Series("A-01", "hip_thrust", "peak_force", "plate")


def state(store):
    """All that the history says of itself."""
    return store.athletes(), store.sessions(), store.series(), [store.session(s.id) for s in store.sessions()]


def test_a_new_history_is_empty(store):
    assert state(store) == ((), (), (), [])


class TestRoundTrip:
    def test_every_field_comes_back(self, store, rich_session, same):
        number = store.add(rich_session)
        assert same(store.session(number), replace(rich_session, id=number))

    def test_differences_come_back(self, store, hip_angles, same):
        number = store.add(hip_angles)
        assert same(store.session(number), replace(hip_angles, id=number))

    def test_sets_know_their_differences(self, store, hip_angles, session, same):
        store.add(hip_angles)
        store.add(session("b", day=3))
        given = {b.measure: b for one in hip_angles.recordings[0].sets for b in one.balances}
        for summary in store.series("A-01"):
            points = store.points(summary.series)
            kept = given.get(summary.series.measure)
            assert summary.differences == (len(points) if kept else 0)
            assert summary.valued == (0 if summary.series.measure == "pelvic_tilt" else 1)
            assert all(same(point.difference, kept and kept.difference) for point in points)

    def test_how_the_sensors_sit_is_kept_apart(self, store, hip_angles):
        store.add(hip_angles)
        (hip,) = store.points(Series("A-01", "squat", "hip_flexion_rom", "hip"))
        assert hip.shared_se == pytest.approx(2.0)
        assert math.hypot(hip.own_se, hip.shared_se) == pytest.approx(hip.difference.se)

    def test_what_was_said_of_a_difference_stays_as_long_as_it(self, store, hip_angles, session, same):
        first, second = store.add(hip_angles), store.add(session("b", day=3))
        store.delete_session(second)
        assert same(store.session(first), replace(hip_angles, id=first))

    def test_it_is_there_after_closing(self, place, rich_session, same):
        with open_store(place) as store:
            number = store.add(rich_session)
        with open_store(place) as store:
            assert same(store.session(number), replace(rich_session, id=number))

    def test_a_session_without_recordings(self, store):
        empty = SessionRecord("A-01", date(2026, 1, 5), ())
        number = store.add(empty)
        assert store.session(number) == replace(empty, id=number)

    def test_real_analyses_come_back(self, store, analysed, same):
        for k, record in enumerate(analysed):
            given = SessionRecord("A-01", date(2026, 1, 5), (record,), f"{k}")
            assert same(store.session(store.add(given)).recordings, _plain(given.recordings))

    def test_a_file_name_that_is_no_text(self, store, recording):
        odd = replace(recording("a"), source="set \udcff.csv")
        number = store.add(SessionRecord("A-01", date(2026, 1, 5), (odd,)))
        assert store.session(number).recordings[0].source == "set ?.csv"

    def test_the_order_of_everything_is_kept(self, store, recording, balance, same):
        first = recording("f", (0.3, -0.2, 0.1))
        named = [balance(0.1, 3, measure, "plate") for measure in ("z", "a", "m")]
        sets = tuple(replace(one, balances=tuple(named)) for one in first.sets)
        given = SessionRecord("A-01", date(2026, 1, 5), (replace(first, sets=sets), recording("e"), recording("a")))
        given = replace(
            given, recordings=(given.recordings[0], *(_from(4 + k, r) for k, r in enumerate(given.recordings[1:])))
        )
        number = store.add(given)
        assert same(store.session(number).recordings, given.recordings)

    @settings(
        derandomize=True, deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(data=st.data())
    def test_whatever_numbers_and_words_there_are(self, store, recording, same, data):
        drawn = data.draw(balances())
        sets = (SetRecord(1, "hip_thrust", Laterality.CYCLIC, tuple(drawn), data.draw(loads)),)
        given = SessionRecord("A-01", date(2026, 1, 5), (replace(recording("drawn"), sets=sets),), data.draw(texts))
        number = store.add(given)
        found = store.session(number)
        store.delete_session(number)
        assert same(found, replace(given, id=number))


def _from(index, recording):
    return replace(recording, sets=tuple(replace(one, index=index) for one in recording.sets))


numbers = st.floats(allow_nan=True, allow_infinity=True, allow_subnormal=False).map(lambda x: x + 0.0)  # -0.0 is 0.0
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
loads = st.none() | st.floats(0, 500)
estimates = st.builds(
    Estimate,
    *(numbers, numbers, numbers, numbers, st.integers(0, 99), texts, st.sampled_from(Status), texts),
    st.floats(0.5, 0.99),
)
ticks = st.integers(0, 2**31 - 1)
reps = st.builds(
    Rep,
    *(st.integers(1, 99), ticks, ticks, st.floats(1, 1e4), st.sampled_from([None, *Side]), st.integers(1, 9)),
    *(st.none() | ticks, st.floats(0, 1)),
)


@st.composite
def balances(draw):
    """Up to three balances over shared reps, not all of which each of them has."""
    shared = draw(st.lists(reps, max_size=3))
    made = []
    for k in range(draw(st.integers(0, 3))):
        head = (f"measure {k}", draw(texts), draw(texts))
        own = [rep for rep in shared if draw(st.booleans())]
        sides = st.builds(Bilateral, estimates, estimates)
        listed = tuple(
            RepBalance(rep, head[0], head[1], head[2], draw(sides), draw(estimates), draw(st.none() | estimates))
            for rep in own
        )
        quantity = draw(st.sampled_from(Quantity))
        made.append(
            SetBalance(
                *(head[0], head[1], quantity, head[2], listed, draw(estimates), draw(estimates), draw(sides)),
                draw(st.none() | estimates),
            )
        )
    return made


def _plain(value):
    """Numbers of numpy's types as Python's own: the store gives those back."""
    if isinstance(value, float):
        return float(value)
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    if hasattr(value, "__dataclass_fields__"):
        return replace(value, **{name: _plain(getattr(value, name)) for name in value.__dataclass_fields__})
    return value


def test_plain_changes_nothing_else(rich_session, same):
    assert same(_plain(rich_session), rich_session)


@pytest.fixture(scope="session")
def analysed():
    """What is taken from the bundled recordings: both sides together, sides in turn, walking."""
    folder = Path(__file__).resolve().parents[2] / "datasets" / "recordings"
    found = []
    for name in ("hip_thrust", "single_leg_hip_thrust", "walk"):
        recorded = gb.read(folder / f"{name}.glutebal").with_(started=datetime(2026, 1, 5, 17))
        reference = folder / f"{name}_reference.glutebal"
        found.append(taken(gb.analyse(recorded, reference=reference if reference.exists() else None).analysis))
    return found


class TestSessions:
    def test_they_are_listed_by_athlete_and_day(self, store, session):
        for fingerprint, athlete, day in (("a", "B", 9), ("b", "A", 3), ("c", "B", 2), ("d", "A", 1)):
            store.add(session(fingerprint, athlete, day))
        assert [(s.athlete, s.day.day - 5) for s in store.sessions()] == [("A", 1), ("A", 3), ("B", 2), ("B", 9)]
        assert [s.athlete for s in store.sessions("B")] == ["B", "B"]

    def test_a_summary_counts(self, store, rich_session):
        number = store.add(rich_session)
        (found,) = store.sessions()
        assert (found.id, found.athlete, found.day, found.label) == (number, "Ä-01", date(2026, 1, 5), "evening")
        assert (found.recordings, found.sets, found.reps, found.notes) == (2, 3, 6, rich_session.notes)
        assert found.exercises == ("hip_thrust", "single_leg_hip_thrust", "walking")

    def test_the_same_athlete_day_and_label_is_one_session(self, store, session, recording, same):
        first = store.add(session("a", log_ratios=(0.1, 0.2)))
        assert store.add(session("b", log_ratios=(0.3,))) == first
        held = store.session(first)
        assert [one.index for r in held.recordings for one in r.sets] == [1, 2, 3]
        assert same(held.recordings, (recording("a", (0.1, 0.2)), _from(3, recording("b", (0.3,)))))

    def test_sets_of_one_session_count_on(self, store, recording):
        given = SessionRecord("A-01", date(2026, 1, 5), (recording("a", (0.1, 0.2)), recording("b", (0.3, 0.4))))
        held = store.session(store.add(given))
        assert [one.index for r in held.recordings for one in r.sets] == [1, 2, 3, 4]

    def test_set_numbers_with_gaps_stay(self, store, recording):
        given = SessionRecord("A-01", date(2026, 1, 5), (_from(3, recording("a")), _from(7, recording("b"))))
        held = store.session(store.add(given))
        assert [one.index for r in held.recordings for one in r.sets] == [3, 7]

    def test_another_label_or_day_or_athlete_is_another_session(self, store, session):
        given = [session("a"), session("b", label="evening"), session("c", day=1), session("d", "A-02")]
        assert len({store.add(one) for one in given}) == len(store.sessions()) == 4

    def test_joined_notes_replace_what_they_say_and_no_more(self, store, session):
        number = store.add(session("a", notes=SessionNotes(pain=3.0, sleep_h=7.0, setup="plates", text="tired")))
        store.add(session("b", notes=SessionNotes(pain=0.0, first_side=Side.LEFT, text="better")))
        notes = store.session(number).notes
        assert notes == SessionNotes(0.0, 7.0, None, Side.LEFT, "plates", "better")

    def test_edit_replaces_all_that_is_said(self, store, session):
        number = store.add(session("a", notes=SessionNotes(pain=3.0, text="tired")))
        store.edit(number, SessionNotes(fatigue=1.0))
        assert store.session(number).notes == SessionNotes(fatigue=1.0)

    def test_many_at_once(self, store, session, same):
        given = [session("a"), session("b", day=1), session("c", "A-02")]
        numbers = store.add_all(given)
        assert all(same(store.session(n), replace(s, id=n)) for n, s in zip(numbers, given, strict=True))

    @pytest.mark.parametrize("act", ["session", "delete_session", "edit"])
    def test_an_unknown_number_lists_what_there_is(self, store, session, act):
        number = store.add(session("a", label="evening"))
        before = state(store)
        arguments = (number + 1, SessionNotes()) if act == "edit" else (number + 1,)
        with pytest.raises(InputError, match=rf"{number} \(A-01, 2026-01-05, evening\)"):
            getattr(store, act)(*arguments)
        assert state(store) == before


class TestDuplicates:
    @pytest.mark.parametrize("athlete", ["A-01", "A-02"])
    def test_the_same_recording_is_refused_and_its_session_named(self, store, session, athlete):
        number = store.add(session("a", label="morning"))
        before = state(store)
        again = session("new", athlete, 3)
        again = replace(again, recordings=(*again.recordings, *session("a").recordings))
        with pytest.raises(DuplicateError, match=rf"session {number} \(A-01, 2026-01-05, morning\)"):
            store.add(again)
        assert state(store) == before

    def test_twice_in_one_session(self, store, recording):
        with pytest.raises(DuplicateError, match="the same one twice"):
            store.add(SessionRecord("A-01", date(2026, 1, 5), (recording("a"), recording("a"))))
        assert state(store) == ((), (), (), [])

    def test_many_at_once_are_all_or_none(self, store, session):
        with pytest.raises(DuplicateError):
            store.add_all([session("a"), session("b", day=1), session("a", day=2)])
        assert state(store) == ((), (), (), [])

    def test_after_deletion_it_may_be_added(self, store, session):
        store.delete_session(store.add(session("a")))
        assert store.session(store.add(session("a", "A-02"))).athlete == "A-02"

    def test_an_error_half_way_leaves_nothing(self, store, session):
        given = session("a")
        (held,) = given.recordings
        (balance,) = held.sets[0].balances
        torn = replace(balance, reps=(*balance.reps[:-1], replace(balance.reps[-1], unit="kg")))
        sets = (*held.sets, SetRecord(2, "hip_thrust", Laterality.BILATERAL, (torn,)))
        with pytest.raises(InputError, match="in kg"):
            store.add(replace(given, recordings=(replace(held, sets=sets),)))
        assert state(store) == ((), (), (), [])


class TestDeletion:
    def test_of_a_session(self, store, session):
        first, second = store.add(session("a")), store.add(session("b", day=1))
        store.delete_session(first)
        assert [s.id for s in store.sessions()] == [second]
        assert [p.session for p in store.points(PEAK)] == [second]

    def test_of_the_last_session_leaves_no_series(self, store, session):
        store.delete_session(store.add(session("a")))
        assert (store.series(), store.points(PEAK)) == ((), ())
        assert store.athletes() == (Athlete("A-01"),)

    def test_of_an_athlete_spares_the_others(self, store, session, rich_session, same):
        kept = store.add(rich_session)
        before = store.session(kept)
        store.add_all([session("a"), session("b", day=1)])
        store.add_size(size())
        store.add_strength(strength())
        assert store.delete_athlete("A-01") == 2
        assert store.athletes() == (Athlete("Ä-01"),)
        assert {s.series.athlete for s in store.series()} == {"Ä-01"}
        assert same(store.session(kept), before)
        store.set_athlete(Athlete("A-01"))
        assert store.sizes("A-01") == store.strength_tests("A-01") == store.sessions("A-01") == ()

    def test_a_number_is_not_given_away_again(self, store, session):
        gone = store.add(session("a"))
        store.delete_session(gone)
        assert store.add(session("b")) > gone

    @pytest.mark.parametrize("ask", ["delete_athlete", "sessions", "series", "sizes", "strength_tests"])
    def test_an_unknown_athlete_lists_who_there_is(self, store, session, ask):
        store.add(session("a", "lifter-7"))
        with pytest.raises(UnknownNameError, match="lifter-7"):
            getattr(store, ask)("lifter-8")


def size(day=1, **more):
    return SizeMeasurement(
        "A-01", date(2026, 1, day), "gluteus_maximus", "mri", "cm³", Bilateral(801.5, 822.0), 8.1, **more
    )


def strength(day=1, **more):
    return StrengthTest("A-01", date(2026, 1, day), "hip extension", "N", Bilateral(401.5, 380.25), 12.0, **more)


class TestAthletesAndWhatIsEnteredByHand:
    def test_an_athlete_is_noted(self, store, session):
        store.add(session("a"))
        store.set_athlete(Athlete("A-01", "goalkeeper"))
        store.set_athlete(Athlete("A-00", "new"))
        assert store.athletes() == (Athlete("A-00", "new"), Athlete("A-01", "goalkeeper"))
        store.add(session("b", day=1))
        assert store.athletes()[1] == Athlete("A-01", "goalkeeper")

    @pytest.mark.parametrize("pseudonym", ["", "  "])
    def test_an_athlete_needs_a_pseudonym(self, store, session, pseudonym):
        with pytest.raises(InputError, match="pseudonym"):
            store.set_athlete(Athlete(pseudonym))
        with pytest.raises(InputError, match="pseudonym"):
            store.add(session("a", pseudonym))
        assert store.athletes() == ()

    @pytest.mark.parametrize(
        ("make", "add", "listed", "delete"),
        [(size, "add_size", "sizes", "delete_size"), (strength, "add_strength", "strength_tests", "delete_strength")],
    )
    def test_an_entry_comes_back_by_day_and_goes(self, store, make, add, listed, delete):
        given = [make(3, instrument="X3", text="prone"), make(1), make(3)]
        ids = [getattr(store, add)(one) for one in given]
        stored = [replace(one, id=key) for one, key in zip(given, ids, strict=True)]
        assert getattr(store, listed)("A-01") == (stored[1], stored[0], stored[2])
        getattr(store, delete)(ids[0])
        assert getattr(store, listed)("A-01") == (stored[1], stored[2])
        with pytest.raises(InputError, match=str(ids[0])):
            getattr(store, delete)(ids[0])


class TestRollup:
    def test_points_are_the_sets_of_a_series_in_order(self, store, session, rich_session, same):
        store.add(rich_session)
        store.add(session("b", "A-02"))
        late = store.add(session("a", day=8, log_ratios=(0.3, 0.4), notes=SessionNotes(setup="new plates")))
        early = store.add(session("c", day=2, log_ratios=(0.1,), label="x"))
        points = store.points(PEAK)
        assert [(p.session, p.set_index, p.log_ratio.value) for p in points] == [
            (early, 1, 0.1),
            (late, 1, 0.3),
            (late, 2, 0.4),
        ]
        assert [(p.day, p.label, p.setup) for p in points[:2]] == [
            (date(2026, 1, 7), "x", ""),
            (date(2026, 1, 13), "", "new plates"),
        ]
        (held,) = store.session(early).recordings[0].sets[0].balances
        assert same((points[0].log_ratio, points[0].sides), (held.log_ratio, held.sides))
        assert (points[0].load_kg, points[0].quantity, points[0].unit) == (60.0, Quantity.FORCE, "N")

    def test_points_know_devices_and_the_shared_error(self, store, rich_session):
        store.add(rich_session)
        series = {s.series.measure: s.series for s in store.series("Ä-01")}
        (bound,), (turns,) = store.points(series["activation"]), store.points(series["duration"])
        assert (bound.devices, bound.shared_se, bound.load_kg) == (Bilateral("EMG 7", "EMG 8"), 0.04, 62.5)
        assert (turns.devices, turns.shared_se, turns.load_kg) == (Bilateral("", "P2"), 0.0, None)
        assert bound.log_ratio.status is Status.CENSORED
        assert (bound.log_ratio.low, bound.log_ratio.high) == (0.7, math.inf)

    def test_what_needs_no_reference_does_not_share_its_error(self, store, recording, balance):
        sets = (
            SetRecord(
                1,
                "hip_thrust",
                Laterality.BILATERAL,
                (balance(0.1, 5, "active_time", "gluteus_maximus", Quantity.EMG, "s"),),
                shared_se={"gluteus_maximus": 0.04},
            ),
        )
        store.add(SessionRecord("A-01", date(2026, 1, 5), (replace(recording("a"), sets=sets),)))
        (point,) = store.points(Series("A-01", "hip_thrust", "active_time", "gluteus_maximus"))
        assert point.shared_se == 0.0

    def test_a_series_that_is_not_there_has_no_points(self, store, session):
        store.add(session("a"))
        assert store.points(replace(PEAK, measure="impulse")) == ()

    def test_points_of_an_unknown_athlete(self, store):
        with pytest.raises(UnknownNameError):
            store.points(PEAK)

    def test_series_count_their_sessions(self, store, session, recording, balance):
        store.add_all([session("a"), session("b", day=3, log_ratios=(0.1, 0.2)), session("c", "A-02")])
        unknown = balance(0.1, 5, "peak_force", "plate")
        unknown = replace(unknown, log_ratio=Estimate.none(Status.REFUSED, "the left plate is dead"))
        sets = (SetRecord(1, "hip_thrust", Laterality.BILATERAL, (unknown,)),)
        store.add(SessionRecord("A-01", date(2026, 1, 20), (replace(recording("d"), sets=sets),)))
        (found,) = store.series("A-01")
        assert (found.series, found.quantity, found.sessions, found.valued) == (PEAK, Quantity.FORCE, 3, 2)
        assert (found.first, found.last) == (date(2026, 1, 5), date(2026, 1, 20))
        assert [s.series.athlete for s in store.series()] == ["A-01", "A-02"]

    def test_weeks_run_from_monday_across_the_year(self, store, session):
        days = [date(2025, 12, 28), date(2025, 12, 29), date(2026, 1, 4), date(2026, 1, 5)]
        ratios = [(0.1,), (0.2, 0.4), (0.6,), (0.8,)]
        for k, (day, values) in enumerate(zip(days, ratios, strict=True)):
            store.add(session(f"f{k}", day=day, log_ratios=values))
        found = store.weekly("hip_thrust", "peak_force", "plate")
        assert [w.week for w in found] == [date(2025, 12, 22), date(2025, 12, 29), date(2026, 1, 5)]
        assert [(w.sets, w.sessions) for w in found] == [(1, 1), (3, 2), (1, 1)]
        assert [w.log_ratio for w in found] == pytest.approx([0.1, 0.4, 0.8], rel=1e-12)

    def test_weeks_are_of_each_athlete_and_of_values_only(self, store, session, rich_session):
        store.add_all([session("a", "B"), session("b", "A"), session("c", "A", 1), rich_session])
        assert [(w.athlete, w.sessions) for w in store.weekly("hip_thrust", "peak_force", "plate")] == [
            ("A", 2),
            ("B", 1),
        ]
        assert store.weekly("hip_thrust", "activation", "gluteus_maximus") == ()


def test_a_closed_history_says_so(place, session):
    store = open_store(place)
    store.close()
    store.close()
    with pytest.raises(HistoryError, match="closed"):
        store.add(session("a"))


def test_no_error_keeps_the_store_busy(store, session):
    store.add(session("a"))
    for _ in range(3):
        with pytest.raises(DuplicateError):
            store.add(session("a", day=1))
    assert len(store.sessions()) == 1
    store.add(session("b"))
    assert store.sessions()[0].recordings == 2
