"""Who may import whom: the table of the rooms, read from the source with `ast`."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import glutebal

PACKAGE = Path(glutebal.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

#: Importable by everyone; what each of them may import itself.
NOUNS = {"disk": set(), "errors": set(), "model": {"errors"}, "results": {"errors", "model"}}
#: Besides the nouns and itself, what each room may import.
ROOMS = {
    "ingest": set(),
    "signal": set(),
    "balance": set(),
    "coach": {"balance"},
    "history": {"balance"},
    "report": {"balance", "coach", "history"},
    "live": {"ingest", "signal", "balance", "coach", "history", "analysis"},
    "testing": {"ingest"},
}
#: The front door, the offline analysis and the command line join the rooms. Nothing imports them back but the hall,
#: which tells what the analysis says (docs/decisions/0010).
JOINING = {"", "analysis", "cli", "__main__"}
#: A library is imported at or below these modules and nowhere else.
HOMES = {
    "matplotlib": ["report"],
    "pandas": ["report.tables", "ingest.formats", "analysis"],
    "bleak": ["ingest.link", "testing"],
    "asyncio": ["ingest.link", "ingest.replay", "live", "testing"],
    "vqf": ["signal.motion.compiled_vqf"],
}
#: Rooms whose third-party libraries are a closed list.
PURE = {"balance": {"numpy", "scipy"}, "signal": {"numpy", "scipy", "vqf", "msgspec"}}
VAGUE = {"utils", "util", "helpers", "helper", "manager", "base", "core", "common", "misc"}
HEAVY = {"scipy", "pandas", "matplotlib", "bleak", "vqf"}


@dataclass(frozen=True)
class Import:
    """One imported module, absolute; ``line`` is where."""

    name: str
    line: int


def module_name(path: Path) -> str:
    """Dotted name below the package: ``signal.filters``; empty for the front door."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(source: str) -> Iterator[Import]:
    """Every import in a source text, wherever it stands: functions and TYPE_CHECKING blocks too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            dots, base = "." * node.level, node.module or ""
            whole = dots + base
            inner = base == "glutebal" or node.level
            names = [f"{whole}.{a.name}" for a in node.names] if inner else [whole]
            yield from (Import(name, node.lineno) for name in names)
        elif isinstance(node, ast.Call) and _dynamic(node.func) and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield Import(first.value, node.lineno)


def _dynamic(func: ast.expr) -> bool:
    name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
    return name in {"import_module", "__import__"}


def _under(module: str, homes: list[str]) -> bool:
    return any(module == home or module.startswith(f"{home}.") for home in homes)


def _own(module: str, target: str) -> str | None:
    """Why ``glutebal.<module>`` may not import ``glutebal.<target>``; None if it may."""
    room, other = module.partition(".")[0], target.partition(".")[0]
    if room in JOINING or other == room:
        return None
    if other in NOUNS:
        return None if room in ROOMS or other in NOUNS[room] else f"{room} may not import {other}"
    if other in ROOMS.get(room, set()):
        return None
    if other not in ROOMS:
        return f"{target or 'the front door'} is not a room or a noun"
    return f"{room} may not import {other}"


def _library(module: str, target: str) -> str | None:
    """Why ``glutebal.<module>`` may not import the library module ``target``; None if it may."""
    library, room = target.partition(".")[0], module.partition(".")[0]
    if library in HOMES and not _under(module, HOMES[library]):
        return f"{library} belongs to {', '.join(HOMES[library])}"
    third_party = library not in sys.stdlib_module_names
    if room in PURE and third_party and library not in PURE[room]:
        return f"{room} uses {', '.join(sorted(PURE[room]))} only"
    return None


def violations(module: str, source: str) -> list[str]:
    """Every broken rule in the source of ``glutebal.<module>``, in words."""
    found = [f"{part} is a vague module name" for part in module.split(".") if part in VAGUE]
    for item in imports_of(source):
        if item.name.startswith("."):
            why = "relative import"
        elif item.name.partition(".")[0] == "glutebal":
            why = _own(module, item.name.removeprefix("glutebal").removeprefix("."))
        else:
            why = _library(module, item.name)
        if why:
            found.append(f"line {item.line}: {item.name}: {why}")
    return found


def test_every_module_is_in_a_room():
    places = {module_name(path).partition(".")[0] for path in MODULES}
    assert places <= ROOMS.keys() | NOUNS.keys() | JOINING


@pytest.mark.parametrize("path", MODULES, ids=lambda p: module_name(p) or "glutebal")
def test_imports_keep_to_the_table(path):
    assert violations(module_name(path), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("signal.reps", "import glutebal.balance.indices"),
        ("signal.reps", "from glutebal.ingest import clock"),
        ("signal.reps", "from glutebal import balance"),
        ("signal.reps", "def f():\n    from glutebal.report.page import render"),
        ("signal.reps", "if TYPE_CHECKING:\n    from glutebal.live import hall"),
        ("signal.reps", "from glutebal import analyse"),
        ("signal.reps", "import glutebal"),
        ("signal.reps", "from glutebal.analysis import analyse"),
        ("signal.reps", "from .filters import Bandpass"),
        ("signal.reps", "from . import filters"),
        ("signal.reps", "import pandas as pd"),
        ("signal.reps", "import sklearn"),
        ("signal.reps", "import asyncio"),
        ("signal.motion.orientation", "import vqf"),
        ("balance.trend", "import importlib\nimportlib.import_module('matplotlib.pyplot')"),
        ("balance.trend", "import statsmodels.api"),
        ("report.page", "import pandas"),
        ("report.page", "from glutebal.signal import filters"),
        ("live.hall", "from glutebal.report import page"),
        ("ingest.drivers.scale", "import bleak"),
        ("ingest.clock", "import asyncio"),
        ("testing.simulate", "from glutebal.signal.filters import Lowpass"),
        ("model", "from glutebal.results import Status"),
        ("errors", "import glutebal.model"),
        ("signal.utils", ""),
        ("history.base.store", ""),
    ],
)
def test_a_broken_rule_is_found(module, source):
    assert len(violations(module, source)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "signal.reps",
            "from glutebal.signal.filters import Notch\nfrom glutebal import model\nimport scipy.signal",
        ),
        ("report.tables", "import pandas\nfrom glutebal.balance.indices import imbalance"),
        ("report.figures", "def draw():\n    from matplotlib.figure import Figure"),
        ("ingest.formats.csv", "import pandas"),
        ("ingest.link", "import asyncio, bleak"),
        ("testing.sensors", "import asyncio\nfrom glutebal.ingest.replay import play"),
        ("live.hall", "import asyncio\nfrom glutebal.analysis import analyse"),
        ("analysis", "import pandas\nfrom glutebal import report"),
        ("cli", "from glutebal.live import hall\nfrom glutebal import analyse"),
        ("signal.motion.compiled_vqf", "from vqf import VQF"),
        ("results", "from glutebal.model import Side"),
    ],
)
def test_a_kept_rule_is_not_reported(module, source):
    assert violations(module, source) == []


LOADED = "import sys; print(sorted({m.partition('.')[0] for m in sys.modules}))"


@pytest.mark.parametrize(
    "start",
    [
        "import glutebal; dir(glutebal); glutebal.__version__",
        "from glutebal.cli import main; main(['--help'], standalone_mode=False)",
        "from glutebal.cli import main; main(['analyse', '--help'], standalone_mode=False)",
    ],
    ids=["import", "help", "analyse-help"],
)
def test_the_start_is_light(start):
    code = f"{start}\n{LOADED}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    loaded = set(ast.literal_eval(done.stdout.strip().splitlines()[-1]))
    assert "glutebal" in loaded
    assert not loaded & HEAVY
