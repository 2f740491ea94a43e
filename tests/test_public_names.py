"""The public names are pinned, documented and typed."""

import inspect
import re
from pathlib import Path

import pytest

import glutebal

EXPECTED = [
    "About",
    "Analysis",
    "Bandpass",
    "Bilateral",
    "BlockPower",
    "Burst",
    "Calibration",
    "Chain",
    "Channel",
    "Chunk",
    "CueKind",
    "CueSettings",
    "Direction",
    "EmgSettings",
    "Estimate",
    "Event",
    "Exercise",
    "GlutebalError",
    "Grade",
    "Highpass",
    "History",
    "INDICES",
    "Icc",
    "Index",
    "Laterality",
    "Lowpass",
    "MotionView",
    "NoiseFloor",
    "Notch",
    "Operator",
    "PairedSpm",
    "ProgressResult",
    "Quantity",
    "Recording",
    "Rectify",
    "Reference",
    "Reliability",
    "Rep",
    "Result",
    "Rms",
    "SessionNotes",
    "SessionResult",
    "SessionSets",
    "Settings",
    "Side",
    "SizeMeasurement",
    "Status",
    "StrengthTest",
    "Tkeo",
    "Track",
    "Trend",
    "TrendSettings",
    "WaveformSymmetry",
    "ZeroPhase",
    "__version__",
    "analyse",
    "assess",
    "bland_altman",
    "calibrate",
    "cohen_kappa",
    "connect",
    "convert",
    "daily_stance",
    "exceeds_cv",
    "exercise",
    "exercises",
    "fleiss_kappa",
    "imbalance",
    "imus",
    "index",
    "live",
    "load_calibration",
    "log_ratio",
    "mdc",
    "nested_estimate",
    "noise_floor",
    "onsets",
    "orientation",
    "paired_spm",
    "phase_coordination",
    "read",
    "record",
    "references",
    "reliability",
    "reliable_change",
    "report",
    "save",
    "save_calibration",
    "scan",
    "set_estimate",
    "share_right",
    "trend",
    "unpaired_estimate",
    "waveform_symmetry",
]

NAMES = [name for name in EXPECTED if name != "__version__"]


def functions_of(name: str, thing: object) -> list[tuple[str, object]]:
    """The functions behind a public name: itself, or the public methods and property getters of a class."""
    if inspect.isfunction(thing):
        return [(name, thing)]
    own = [base for base in getattr(thing, "__mro__", ()) if base.__module__.startswith("glutebal")]
    members = {key: value for base in reversed(own) for key, value in vars(base).items() if not key.startswith("_")}
    plain = {key: _function(value) for key, value in members.items()}
    return [(f"{name}.{key}", value) for key, value in plain.items() if inspect.isfunction(value)]


def _function(member: object) -> object:
    if isinstance(member, property):
        return member.fget
    return getattr(member, "__func__", member)


def comment_above(name: str) -> str:
    """The ``#:`` comment that documents a public value."""
    source = Path(glutebal.__file__).parent.joinpath(*glutebal._MODULE_OF[name].split(".")).with_suffix(".py")
    found = re.search(rf"^#: (.+)\n(?:#:.*\n)*{name}\b", source.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else ""


def untyped(function: object) -> list[str]:
    """The parameters without an annotation, and "return" if that is missing."""
    signature = inspect.signature(function)
    bare = [p.name for p in signature.parameters.values() if p.annotation is p.empty]
    return [n for n in bare if n not in {"self", "cls"}] + ["return"] * (signature.return_annotation is signature.empty)


def test_the_list_of_public_names():
    assert sorted(glutebal.__all__) == EXPECTED


def test_dir_lists_the_public_names():
    assert set(glutebal.__all__) <= set(dir(glutebal))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = glutebal.no_such_name


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_documented(name):
    thing = getattr(glutebal, name)
    doc = inspect.getdoc(thing) if callable(thing) or inspect.ismodule(thing) else comment_above(name)
    assert doc
    assert not doc.startswith(f"{name}(")  # the signature that a dataclass makes of itself is not a docstring
    assert len(doc.splitlines()[0]) > 10


@pytest.mark.parametrize("name", NAMES)
def test_every_function_and_method_is_documented_and_typed(name):
    for full_name, function in functions_of(name, getattr(glutebal, name)):
        assert inspect.getdoc(function), f"{full_name} has no docstring"
        assert untyped(function) == [], full_name


def test_untyped_parameters_are_seen():
    def bare(a, b: int = 0): ...

    assert untyped(bare) == ["a", "return"]


def test_methods_and_properties_are_seen():
    names = {name for name, _ in functions_of("Recording", glutebal.Recording)}
    assert {"Recording.pair", "Recording.duration_s", "Recording.swapped"} <= names
    assert "Bilateral.per_side" in dict(functions_of("Bilateral", glutebal.Bilateral))
