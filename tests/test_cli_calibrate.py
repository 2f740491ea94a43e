import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

import glutebal as gb
from glutebal.cli import main
from glutebal.model import Quantity, Side
from glutebal.signal.motion.calibration_file import load_calibration
from glutebal.testing.bodies import SensorPlan, simulate_body

SENSORS = {("pelvis", None), *((site, side) for site in ("thigh", "shank") for side in Side)}


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.fixture(scope="module")
def body():
    return simulate_body(3, exercise="squat", reps=2)


@pytest.fixture
def file(body, tmp_path):
    return gb.save(body.recording, tmp_path / "squat.glutebal")


@pytest.fixture
def swapped(tmp_path):
    plan = SensorPlan(sites=("pelvis", "thigh"), swapped=True)
    return gb.save(simulate_body(3, reps=0, sensors=plan).recording, tmp_path / "swapped.glutebal")


def test_without_a_file_it_says_what_to_do():
    done = run("calibrate")
    assert done.exit_code == 0
    words = ("still", "forwards", "side", "Bow", "glutebal calibrate FILE")
    assert [word for word in words if word not in done.stdout] == []


def test_a_recording_of_the_sequence_is_calibrated_and_kept_beside_it(file):
    done = run("calibrate", file)
    assert done.exit_code == 0, done.output
    kept = load_calibration(file.with_name("squat.calibration.json"))
    assert {(s.site, s.side) for s in kept.segments} == SENSORS
    assert "nothing doubtful" in done.stdout
    assert "legs sideways" in done.stdout


def test_what_is_kept_turns_the_sensors_as_they_were_worn(file, body):
    run("calibrate", file)
    kept = load_calibration(file.with_name("squat.calibration.json"))
    for segment in kept.segments:
        true = body.truth.sensors[segment.site, segment.side].mount
        cosine = ((segment.matrix * true).sum() - 1) / 2
        assert cosine > 0.99, segment.name  # within 8 degrees


def test_the_stretches_are_those_of_the_sequence(file, body):
    told = json.loads(run("calibrate", file, "--json").stdout)["spans_s"]
    bow = next(span for span in body.truth.functional if span.side is None)
    assert told["static"] == pytest.approx([body.truth.static.start_s, body.truth.static.stop_s], abs=1.0)
    assert told["bow"] == pytest.approx([bow.start_s, bow.stop_s], abs=0.7)  # s: begins when 7.5 degrees are reached
    assert told["flexion"][1] < told["abduction"][0]


def test_given_stretches_are_used_as_they_are(file, tmp_path):
    spans = ("--static", 0, 5, "--flexion", 5.2, 18.2, "--abduction", 18.4, 31.6)
    done = run("calibrate", file, *spans, "--json", "--out", tmp_path / "own.json")
    told = json.loads(done.stdout)
    assert told["spans_s"] == {"static": [0, 5], "flexion": [5.2, 18.2], "abduction": [18.4, 31.6]}
    assert "bow" not in told["method"]
    assert told["kept"] == str(tmp_path / "own.json")
    assert [s["axis_angle_deg"] for s in told["segments"] if s["site"] == "pelvis"] == [None]


def test_swapped_sensors_are_told_and_not_kept(swapped):
    done = run("calibrate", swapped, "--first", "right")
    assert done.exit_code == 1
    assert "wrong side" in done.stdout
    assert "left one moved first instead of the right" in done.stdout
    assert "not kept" in done.stderr
    assert not swapped.with_name("swapped.calibration.json").exists()


def test_json_says_that_it_was_not_kept(swapped):
    done = run("calibrate", swapped, "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert (told["kept"], told["grade"]) == (None, "bad")
    assert [finding["kind"] for finding in told["findings"]] == ["swapped"]


def test_a_movement_of_the_wrong_stretch_is_doubted(file):
    done = run("calibrate", file, "--static", 20, 24, "--flexion", 5.2, 18, "--abduction", 18.4, 31)
    assert done.exit_code == 1
    assert "not standing still" in done.stdout


def test_one_stretch_alone_is_a_wrong_use(file):
    done = run("calibrate", file, "--static", 0, 5)
    assert done.exit_code == 2
    assert "--flexion, --abduction missing" in done.stderr


def test_a_stretch_that_ends_before_it_begins_is_a_wrong_use(file):
    done = run("calibrate", file, "--static", 5, 0, "--flexion", 5, 18, "--abduction", 18, 31)
    assert done.exit_code == 2
    assert "--static" in done.stderr


def test_a_recording_without_the_sequence_says_what_was_found_instead(tmp_path):
    still = gb.save(simulate_body(1, reps=0, functional_reps=0).recording, tmp_path / "still.glutebal")
    done = run("calibrate", still)
    assert done.exit_code == 1
    assert "no movement" in done.stderr
    assert "3 swings" in done.stderr


def test_a_recording_without_inertial_sensors_is_refused(body, tmp_path):
    only = [t for t in body.recording.tracks if t.channel.quantity is Quantity.ACCELERATION]
    file = gb.save(replace(body.recording, tracks=tuple(only)), tmp_path / "acc.glutebal")
    done = run("calibrate", file)
    assert done.exit_code == 1
    assert "inertial sensors" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_sensor_on_a_muscle_is_left_out(body, tmp_path):
    muscle = [
        t.on(replace(t.channel, site="gluteus_medius", side=Side.LEFT))
        for t in body.recording.tracks
        if t.channel.site == "pelvis"
    ]
    file = gb.save(replace(body.recording, tracks=(*body.recording.tracks, *muscle)), tmp_path / "more.glutebal")
    told = json.loads(run("calibrate", file, "--json").stdout)
    assert {s["site"] for s in told["segments"]} == {"pelvis", "thigh", "shank"}
