import hashlib
import os
import pickle
import re
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest
from html_reader import Reader, seen_text

import glutebal.report as report
from glutebal.report.page import Page, card, page
from glutebal.results import Estimate

SMALL = ("uncalibrated", "refused", "censored", "unilateral", "single", "empty", "hostile")
LARGE = [pytest.param(name, marks=pytest.mark.slow) for name in ("gait", "many")]


@pytest.mark.parametrize("name", [*SMALL, *LARGE])
def test_the_page_is_well_formed_and_loads_nothing(name, request):
    html = page(request.getfixturevalue(name)).html
    assert len(html) < 2_000_000  # bytes: a page can be sent by mail
    reader = Reader(html)
    tags = {tag for tag, _ in reader.tags}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    assert all(not name.startswith("on") for _, attrs in reader.tags for name in attrs)
    links = [attrs[key] for _, attrs in reader.tags for key in ("href", "xlink:href", "src") if key in attrs]
    assert all(link.startswith("#") for link in links)
    assert not re.search(r"@import|url\((?!#)", html)


def test_every_reference_inside_the_page_is_met_once(calibrated):
    html = page(calibrated).html
    ids = [attrs["id"] for _, attrs in Reader(html).tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    wanted = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)|aria-labelledby="([^"]+)"', html))
    assert {next(filter(None, groups)) for groups in wanted} <= set(ids)
    assert wanted


def test_the_page_is_the_same_twice(calibrated):
    assert page(calibrated).html == page(calibrated).html


def test_the_page_is_the_same_in_another_process(too_few):
    script = (
        "import sys, pickle, hashlib, glutebal.report as report;"
        "print(hashlib.sha256(report(pickle.load(sys.stdin.buffer)).html.encode()).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    done = subprocess.run(
        [sys.executable, "-c", script], input=pickle.dumps(too_few), capture_output=True, env=environment, check=True
    )
    assert done.stdout.decode().strip() == hashlib.sha256(page(too_few).html.encode()).hexdigest()


def test_the_page_does_not_depend_on_the_readers_own_plot_style(too_few):
    import matplotlib as mpl

    plain = page(too_few).html
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "red", "svg.fonttype": "none", "svg.hashsalt": "x"}):
        assert page(too_few).html == plain


def test_what_a_user_supplies_is_text(hostile):
    made = page(hostile)
    for html in (made.html, card(hostile), made._repr_html_()):
        assert "<script" not in html
        assert "&lt;script&gt;" in html or "&amp;lt;script" in html
    assert "<script>alert('x')</script>" in seen_text(made.html)


def test_a_reader_without_pictures_hears_what_they_show(calibrated):
    reader = Reader(page(calibrated).html)
    pictures = reader.named("svg")
    assert len(pictures) == 5
    assert all(p["role"] == "img" and len(p["aria-label"]) > 40 for p in pictures)
    assert "gluteus maximus activation: right 7.4 (6.6 to 8.2)" in pictures[0]["aria-label"]
    assert reader.named("html") == [{"lang": "en"}]
    assert all("scope" in th for th in reader.named("th"))
    assert [tag for tag, _ in reader.tags].count("h1") == 1


def test_the_page_holds_all_it_promises(calibrated):
    text = seen_text(page(calibrated).html)
    for part in (
        "In this set gluteus maximus activation split 46/54",
        "the sides were recorded 1.2 ms apart",
        "right 7.4 (6.6 to 8.2)",
        "50 Hz hum makes up 12 %",
        "40.40 to 42.00 s, both sides: the recording stopped before the rep ended",
        "20 to 450 Hz",
        "numpy 2.4.0",
        "best 500 ms RMS of 3 trials",
        "100·tanh(λ/2)",
        "positive = right larger",
        "P07",
        "cannot estimate the risk of injury",
        "Stop and consult a clinician",
    ):
        assert part in text, part


def test_a_refused_site_shows_its_reason_instead_of_a_picture(refused):
    html = page(refused).html
    assert "No left/right answer for gluteus maximus activation: left gluteus_maximus EMG is dead." in seen_text(html)
    labels = [svg["aria-label"] for svg in Reader(html).named("svg")]
    assert not any("maximus activation of each rep" in label for label in labels)
    assert any("medius activation of each rep" in label for label in labels)


def test_nothing_answered_is_a_page_without_a_balance_picture(all_refused, empty):
    assert "Imbalance index in points" not in page(all_refused).html
    assert "No repetitions were found" in seen_text(page(empty).html)


@pytest.mark.parametrize(("low", "told"), [(0.01, True), (-0.01, False)])
def test_the_drift_of_the_headline_is_told_when_it_is_clear(too_few, low, told):
    moving = replace(too_few.balances[0], drift=Estimate(0.02, low, 0.05, 0.004, 12))
    html = page(replace(too_few, balances=(moving,))).html
    assert ("moved toward the right" in seen_text(html)) == told


def test_save_writes_utf8_and_leaves_nothing_else(too_few, tmp_path):
    made = page(too_few)
    target = made.save(tmp_path / "set.html")
    assert target.read_text(encoding="utf-8") == made.html
    assert [p.name for p in tmp_path.iterdir()] == ["set.html"]
    Page("<p>λ</p>").save(str(target))
    assert target.read_bytes() == "<p>λ</p>".encode()


def test_a_failed_save_keeps_the_old_page(tmp_path, monkeypatch):
    target = Page("old").save(tmp_path / "set.html")
    monkeypatch.setattr("pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        Page("new").save(target)
    assert [p.name for p in tmp_path.iterdir()] == ["set.html"]
    assert target.read_text() == "old"


def test_a_label_that_is_no_unicode_can_be_saved(single, tmp_path):
    odd = replace(single, warnings=("name \udcff and 右臀 and \x00",))
    assert page(odd).save(tmp_path / "odd.html").exists()


def test_the_room_is_callable_with_a_record_or_a_result(too_few):
    assert report(too_few).html == page(too_few).html
    assert report(SimpleNamespace(analysis=too_few)) == page(too_few)


def test_the_card_is_a_fragment_with_headline_picture_and_table(calibrated):
    html = card(calibrated)
    assert "<html" not in html
    assert html.count("<svg") == 1
    text = seen_text(html)
    assert "split 46/54" in text
    assert "Gluteus medius peak" in text


def channels(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]


def contrast(one, other):
    high, low = sorted(
        sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), channels(x), strict=True)) for x in (one, other)
    )[::-1]
    return (high + 0.05) / (low + 0.05)


def test_text_and_marks_stand_out_in_light_and_dark(empty):
    schemes = [
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", part)) for part in page(empty).html.split("@media screen")[:2]
    ]
    assert len(schemes) == 2
    for colours in schemes:
        for ground in ("card", "page", "note"):
            assert contrast(colours["ink"], colours[ground]) >= 7
            assert contrast(colours["muted"], colours[ground]) >= 4.5
        for mark in ("left", "right", "balance"):
            assert contrast(colours[mark], colours["card"]) >= 3
