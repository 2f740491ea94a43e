import numpy as np

from glutebal.model import Channel, Event, Quantity, Recording, Side, Track
from glutebal.report.listing import recording_block
from glutebal.results import ChannelQuality, Finding, Grade


def test_everything_a_reader_asks_about_a_file_is_there():
    values = np.arange(3000.0)
    values[100:200] = np.nan
    left = Channel(
        Quantity.EMG, Side.LEFT, "gluteus_maximus", 1000.0, label="L GRF", origin="read from the label 'L GRF'"
    )
    right = Channel(Quantity.EMG, Side.RIGHT, "gluteus_maximus", 1000.0, label="R GRF")
    pelvis = Channel(Quantity.ACCELERATION, None, "pelvis", 100.0, axis="x")
    recording = Recording(
        (Track.of_samples(left, values), Track.of_samples(right, values), Track.of_samples(pelvis, values[:300])),
        source="gait.c3d",
        events=(Event(1.0, "Foot Strike", Side.LEFT), Event(2.0, "Foot Strike", Side.LEFT)),
        history=("µV converted to V",),
        warnings=("a doubt",),
    )
    quality = (
        ChannelQuality(left, snr_db=21.4),
        ChannelQuality(right, (Finding("dead", Grade.BAD, "no muscle activity"),)),
    )
    text = recording_block(recording, quality)
    assert text.splitlines()[0] == "gait.c3d, 3 channels, 3.00 s"
    for expected in (
        "left     gluteus_maximus  EMG           1000 Hz  3.00 s  1 (0.10 s)  good, 21 dB  L GRF",
        "midline  pelvis x",
        "right gluteus_maximus EMG: no muscle activity",
        "2 × left Foot Strike",
        "read from the label 'L GRF'",
        "µV converted to V",
        "a doubt",
    ):
        assert expected in text


def test_an_empty_recording_is_described_without_sections():
    assert recording_block(Recording(()), ()).splitlines()[0] == "recording, 0 channels, 0.00 s"
