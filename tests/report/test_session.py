import math
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from html_reader import Reader, seen_text

import glutebal.report as report
from glutebal.balance.trend import MeasurementError
from glutebal.history.records import RecordingRecord, SessionNotes, SessionRecord, SetRecord
from glutebal.history.series import Series, SetPoint
from glutebal.history.session_view import SessionView, session_view
from glutebal.model import Bilateral, Quantity, Side, TimeAlignment
from glutebal.report.figures.session import sets_figure
from glutebal.report.session import session_card, session_page
from glutebal.report.session_change import change_told
from glutebal.report.session_words import main_series, session_block, session_headline
from glutebal.results import Estimate, ExcludedRep, Laterality, Status

EVIL = "<script>alert('x')</script>"
DAY = date(2026, 10, 11)
ERROR = MeasurementError(0.042, 0.02, 0.045, 0.105, 0.125, True, 9)
FORCE = {"measure": "mean_force", "site": "plate", "unit": "N", "quantity": Quantity.FORCE}


def recording_of(analysis, parts, load_kg=80.0, **kw):
    """What the store keeps: an analysis with one set, repeated with ``parts`` λ added to every set."""
    sets = tuple(
        SetRecord(k, analysis.exercise, analysis.segmentation.laterality, _moved(analysis.balances, part), load_kg)
        for k, part in enumerate(parts, start=1)
    )
    started = datetime(2026, 10, 11, 17, 30, tzinfo=UTC)
    facts = (analysis.quality, analysis.references, analysis.segmentation.excluded)
    rest = {"settings": analysis.settings, "versions": analysis.versions, "warnings": analysis.warnings, **kw}
    return RecordingRecord("ab12" * 8, analysis.recording.source, started, 64.0, sets, *facts, **rest)


def _moved(balances, part):
    def moved(e):
        return replace(e, value=e.value + part, low=e.low + part, high=e.high + part)

    return tuple(replace(b, log_ratio=moved(b.log_ratio)) for b in balances)


def view_of(*recordings, notes=None, **kw):
    return session_view(SessionRecord("P07", DAY, recordings, notes=notes or SessionNotes(), id=2), **kw)


def before_of(view, shift=0.0):
    """The same sets a week earlier, with ``shift`` added to λ."""
    return {
        one.series: [
            SetPoint(
                one.series,
                1,
                date(2026, 10, 4),
                "",
                "",
                Bilateral("", ""),
                s.index,
                s.load_kg,
                one.whole.quantity,
                one.whole.unit,
                _moved((s.balance,), shift)[0].log_ratio,
                s.balance.sides,
                0.0,
            )
            for s in one.sets
        ]
        for one in view.series
    }


def with_force(analysis):
    """EMG first, force after it: the headline is still the force."""
    reps = tuple(entry.rep for entry in analysis.balances[0].reps)
    force = replace(analysis.balances[0], **FORCE)
    assert len(force.reps) == len(reps)
    return replace(analysis, balances=(*analysis.balances, force))


@pytest.fixture
def session(calibrated, unilateral):
    """Three sets of hip thrusts with EMG and force, one set a side of another exercise, and a session before."""
    alignment = TimeAlignment("a tap that both sensors felt", 0.0123, 0.004)
    devices = {"gluteus_maximus": Bilateral("GB-L 4F2A", "GB-R 71C0")}
    first = recording_of(with_force(calibrated), (0.0, 0.02, -0.03), alignment=alignment, devices=devices)
    second = recording_of(unilateral, (0.0,), load_kg=None)
    notes = SessionNotes(pain=0, sleep_h=7.5, first_side=Side.LEFT, text="felt strong")
    view = view_of(first, second, notes=notes)
    trends = {one.series: SimpleNamespace(error=ERROR) for one in view.series}
    return view_of(first, second, notes=notes, earlier=trends, previous=before_of(view, -0.06))


def alone(analysis, parts=(0.0, 0.02, -0.03)):
    return view_of(recording_of(analysis, parts))


@pytest.fixture(
    params=["uncalibrated", "refused", "censored", "too_few", "undecided", "unilateral", "single", "empty", "hostile"]
)
def any_view(request):
    return alone(request.getfixturevalue(request.param))


def test_every_state_has_a_page_that_loads_nothing(any_view):
    html = session_page(any_view).html
    reader = Reader(html)
    tags = {tag for tag, _ in reader.tags}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    links = [attrs[key] for _, attrs in reader.tags for key in ("href", "xlink:href", "src") if key in attrs]
    assert all(link.startswith("#") for link in links)
    assert not re.search(r"@import|url\((?!#)|\bnan\b|\binf\b|None", html)
    Reader(session_card(any_view))
    assert session_block(any_view)


def test_ids_are_met_once(session):
    html = session_page(session).html
    ids = [attrs["id"] for _, attrs in Reader(html).tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    wanted = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)|aria-labelledby="([^"]+)"', html))
    assert wanted
    assert {next(filter(None, groups)) for groups in wanted} <= set(ids)


def test_the_page_is_the_same_twice(session):
    assert session_page(session).html == session_page(session).html
    assert session_card(session) == session_card(session)


