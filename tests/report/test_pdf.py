import builtins
import logging
import re
import sys
import zlib
from pathlib import Path

import pytest
from click.testing import CliRunner

from glutebal.cli import main
from glutebal.errors import MissingExtraError
from glutebal.report.figures.ink import LEFT_COLOUR, RIGHT_COLOUR
from glutebal.report.page import Page, page
from glutebal.report.pdf import as_pdf

WALK = Path(__file__).resolve().parents[2] / "datasets" / "recordings" / "walk.glutebal"


@pytest.fixture
def printer():
    """Skips, visibly, where WeasyPrint or its Pango libraries are not installed."""
    try:
        as_pdf("<p>one line</p>")
    except MissingExtraError as error:
        pytest.skip(f"no PDF was made: {error}")


def streams(pdf):
    """Every compressed stream of a PDF, joined."""
    found = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    texts = []
    for data in found:
        try:
            texts.append(zlib.decompress(data))
        except zlib.error:
            texts.append(data)
    return b"\n".join(texts)


def pages(pdf):
    return len(re.findall(rb"/Type\s*/Page\b", pdf + streams(pdf)))


def drawn(colour):
    """How a PDF sets a colour: three parts of one."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return " ".join(f"{part:.6f}".rstrip("0").rstrip(".") for part in parts).encode()


@pytest.mark.usefixtures("printer")
def test_a_page_is_printed_the_same_twice(too_few, tmp_path):
    saved = page(too_few).save(tmp_path / "set.pdf").read_bytes()
    assert saved.startswith(b"%PDF-")
    assert saved == as_pdf(page(too_few).html)
    assert pages(saved) >= 2
    assert list(tmp_path.iterdir()) == [tmp_path / "set.pdf"]


@pytest.mark.usefixtures("printer")
def test_figures_keep_their_colours(too_few):
    content = streams(as_pdf(page(too_few).html))
    for colour in (LEFT_COLOUR, RIGHT_COLOUR):
        assert drawn(colour) in content, colour


@pytest.mark.usefixtures("printer")
def test_what_is_folded_on_the_screen_is_printed():
    folded = "<details><summary>more</summary>" + "<p>a line</p>" * 120 + "</details>"
    assert pages(as_pdf(folded)) > 1


@pytest.mark.usefixtures("printer")
def test_nothing_is_fetched(tmp_path, caplog):
    picture = tmp_path / "dot.svg"
    picture.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    )
    places = (picture.as_uri(), "http://127.0.0.1:9/dot.png", "data:image/gif;base64,R0lGODlhAQABAAAAACw=")
    asking = "".join(f'<img src="{place}" alt="">' for place in places)
    made = as_pdf(asking + '<link rel="stylesheet" href="http://127.0.0.1:9/x.css"><p>text</p>')
    told = [record.getMessage() for record in caplog.records if record.name == "weasyprint"]
    assert sum("disallowed protocol" in text for text in told) == 4
    assert b"/Image" not in made + streams(made)


@pytest.mark.usefixtures("printer")
def test_rules_for_browsers_are_no_warnings(too_few, caplog):
    caplog.set_level(logging.DEBUG, "weasyprint")
    as_pdf(page(too_few).html)
    assert [record for record in caplog.records if record.name == "weasyprint"] == []
    assert logging.getLogger("weasyprint").filters == []


@pytest.mark.usefixtures("printer")
def test_half_a_character_is_no_reason_for_no_page():
    assert as_pdf("<p>\ud800 kg</p>").startswith(b"%PDF-")


@pytest.mark.usefixtures("printer")
def test_the_command_line_prints(tmp_path):
    target = tmp_path / "walk.PDF"
    result = CliRunner().invoke(main, ["analyse", str(WALK), "--report", str(target)])
    assert (result.exit_code, result.exception) == (0, None)
    assert target.read_bytes().startswith(b"%PDF-")


def test_without_weasyprint_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    target = tmp_path / "set.pdf"
    target.write_bytes(b"what was there")
    with pytest.raises(MissingExtraError, match=r'pip install "glutebal\[pdf\]"'):
        Page("<p>x</p>").save(target)
    assert target.read_bytes() == b"what was there"


def test_without_pango_the_packages_are_named_and_nothing_is_printed(monkeypatch, capsys):
    real = builtins.__import__

    def without_pango(name, *args, **kw):
        if name == "weasyprint":
            sys.stdout.write("please follow the installation steps")
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *args, **kw)

    monkeypatch.setattr(builtins, "__import__", without_pango)
    with pytest.raises(MissingExtraError, match=r"the Pango libraries to write a PDF.*apt-get install libpango"):
        as_pdf("<p>x</p>")
    assert capsys.readouterr().out == ""
