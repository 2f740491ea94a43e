"""The files around the code agree with each other and with the package."""

import re
import shutil
import subprocess
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

import glutebal

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def parsed(name: str):
    return yaml.safe_load(text(name))


def test_one_version_everywhere():
    assert PROJECT["version"] == glutebal.__version__ == version("glutebal") == parsed("CITATION.cff")["version"]


def test_citation_has_what_the_format_requires():
    cff = parsed("CITATION.cff")
    assert {"cff-version", "message", "title", "authors"} <= cff.keys()
    assert cff["cff-version"] == "1.2.0"
    assert all("name" in author or "family-names" in author for author in cff["authors"])
    assert cff["license"] == PROJECT["license"] == "BSD-3-Clause"
    assert cff["repository-code"] == PROJECT["urls"]["Source"]


def test_licence_is_bsd_3_clause():
    licence = text("LICENSE")
    assert "Redistribution and use in source and binary forms" in licence
    assert "Neither the name" in licence


def test_changelog_keeps_to_its_format():
    lines = text("CHANGELOG.md").splitlines()
    versions = [line for line in lines if line.startswith("## ")]
    assert versions[0] == "## [Unreleased]"
    assert all(re.fullmatch(r"## \[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", line) for line in versions[1:])
    kinds = {line.removeprefix("### ") for line in lines if line.startswith("### ")}
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_requirements_have_lower_bounds_only():
    extras = [r for name, group in PROJECT["optional-dependencies"].items() if name != "all" for r in group]
    for requirement in [*PROJECT["dependencies"], *extras]:
        assert re.fullmatch(r"[a-z0-9-]+>=[\d.]+(; [a-z].+)?", requirement), requirement


def test_all_is_every_extra():
    extras = PROJECT["optional-dependencies"]
    [everything] = extras["all"]
    assert everything == f"glutebal[{','.join(sorted(extras.keys() - {'all'}))}]"


def test_constraints_are_versions_and_nothing_else():
    lines = text("constraints.txt").splitlines()
    pin = re.compile(r"(?P<name>[a-z0-9-]+)==[\w.!+]+( ; .+)?")
    matches = [pin.fullmatch(line) for line in lines]
    assert all(matches), [line for line, match in zip(lines, matches, strict=True) if not match]
    names = {match["name"] for match in matches if match}
    assert {re.split("[>=]", r)[0] for r in PROJECT["dependencies"]} <= names
    assert "/" not in text("constraints.txt").replace("'", "")


def test_workflow_reads_only_and_covers_the_platforms():
    workflow = parsed(".github/workflows/ci.yml")
    assert workflow["permissions"] == {"contents": "read"}
    matrix = workflow["jobs"]["tests"]["strategy"]["matrix"]
    assert matrix["os"] == ["ubuntu-latest", "macos-latest", "windows-latest"]
    classifiers = {c.rpartition(" ")[2] for c in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", c)}
    assert set(matrix["python"]) == classifiers
    assert any(step.get("run") == "bash .ci/run" for step in workflow["jobs"]["everything"]["steps"])


def test_pre_commit_hooks_bring_no_versions_of_their_own():
    repos = parsed(".pre-commit-config.yaml")["repos"]
    assert [repo["repo"] for repo in repos] == ["local"]
    assert [hook["id"] for hook in repos[0]["hooks"]] == ["ruff-check", "ruff-format", "mypy"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash on this machine")
def test_ci_script_is_well_formed():
    subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")], check=True, timeout=60)


def test_ci_script_runs_everything_and_ends_with_the_tests():
    script = text(".ci/run")
    assert script.startswith("#!/usr/bin/env bash\n")
    assert "set -euo pipefail" in script
    steps = ["readme_command 1", "ruff check", "ruff format --check", "\nmypy\n", "sphinx -W", "readme_command 2"]
    places = [script.index(step) for step in steps]
    assert places == sorted(places)
    assert script.rstrip().endswith('tests.sh" </dev/null')


def test_typing_marker_ships():
    assert (Path(glutebal.__file__).parent / "py.typed").exists()
