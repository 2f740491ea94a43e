"""The examples run, the reference lists every public name, the docstrings' examples hold."""

import ast
import doctest
import importlib
import re
import runpy
from pathlib import Path

import pytest

import glutebal

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("plot_*.py"))
PAGES = sorted(p for p in (ROOT / "docs").rglob("*.md") if not {"_build", "gallery"} & set(p.relative_to(ROOT).parts))
PACKAGE = Path(glutebal.__file__).parent
MODULES = sorted(
    ".".join(["glutebal", *path.relative_to(PACKAGE).with_suffix("").parts]).removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
)


def test_there_are_examples():
    assert len(EXAMPLES) >= 6


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda p: p.stem)
def test_every_example_runs(example, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    runpy.run_path(str(example), run_name="__main__")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda p: p.stem)
def test_every_example_has_a_heading(example):
    doc = ast.get_docstring(ast.parse(example.read_text(encoding="utf-8")))
    assert doc is not None
    title, underline, *_ = doc.splitlines()
    assert underline == "=" * len(title)


def test_the_reference_lists_every_public_name():
    page = (ROOT / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
    own = page.partition("currentmodule:: glutebal.testing")[0]
    listed = re.findall(r"^(?:   |\.\. py:data:: )([A-Za-z]\w*)$", own, re.MULTILINE)
    assert sorted(listed) == sorted(set(glutebal.__all__) - {"__version__"})


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_docstrings_hold(module, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    failed, _ = doctest.testmod(importlib.import_module(module))
    assert failed == 0


def test_there_are_examples_in_docstrings():
    found = sum(len(t.examples) for m in MODULES for t in doctest.DocTestFinder().find(importlib.import_module(m)))
    assert found >= 10


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_a_page_has_one_title(page):
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    titles = re.findall(r"^# .+$", text, re.MULTILINE)
    assert len(titles) == (0 if page.name == "changelog.md" else 1)


def commands_below(group, prefix=""):
    """Every command by the words that call it, those of groups included."""
    for name, command in group.commands.items():
        yield prefix + name, command
        if hasattr(command, "commands"):
            yield from commands_below(command, f"{prefix}{name} ")


def test_the_reference_names_every_command_and_option():
    from glutebal.cli import main

    page = (ROOT / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
    commands = dict(commands_below(main))
    said = {opt for command in commands.values() for p in command.params for opt in p.opts if opt.startswith("--")}
    assert {name for name in commands if f"## `glutebal {name}" not in page} == set()
    assert {option for option in said if f"`{option}" not in page} == set()


def test_the_reference_names_every_column_of_the_tables():
    from glutebal.report.tables import BALANCE_COLUMNS, QUALITY_COLUMNS, REPS_COLUMNS
    from glutebal.report.tables.season import (
        ATHLETES_COLUMNS,
        HISTORY_REPS_COLUMNS,
        SESSIONS_COLUMNS,
        SETS_COLUMNS,
        SIZES_COLUMNS,
        STRENGTH_COLUMNS,
        WEEKLY_COLUMNS,
    )
    from glutebal.report.tables.session import SESSION_COLUMNS
    from glutebal.report.tables.trend import PROGRESS_COLUMNS, TREND_COLUMNS

    page = (ROOT / "docs" / "reference" / "tables.md").read_text(encoding="utf-8")
    own = {*REPS_COLUMNS, *BALANCE_COLUMNS, *QUALITY_COLUMNS} - {"right_low", "right_high"}  # as left_low, left_high
    own |= {*SESSIONS_COLUMNS, *SETS_COLUMNS, *HISTORY_REPS_COLUMNS, *ATHLETES_COLUMNS, *WEEKLY_COLUMNS}
    own |= {*SIZES_COLUMNS, *STRENGTH_COLUMNS, *SESSION_COLUMNS, *PROGRESS_COLUMNS, *TREND_COLUMNS}
    assert {column for column in own if f"`{column}`" not in page} == set()


def test_the_reference_names_every_status():
    page = (ROOT / "docs" / "reference" / "tables.md").read_text(encoding="utf-8")
    assert {s.value for s in glutebal.Status if f"| `{s.value}` |" not in page} == set()


def test_the_reference_names_every_format_and_ready_map():
    from glutebal.ingest.columnmap import ColumnEntry, ColumnMap, ready_maps
    from glutebal.ingest.formats import FORMATS

    formats = (ROOT / "docs" / "reference" / "file-formats.md").read_text(encoding="utf-8")
    assert {name for name in (*FORMATS, *ready_maps()) if f"`{name}`" not in formats} == set()
    maps = (ROOT / "docs" / "howto" / "column-maps.md").read_text(encoding="utf-8")
    rare = {"title", "detect", "channel_line", "names_above", "rate_from", "started", "notes", "columns"}
    fields = {*ColumnMap.__struct_fields__, *ColumnEntry.__struct_fields__} - rare
    assert {field for field in fields if f"`{field}`" not in maps} == set()


def test_the_explanation_names_every_index():
    page = (ROOT / "docs" / "explanation" / "indices.md").read_text(encoding="utf-8")
    assert {name for name in glutebal.INDICES if f"`{name}`" not in page} == set()
