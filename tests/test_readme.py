"""What the README and the documentation pages promise: every Python block runs and prints what stands below it."""

import contextlib
import io
import itertools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = [README, *sorted(p for p in (ROOT / "docs").rglob("*.md") if not {"_build", "gallery"} & set(p.parts))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)#\s]+)|<img[^>]* src=\"([^\"]+)\"")


def blocks(page: Path) -> list[tuple[str, str]]:
    """The fenced blocks of a page: language and text."""
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def promises(page: Path) -> list[tuple[str, str]]:
    """Each Python block with the text block that follows it; empty if none does."""
    steps = itertools.pairwise([*blocks(page), ("", "")])
    return [(code, text if kind == "text" else "") for (lang, code), (kind, text) in steps if lang == "python"]


WITH_CODE = [page for page in PAGES if promises(page)]


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_the_code_of_a_page_prints_what_it_says(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for code, expected in promises(page):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, str(page), "exec"), names)  # noqa: S102
        assert printed.getvalue().rstrip() == expected.rstrip()


def test_readme_shows_ten_lines_with_their_output():
    code, printed = promises(README)[0]
    assert 3 <= len(code.splitlines()) <= 10
    assert "analyse" in code
    assert printed.strip()


def test_readme_starts_with_sentence_picture_code():
    text = README.read_text(encoding="utf-8")
    places = [text.index(part) for part in ("# glutebal", "docs/_static/", "```python", "```bash")]
    assert places == sorted(places)


def test_readme_has_the_two_commands():
    commands = [text for lang, text in blocks(README) if lang == "bash"]
    assert len(commands) >= 2
    assert "glutebal demo" in commands[0]
    assert "pytest" in commands[1]


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "PRIVACY.md", "CODE_OF_CONDUCT.md"])
def test_relative_links_lead_somewhere(name):
    targets = [a or b for a, b in LINK.findall((ROOT / name).read_text(encoding="utf-8"))]
    local = [t for t in targets if not t.startswith(("http://", "https://"))]
    missing = [t for t in local if not (ROOT / t).exists()]
    assert missing == []


def test_readme_says_what_it_is_not():
    assert "not a medical device" in README.read_text(encoding="utf-8")
