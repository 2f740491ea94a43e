import math
import re

import numpy as np
import pytest

import glutebal as gb
from glutebal.errors import InputError
from glutebal.ingest.link import connect
from glutebal.ingest.link.running import run
from glutebal.ingest.recorder import About, record
from glutebal.model import Quantity, Side
from glutebal.testing.air import NAMES, simulated_pair
from glutebal.testing.emulated import EmulatedTindeq, steady
from glutebal.testing.faults import Faults
from glutebal.testing.loopback import loopback
from glutebal.testing.peripheral import Peripheral


def pair(left=None, right=None, speed=1.0):
    return loopback(
        Peripheral(EmulatedTindeq("L", steady(15.0)), "F0:00:00:00:00:01", left, speed=speed),
        Peripheral(EmulatedTindeq("R", steady(20.0)), "F0:00:00:00:00:02", right, speed=speed),
    )


async def recorded(path, backend, seconds=1.5, names=("L", "R"), **options):
    async with connect(left=names[0], right=names[1], backend=backend) as link:
        return await record(
            link, path, About(site="hip", exercise="hip_thrust", subject="A7"), seconds=seconds, **options
        )


def test_two_load_cells_give_the_true_ratio_and_the_log_reads_back_equal(tmp_path):
    path = tmp_path / "set.glutelog"
    live = run(recorded(path, pair()))
    left, right = live.pair("hip", Quantity.FORCE).map(lambda track: track.values().mean())
    assert right / left == pytest.approx(20 / 15, rel=1e-6)
    assert left == pytest.approx(15 * 9.80665, rel=1e-6)  # N
    assert (live.exercise, live.subject) == ("hip_thrust", "A7")
    assert not [t for t in live.tracks if t.gaps]
    assert gb.read(path) == live


def test_a_connection_that_drops_costs_a_gap_on_its_side_only(tmp_path):
    path = tmp_path / "set.glutelog"
    live = run(recorded(path, pair(left=Faults(disconnect_at_s=(0.8,))), seconds=3.0))
    gaps = {t.channel.side: len(t.gaps) for t in live.tracks}
    assert gaps[Side.RIGHT] == 0
    assert gaps[Side.LEFT] >= 1
    assert any("connection lost" in event.name and event.side is Side.LEFT for event in live.events)
    assert gb.read(path) == live


def test_the_status_line_tells_rate_loss_and_side(tmp_path):
    lines = []
    run(recorded(tmp_path / "set.glutelog", pair(), on_status=lines.append))
    assert lines
    assert all("left L" in line and "right R" in line and "0 lost" in line for line in lines)


def test_a_log_that_exists_is_not_overwritten(tmp_path):
    path = tmp_path / "set.glutelog"
    run(recorded(path, pair(), seconds=0.3))
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"set\.glutelog"):
        run(recorded(path, pair(), seconds=0.3))
    assert path.read_bytes() == before


def test_a_simulated_set_can_be_recorded_and_analysed(tmp_path):
    path = tmp_path / "set.glutelog"
    run(recorded(path, simulated_pair(speed=15.0), seconds=2.5, names=tuple(NAMES)))
    recording = gb.read(path)
    assert {c.side for c in recording.channels} == set(Side)
    assert np.isfinite(recording.tracks[0].values()).all()
    assert math.isfinite(recording.duration_s)


def test_the_alignment_is_stored_with_the_recording_and_in_a_native_file(tmp_path):
    live = run(recorded(tmp_path / "set.glutelog", pair(), seconds=6.0))
    assert live.alignment is not None
    gb.save(live, tmp_path / "set.glutebal")
    assert gb.read(tmp_path / "set.glutebal").alignment == live.alignment
    claimed_s = 3.0 * live.alignment.uncertainty_s
    assert live.alignment.allows_timing(1.01 * claimed_s) or math.isinf(claimed_s)
    assert not live.alignment.allows_timing(0.99 * claimed_s)


def test_the_status_line_tells_the_sensors_rate_and_not_the_beat_of_its_packets(tmp_path):
    lines = []
    run(recorded(tmp_path / "set.glutelog", pair(), seconds=7.0, on_status=lines.append))
    rates = [int(word) for line in lines[-3:] for word in re.findall(r"(\d+) Hz", line)]
    assert len(rates) == 6
    assert rates == pytest.approx([80] * 6, abs=5)  # Hz: a packet of 15 samples in 5 s is 3 Hz
    assert "battery 3.987 V" in lines[-1]