def test_the_headline_is_chosen_by_what_it_is(session):
    assert main_series(session).series == Series("P07", "hip_thrust", "mean_force", "plate")
    told = session_headline(session)
    assert told.startswith("Over 3 sets of hip thrust, mean force (plate) split 46/54 (left/right): the right side")
    assert "36 reps" in told
    without_force = replace(session, series=tuple(s for s in session.series if s.series.site != "plate"))
    assert main_series(without_force).series.site == "gluteus_maximus"


def test_what_changed_is_told_with_its_range_and_the_measurement_error(session):
    told = change_told(main_series(session))
    assert re.match(
        r"Since 4 Oct 2026 mean force \(plate\) moved 3\.0 points toward the right \(95 % range 0\.1 to 5\.8\)\. ",
        told,
    )
    assert "within the measurement error of two sessions, ±6.2 points (learned from 9 sessions)" in told


@pytest.mark.parametrize(
    ("shift", "error", "words"),
    [
        (-0.06, None, "is not known yet, so this may be nothing"),
        (-0.06, replace(ERROR, learned=False), "within the measurement error of two sessions, ±6.2 points (assumed)"),
        (-0.3, ERROR, "more than the measurement error of two sessions, ±6.2 points (learned from 9 sessions)."),
        (0.3, ERROR, "points toward the left"),
        (-0.13, replace(ERROR, mdc95=0.02), "more than the measurement error"),
    ],
)
def test_a_verdict_says_what_it_rests_on(calibrated, shift, error, words):
    view = alone(with_force(calibrated))
    trends = {one.series: SimpleNamespace(error=error) for one in view.series}
    told = change_told(main_series(session_view(view.record, trends if error else None, before_of(view, shift))))
    assert words in told


def test_a_change_whose_range_includes_none_is_not_called_more_than_that(calibrated):
    view = alone(calibrated, (0.0, 0.2, -0.2))
    trends = {one.series: SimpleNamespace(error=ERROR) for one in view.series}
    told = change_told(main_series(session_view(view.record, trends, before_of(view, -0.2))))
    assert told.endswith("but its range includes no change.")


def test_a_first_session_says_so(calibrated):
    view = alone(calibrated)
    assert change_told(main_series(view)) == "No change can be told: no earlier session."
    assert "Against the session before" not in session_page(view).html


def test_two_sets_have_no_range_and_say_why(calibrated):
    told = session_headline(alone(calibrated, (0.0, 0.02)))
    assert "over 2 sets of hip thrust, 24 reps; 2 sets, an interval needs 3, so no side difference" in told
    assert "too few sets" in session_page(alone(calibrated, (0.0, 0.02))).html


def test_one_set_speaks_for_itself_only(calibrated):
    told = session_headline(alone(calibrated, (0.0,)))
    assert "1 set, an interval needs 3, so no side difference can be told from the session." in told
    assert told.endswith("The set itself read right 7.4 (6.6 to 8.2) points.")


def test_sets_are_numbered_as_in_the_session(calibrated):
    recording = recording_of(calibrated, (0.0,))
    later = replace(recording, sets=(replace(recording.sets[0], index=2),))
    html = session_page(view_of(recording, later)).html
    second = html[html.index("Set 2, 80 kg: every repetition") :]
    assert re.search(r"<tr><td>(\d)</td>", second).group(1) == "2"


def test_no_difference_is_told_as_such(undecided):
    told = session_headline(alone(undecided, (0.0, 0.1, -0.2)))
    assert told.startswith("No side difference in gluteus maximus activation can be told from 3 sets of hip thrust")


def test_what_has_no_answer_says_why_and_what_to_try(uncalibrated):
    told = session_headline(alone(uncalibrated))
    assert told.startswith("No left/right answer for gluteus maximus activation: no reference contraction")
    assert "To try: record a reference contraction" in told


def test_an_empty_session_has_words_and_no_number():
    view = SessionView(SessionRecord("P07", DAY, ()), ())
    assert session_headline(view) == (
        "No set with a left/right pair is in this session, so there is nothing to compare."
    )
    assert "0 sets" in seen_text(session_page(view).html)
    assert "Session of 11 Oct 2026" in session_block(view)


def test_not_said_is_not_zero(session, calibrated):
    text = seen_text(session_page(session).html)
    assert "Pain 0 of 10 Fatigue not said Sleep 7.5 h First side left Setup of the sensors not said felt strong" in text
    silent = seen_text(session_page(alone(calibrated)).html)
    assert "Pain not said Fatigue not said Sleep not said First side not said" in silent
    assert "said:" not in session_block(alone(calibrated))


def test_the_page_holds_all_it_promises(session):
    text = seen_text(session_page(session).html)
    for part in (
        "Session of 11 Oct 2026 P07 2 recordings 4 sets 51 reps hip thrust, single leg hip thrust 80 kg",
        "Set 2, 80 kg: every repetition",
        "the sides were recorded 1.2 ms apart",
        "40.40 to 42.00 s, both sides: the recording stopped before the rep ended",
        "50 Hz hum makes up 12 %",
        "best 500 ms RMS of 3 trials",
        "20 to 450 Hz",
        "numpy 2.4.0",
        "left GB-L 4F2A, right GB-R 71C0",
        "a tap that both sensors felt; 12.3 ms were taken out, the rest is at most 4.0 ms",
        "not stated; both sides came in one recording",
        "ab12ab12",
        "3 sets, 36 reps",
        "within the error",
        "This is no diagnosis",
        "Stop and consult a clinician",
    ):
        assert part in text, part


