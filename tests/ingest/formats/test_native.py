"""The library's own file: saved and loaded is equal, byte for byte the same, and damage is noticed."""

import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import FileFormatError, InputError
from glutebal.ingest.formats.native import read_native, save
from glutebal.model import Channel, Chunk, Event, Quantity, Recording, Side, Track

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
sides = st.sampled_from([Side.LEFT, Side.RIGHT, None])
numbers = st.floats(allow_nan=False, allow_infinity=False)
zones = st.sampled_from([None, UTC, timezone(timedelta(hours=-3, minutes=-30))])


@st.composite
def tracks(draw):
    channel = Channel(
        draw(st.sampled_from(list(Quantity))),
        draw(sides),
        draw(texts),
        draw(st.floats(0.1, 1e5)),
        *(draw(texts) for _ in range(4)),
    )
    start, chunks = draw(st.integers(-50, 10**12)), []
    for values in draw(st.lists(st.lists(numbers, min_size=1, max_size=5), max_size=3)):
        chunks.append(Chunk(channel, start, np.array(values)))
        start += len(values) + draw(st.integers(1, 100))
    return Track(channel, tuple(chunks))


recordings = st.builds(
    Recording,
    tracks=st.lists(tracks(), max_size=3).map(tuple),
    started=st.none() | st.datetimes(timezones=zones),
    subject=st.none() | texts,
    exercise=st.none() | texts,
    load_kg=st.none() | numbers,
    notes=texts,
    events=st.lists(st.builds(Event, numbers, texts, sides), max_size=3).map(tuple),
    source=texts,
    history=st.lists(texts, max_size=3).map(tuple),
    warnings=st.lists(texts, max_size=3).map(tuple),
)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(recordings)
def test_saved_and_loaded_is_equal_and_the_bytes_are_always_the_same(tmp_path_factory, recording):
    folder = tmp_path_factory.mktemp("native")
    first = save(recording, folder / "a.glutebal")
    loaded = read_native(first)
    assert loaded == recording
    assert save(loaded, folder / "b.glutebal").read_bytes() == first.read_bytes()


def recording(n=200):
    made = np.random.default_rng(7).normal(0, 1e-4, (2, n))
    channels = [Channel(Quantity.EMG, side, "gluteus_maximus", 1000.0) for side in Side]
    return Recording(tuple(Track.of_samples(c, x) for c, x in zip(channels, made, strict=True)), source="made")


@pytest.fixture
def saved(tmp_path):
    return save(recording(), tmp_path / "set.glutebal")


def test_every_cut_is_noticed(saved):
    whole = saved.read_bytes()
    for n in [1, 30, 100, len(whole) // 2, len(whole) - 30, len(whole) - 1]:
        saved.write_bytes(whole[:n])
        with pytest.raises(FileFormatError, match=r"set\.glutebal: needed"):
            read_native(saved)


def test_flipped_bytes_are_noticed_or_harmless(saved):
    whole = saved.read_bytes()
    rng = np.random.default_rng(3)
    noticed = 0
    for at in rng.integers(0, len(whole), 300):
        damaged = bytearray(whole)
        damaged[at] ^= 0x55
        saved.write_bytes(damaged)
        try:
            assert read_native(saved) == recording()
        except FileFormatError:
            noticed += 1
    assert noticed > 250


def rewritten(path, change):
    """The same archive with one member changed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in change(members).items():
            archive.writestr(name, data)
    return path


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "array",
    [np.array([{}] * 200), np.zeros(199), np.zeros((200, 1)), np.zeros(200, dtype="f4"), np.full(200, np.nan)],
    ids=["pickled objects", "too short", "two-dimensional", "float32", "NaN"],
)
def test_samples_that_do_not_fit_are_refused(saved, array):
    rewritten(saved, lambda m: {**m, "track_0000.npy": npy(array)})
    with pytest.raises(FileFormatError):
        read_native(saved)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", "other"),
        ("tracks", 3),
        ("unknown", 1),
        ("started", "soon"),
        ("events", [{"time_s": 1, "name": "x", "side": "up"}]),
    ],
)
def test_a_description_that_is_none_is_refused(saved, field, value):
    def change(members):
        return {**members, "recording.json": json.dumps({**json.loads(members["recording.json"]), field: value})}

    with pytest.raises(FileFormatError):
        read_native(rewritten(saved, change))


def test_a_newer_version_says_to_upgrade(saved):
    def change(members):
        return {**members, "recording.json": json.dumps({"format": "glutebal recording", "version": 99})}

    with pytest.raises(FileFormatError, match="upgrade"):
        read_native(rewritten(saved, change))


def test_a_failed_save_leaves_the_old_file(saved, monkeypatch):
    before = saved.read_bytes()
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        save(replace(recording(), notes="new"), saved)
    assert saved.read_bytes() == before
    assert [p.name for p in saved.parent.iterdir()] == [saved.name]


def test_the_target_must_be_a_glutebal_file_in_a_folder(tmp_path):
    for target in (tmp_path / "a.csv", tmp_path / "no" / "a.glutebal", tmp_path):
        with pytest.raises(InputError):
            save(recording(), target)
