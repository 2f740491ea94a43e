import json

import pytest
from click.testing import CliRunner

import glutebal as gb
from glutebal.cli import main


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    path = tmp_path_factory.mktemp("sensors") / "set.glutelog"
    done = run("record", "--simulate", "--seconds", "4", "--out", path, "--exercise", "hip_thrust", "--subject", "A7")
    assert done.exit_code == 0, done.output
    assert "0 lost" in done.output
    return path


def test_a_simulated_recording_is_a_recording_like_any_other(log):
    assert "force" in run("info", log).output
    told = json.loads(run("analyse", log, "--json").stdout)
    assert told["exercise"] == "hip_thrust"
    assert {q["side"] for q in told["quality"]} == {"left", "right"}


def test_replay_gives_the_same_samples(log, tmp_path):
    target = tmp_path / "set.glutebal"
    done = run("replay", log, "--out", target)
    assert done.exit_code == 0, done.output
    assert gb.read(target).tracks == gb.read(log).tracks


def test_a_log_is_never_overwritten(log):
    done = run("record", "--simulate", "--seconds", "1", "--out", log)
    assert done.exit_code == 1
    assert len(done.stderr.strip().splitlines()[-1:]) == 1
    assert "needed" in done.stderr


def test_record_without_a_sensor_says_what_to_do():
    done = run("record")
    assert done.exit_code == 1
    assert "--simulate" in done.stderr


def test_an_unknown_exercise_or_driver_is_wrong_use(tmp_path):
    assert run("record", "--simulate", "--exercise", "nonsense", "--out", tmp_path / "a.glutelog").exit_code == 2
    assert run("record", "--simulate", "--driver", "nonsense", "--out", tmp_path / "b.glutelog").exit_code == 2


def test_without_an_adapter_scan_says_so_in_one_line(monkeypatch):
    from bleak.exc import BleakBluetoothNotAvailableReason

    from glutebal.ingest.link import scanning
    from glutebal.testing.loopback import loopback

    nothing = loopback(unavailable=BleakBluetoothNotAvailableReason.NO_BLUETOOTH)
    monkeypatch.setattr(scanning, "Backend", lambda: nothing)
    done = run("scan", "--seconds", "0.2")
    assert done.exit_code == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "try:" in done.stderr


def test_scan_lists_what_it_hears(monkeypatch):
    from glutebal.ingest.link import scanning
    from glutebal.testing.air import NAMES, simulated_pair

    monkeypatch.setattr(scanning, "Backend", simulated_pair)
    done = run("scan", "--seconds", "1")
    assert done.exit_code == 0, done.output
    assert all(name in done.output and "tindeq" in done.output for name in NAMES)
    rows = json.loads(run("scan", "--seconds", "1", "--json").stdout)
    assert {row["name"] for row in rows} == set(NAMES)


@pytest.mark.parametrize("channels", [None, "1", "1,1", ","])
def test_one_device_for_both_sides_needs_its_two_channels(channels, tmp_path):
    given = ["--channels", channels] if channels else []
    done = run("record", "--left", "Box", "--right", "Box", *given, "--out", tmp_path / "a.glutelog")
    assert done.exit_code == 1
    assert "--channels 1,2" in done.stderr


def test_one_device_can_carry_both_sides(tmp_path, monkeypatch):
    from glutebal.ingest.link import opening
    from glutebal.model import Bilateral, Quantity
    from glutebal.testing.emulated import EmulatedGanglion, steady
    from glutebal.testing.loopback import loopback
    from glutebal.testing.peripheral import Peripheral

    box = Peripheral(EmulatedGanglion("Ganglion-1", steady([1e-4, 2e-4, 0.0, 0.0])), "F0:00:00:00:00:09")
    monkeypatch.setattr(opening, "Backend", lambda: loopback(box))
    path = tmp_path / "a.glutelog"
    arguments = ("--left", "Ganglion-1", "--right", "Ganglion-1", "--channels", "1,2", "--site", "gluteus_maximus")
    done = run("record", *arguments, "--seconds", "3", "--out", path)
    assert done.exit_code == 0, done.output
    recording = gb.read(path)
    pair = recording.pair("gluteus_maximus", Quantity.EMG)
    assert pair.map(lambda t: t.n_samples > 100) == Bilateral(True, True)
    assert recording.alignment is not None
    assert recording.alignment.uncertainty_s == 0