def test_an_alignment_that_is_not_established_is_said(calibrated):
    recording = recording_of(calibrated, (0.0,), alignment=TimeAlignment("arrival times"))
    assert "arrival times; not established" in session_page(view_of(recording)).html


def test_a_reader_without_pictures_hears_what_they_show(session):
    reader = Reader(session_page(session).html)
    pictures = [attrs for tag, attrs in reader.tags if tag == "svg"]
    assert len(pictures) == 4  # force; gluteus maximus and medius; the one-sided exercise
    assert all(p["role"] == "img" and len(p["aria-label"]) > 80 for p in pictures)
    assert re.search(
        r"Mean force \(plate\) of each set, left and right\. Set 1, 80 kg: left .* N, right 7\.4", str(pictures)
    )
    assert all("scope" in attrs for tag, attrs in reader.tags if tag == "th")
    assert [tag for tag, _ in reader.tags].count("h1") == 1


def test_what_a_user_supplies_is_text(hostile):
    recording = recording_of(hostile, (0.0, 0.1, 0.2), devices={EVIL: Bilateral(EVIL, EVIL)})
    recording = replace(recording, fingerprint=EVIL, excluded=(ExcludedRep(1.0, 2.0, EVIL),))
    notes = SessionNotes(setup=EVIL, text=EVIL)
    view = session_view(SessionRecord(EVIL, DAY, (recording,), EVIL, notes))
    for html in (session_page(view).html, session_card(view)):
        assert "<script" not in html
        assert "&lt;script&gt;" in html


def test_the_block_is_readable_in_a_terminal(session):
    block = session_block(session)
    assert block.startswith("Session of 11 Oct 2026: P07, 2 recordings, 4 sets, 51 reps")
    assert "what changed: Since 4 Oct 2026" in block
    assert "said: pain 0 of 10, sleep 7.5 h, first side left" in block
    assert "suspect: right gluteus_medius EMG: 50 Hz hum" in block
    row = next(line for line in block.splitlines() if line.startswith("plate "))
    assert re.search(r"mean_force\s+right \d\.\d \(\d\.\d to \d+\.\d\)\s+36 reps\s+sets: right 7\.4, right", row)
    one_set = next(line for line in block.splitlines() if "15 reps" in line)
    assert re.search(r"sets: right \d\.\d \(.* to .*\)\s+too few sets", one_set)


def shown(figure):
    return " ".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))


def test_the_figure_shows_all_sets_the_session_and_the_one_before(session):
    figure = sets_figure(main_series(session))
    labels = [label.get_text() for label in figure.axes[1].get_xticklabels()]
    assert labels == ["4 Oct\nsession", "set 1\n80 kg", "set 2\n80 kg", "set 3\n80 kg", "session"]
    diamonds = [line for line in figure.axes[1].lines if line.get_marker() == "D"]
    values = [float(line.get_ydata()[0]) for line in diamonds]
    expected = [100 * math.tanh(s.balance.log_ratio.value / 2) for s in main_series(session).sets]
    assert values[:3] == pytest.approx(expected)
    assert values[3] == pytest.approx(100 * math.tanh(main_series(session).whole.log_ratio.value / 2))


def test_the_figure_of_the_uncalibrated_has_no_balance(uncalibrated):
    figure = sets_figure(alone(uncalibrated).series[0])
    assert len(figure.axes) == 1
    assert "own mean (uncalibrated)" in shown(figure)


def test_the_figure_of_the_refused_is_words(refused):
    series = alone(refused).series[0]
    nothing = Bilateral(*[Estimate.none(Status.REFUSED, "dead")] * 2)
    sets = tuple(replace(s, balance=replace(s.balance, sides=nothing)) for s in series.sets)
    figure = sets_figure(replace(series, sets=sets))
    assert figure.axes == []
    assert "no answer: left gluteus_maximus EMG is dead" in shown(figure)


def test_a_bound_is_drawn_as_an_arrow_head(censored):
    figure = sets_figure(alone(censored).series[0])
    assert [line.get_marker() for line in figure.axes[1].lines if line.get_marker() in {"^", "v", "D"}] == ["^"] * 4


def test_many_sets_are_labelled_sparingly(calibrated):
    figure = sets_figure(alone(calibrated, [0.0] * 24).series[0])
    assert len(figure.axes[1].get_xticks()) <= 11


def test_the_room_makes_the_page_of_a_session(session):
    assert report(session).html == session_page(session).html
    assert report(SimpleNamespace(view=session)).html == session_page(session).html


def test_strides_are_called_strides(gait):
    view = alone(gait)
    assert view.series[0].laterality is Laterality.CYCLIC
    assert "9 strides" in session_block(view)
