"""TOML tables as records: any text is either records or one line that says where and what was needed."""

import re
from contextlib import suppress
from enum import Enum
from typing import Annotated

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.coach.toml_tables import records
from glutebal.errors import FileFormatError, InputError


class Colour(Enum):
    RED = "red"
    GREEN = "green"


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    length_m: Annotated[float, msgspec.Meta(gt=0, description="a length in m above 0")]


class Thing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(min_length=1, description="a name")]
    colour: Colour = Colour.RED
    parts: Annotated[tuple[Part, ...], msgspec.Meta(description="tables [[thing.parts]]")] = ()

    def __post_init__(self):
        if self.name == self.colour.value:
            raise InputError("a name that is no colour", self.name, "name", "another name")


class File:
    """A file that is only a name and a text."""

    name = "things.toml"

    def __init__(self, text):
        self.text = text

    def read_text(self, encoding):
        return self.text


def faulty(text):
    with pytest.raises(FileFormatError) as caught:
        records(File(text), "thing", Thing)
    return str(caught.value)


def test_records_come_with_where_they_stand():
    text = '[[thing]]\nname = "a"\n\n# [[thing]]\n[[thing]]\nname = "b"\ncolour = "green"\n'
    assert records(File(text), "thing", Thing) == [
        ("things.toml, line 1, thing 1 (a)", Thing(name="a")),
        ("things.toml, line 5, thing 2 (b)", Thing(name="b", colour=Colour.GREEN)),
    ]


def test_the_first_problem_is_told_in_full_and_the_next_by_their_place():
    text = '[[thing]]\nname = "a"\ncolor = "red"\n[[thing]]\ncolour = "blue"\n'
    assert faulty(text) == (
        "things.toml, line 3, thing 1 (a), color: needed a field out of name, colour, parts, found 'color' "
        "(and look at line 4, thing 2, name; line 5, thing 2, colour); try: colour"
    )


def test_a_long_list_of_problems_is_cut():
    assert faulty("[[thing]]\n" * 9).endswith("line 5, thing 5, name; 4 more)")


def test_what_concerns_several_fields_is_told_at_the_field_it_names():
    needed = "things.toml, line 2, thing 1 (red), name: needed a name that is no colour, found red; try: another name"
    assert faulty('[[thing]]\nname = "red"') == needed


def test_tables_in_tables_are_counted():
    text = '[[thing]]\nname = "a"\n[[thing.parts]]\nlength_m = 1\n[[thing.parts]]\nlength_m = 0\n'
    assert faulty(text) == "things.toml, line 6, thing 1 (a), parts 2, length_m: needed a length in m above 0, found 0"


def test_inline_tables_are_told_without_a_line():
    told = "things.toml, thing 1 (a), parts 1, length_m: needed a length in m above 0, found 'x'"
    assert faulty('thing = [{name = "a", parts = [{length_m = "x"}]}]') == told


def test_headers_inside_a_long_text_do_not_forge_a_line():
    text = '[[thing]]\nname = """\n[[thing]]\n"""\ncolour = 3\n'
    told = faulty(text)
    assert "line" not in told
    assert "colour: needed one of red, green, found 3" in told


def test_a_long_value_is_cut():
    assert len(faulty(f'[[thing]]\nname = "a"\ncolour = "{"x" * 5000}"')) < 250


@pytest.mark.parametrize(
    "text", ["", "a = 1", "thing = 3", "thing = []", "[thing]", "[[thing]]\n[other]", "thing = [1]"]
)
def test_anything_but_the_tables_is_refused(text):
    assert faulty(text).startswith("things.toml: needed a")


VALUES = st.recursive(
    st.sampled_from(['"a"', '"red"', "1", "-1.5", "nan", "inf", "true", "1979-05-27", "''", "[]"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]")
        | st.dictionaries(st.sampled_from(["length_m", "x"]), inner, max_size=2).map(
            lambda d: "{" + ", ".join(f"{k} = {v}" for k, v in d.items()) + "}"
        )
    ),
    max_leaves=5,
)
TABLES = st.lists(st.dictionaries(st.sampled_from(["name", "colour", "parts", "other"]), VALUES), max_size=4)


@given(TABLES)
@settings(derandomize=True, deadline=None)
def test_any_table_is_a_record_or_one_line(tables):
    text = "\n".join("\n".join(["[[thing]]", *(f"{k} = {v}" for k, v in table.items())]) for table in tables)
    with suppress(FileFormatError):
        found = records(File(text), "thing", Thing)
        assert len(found) == len(tables)
        assert all(thing.name and thing.name != thing.colour.value for _, thing in found)
        return
    assert re.fullmatch(r"things\.toml.*: needed .+, found .+", faulty(text))


@given(st.text(max_size=60))
@settings(derandomize=True, deadline=None)
def test_any_text_is_refused_in_one_line(text):
    assert faulty(text).startswith("things.toml")
