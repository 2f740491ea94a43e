import hashlib
import os
import pickle
import re
import subprocess
import sys
from itertools import pairwise
from types import SimpleNamespace

import pytest
from html_reader import Reader, seen_text

import glutebal.report as report
from glutebal.errors import InputError
from glutebal.report.progress import progress_card, progress_page
from glutebal.report.season_words import basis, finding

PAGES = {}


def page_of(season):
    """The page as text, made once for every season: drawing takes most of the time of these tests."""
    if id(season) not in PAGES:
        PAGES[id(season)] = season, progress_page(season).html
    return PAGES[id(season)][1]


def test_the_page_is_well_formed_and_loads_nothing(any_season):
    html = page_of(any_season)
    assert len(html) < 1_000_000  # bytes: a page can be sent by mail
    reader = Reader(html)
    tags = {tag for tag, _ in reader.tags}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    assert all(not name.startswith("on") for _, attrs in reader.tags for name in attrs)
    links = [attrs[key] for _, attrs in reader.tags for key in ("href", "xlink:href", "src") if key in attrs]
    assert all(link.startswith("#") for link in links)
    assert not re.search(r"@import|url\((?!#)", html)


def test_every_page_has_one_headline_three_answers_limits_and_safety(any_season):
    html = page_of(any_season)
    reader, text = Reader(html), seen_text(html)
    assert len(reader.of_class("headline")) == 1
    assert finding(any_season.main) in text
    assert basis(any_season.main) in text
    for part in ("Now", "Sure?", "Changing?", "cannot estimate the risk of injury", "Stop and consult a clinician"):
        assert part in text, part
    assert "nan" not in re.findall(r"\w+", text)


def test_headings_descend_step_by_step_and_tables_are_named(any_season):
    reader = Reader(page_of(any_season))
    levels = [int(tag[1]) for tag, _ in reader.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len(reader.named("caption")) == len(reader.named("table"))
    assert all("scope" in th for th in reader.named("th"))
    assert reader.named("html") == [{"lang": "en"}]


def test_every_reference_inside_the_page_is_met_once(steady_season):
    html = page_of(steady_season)
    ids = [attrs["id"] for _, attrs in Reader(html).tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    wanted = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)|aria-labelledby="([^"]+)"', html))
    assert {next(filter(None, groups)) for groups in wanted} <= set(ids)


def test_the_page_is_the_same_in_another_process(early_season):
    script = (
        "import sys, pickle, hashlib, glutebal.report as report;"
        "print(hashlib.sha256(report(pickle.load(sys.stdin.buffer)).html.encode()).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=pickle.dumps(early_season),
        capture_output=True,
        env=environment,
        check=True,
    )
    assert done.stdout.decode().strip() == hashlib.sha256(page_of(early_season).encode()).hexdigest()


def test_what_a_user_supplies_is_text(hostile_season):
    for html in (page_of(hostile_season), progress_card(hostile_season)):
        assert "<script" not in html
        assert "&lt;script&gt;" in html
    assert "<script>alert('x')</script>" in seen_text(page_of(hostile_season))


def test_a_reader_without_pictures_hears_what_they_show(steady_season):
    pictures = {p["aria-label"] for p in Reader(page_of(steady_season)).named("svg")}
    assert len(pictures) == 4
    trend = next(p for p in pictures if p.startswith("Hip thrust: mean force (plate) over 22 sessions, 66 sets"))
    assert trend.count(";") == 21
    assert re.search(r"Level now: right 12\.\d points \(\d+\.\d to \d+\.\d\)\.", trend)
    assert any("of its best; since the start" in p for p in pictures)
    assert any(re.search(r"Newest, with its limits: right \d+\.\d points \(", p) for p in pictures)
    assert any("Hip abduction: mean force (ankle strap): right" in p for p in pictures)


def test_only_findings_stand_out(steady_season, near_even_season, early_season):
    assert len(Reader(page_of(steady_season)).of_class("told")) == 2
    for season in (near_even_season, early_season):
        reader = Reader(page_of(season))
        assert reader.of_class("told") == []
        assert len(reader.of_class("quiet")) == 1


def test_not_said_is_not_zero(steady_season):
    text = seen_text(page_of(steady_season))
    assert "pain 0/10, sleep 7.5 h, fatigue 3/10, first side left new shoes" in text
    assert "pain 2/10, sleep not said, fatigue not said, first side right" in text
    assert text.count("nothing said") == 22


def test_the_page_holds_all_it_promises(steady_season):
    text = seen_text(page_of(steady_season))
    for part in (
        "7 Sep to 26 Nov 2026",
        "2 without an answer",
        "Right in 22 of 22 sessions",
        "Two sessions must differ by",
        "Mann-Kendall",
        "Outside its limits on",
        "left plate force is dead",
        "far from the others, counted less",
        "Not coloured and without a headline",
        "ultrasound, probe 7, prone",
        "within the instrument's error",
        "beyond the instrument's error",
        "unknown: no error of the instrument was given",
        "100·tanh(λ/2)",
        "MDC95 = 1.96·√2·SEM",
        "Durbin & Koopman (2012)",
        "most sessions.",
    ):
        assert part in text, part


def test_a_new_setup_is_marked_in_the_table(changed_season):
    text = seen_text(page_of(changed_season))
    assert text.count("new setup: new plates") == 1
    assert text.count("earlier setup, not compared") == 14


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("empty_season", ["No sessions yet", "no sessions yet", "0 of 3 sessions needed"]),
        ("first_session", ["Too early to say: 1 session", "1 of 3 sessions needed", "A control chart needs more"]),
        ("early_season", ["Too early to say: 2 sessions", "Unknown", "2 of 3 sessions needed"]),
        (
            "unanswered_season",
            [
                "no reference contraction at this site on either side",
                "EMG in volts cannot be compared between sessions",
            ],
        ),
        ("lost_after_change", ["no left/right answer yet with this setup", "0 of 3 sessions needed with this setup"]),
    ],
)
def test_unknown_is_a_page_of_its_own(name, parts, request):
    text = seen_text(page_of(request.getfixturevalue(name)))
    for part in parts:
        assert part in text, part


def test_a_season_without_any_answer_has_no_picture(unanswered_season, empty_season):
    for season in (unanswered_season, empty_season):
        assert Reader(page_of(season)).named("svg") == []


def test_the_card_is_a_fragment_with_headline_answers_and_picture(rising_season):
    html = progress_card(rising_season)
    assert "<html" not in html
    assert html.count("<svg") == 1
    assert "Yes: right share rising" in seen_text(html)


def test_figures_and_answers_are_kept_whole_in_print(early_season):
    html = page_of(early_season)
    printed = html[html.index("@media print") :]
    assert re.search(r"figure[^{]*\{ break-inside: avoid", printed)
    assert "max-height: 150mm" in printed


def test_the_room_takes_a_season_or_what_carries_it(early_season):
    assert report(early_season).html == page_of(early_season)
    assert report(SimpleNamespace(progress=early_season)).html == page_of(early_season)
    with pytest.raises(InputError, match="a result of analyse"):
        report(SimpleNamespace(progress="often"))
