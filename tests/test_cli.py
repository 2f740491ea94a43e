import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

import glutebal as gb
from glutebal.cli import main
from glutebal.model import Bilateral
from glutebal.testing.simulate import simulate_reference, simulate_set


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    recording, truth = simulate_set(1, ratio=1.3, reps=8, gain=Bilateral(1.0, 0.7))
    gb.save(recording, folder / "set.glutebal")
    gb.save(simulate_reference(1, truth.plan), folder / "reference.glutebal")
    return folder


def test_the_demo_prints_the_answer_beside_the_truth_and_writes_a_page(tmp_path):
    done = run("demo", "--out", tmp_path / "new")
    assert done.exit_code == 0, done.output
    page = tmp_path / "new" / "glutebal-demo.html"
    assert "repetitions" in done.output
    assert "+8.3" in done.output  # the truth of the simulated set
    assert str(page) in done.output.replace("\n", "")
    assert "<svg" in page.read_text(encoding="utf-8")


def test_analyse_prints_a_block(files):
    done = run("analyse", files / "set.glutebal", "--reference", files / "reference.glutebal")
    assert done.exit_code == 0, done.output
    assert "positive = right larger" in done.output
    assert "8 reps" in done.output


def test_json_is_one_object_and_null_is_what_is_refused(files):
    done = run("analyse", files / "set.glutebal", "--json")
    told = json.loads(done.stdout)
    assert {"reps", "balance", "quality", "warnings"} <= set(told)
    activation = [b for b in told["balance"] if b["measure"] == "activation"]
    assert [b["imbalance"] for b in activation] == [None]
    assert [b["status"] for b in activation] == ["uncalibrated"]


def test_csv_is_the_table_of_reps(files):
    done = run("analyse", files / "set.glutebal", "--csv", "--reference", files / "reference.glutebal")
    lines = done.stdout.splitlines()
    assert lines[0].startswith(
        "set,rep,start_s,stop_s,side_first,measure,site,left,right,unit,log_ratio,imbalance,status"
    )
    result = gb.analyse(gb.read(files / "set.glutebal"), reference=files / "reference.glutebal")
    assert len(lines) == 1 + len(result.reps)


def test_the_report_goes_where_it_was_asked_for(files, tmp_path):
    page = tmp_path / "set.html"
    done = run("analyse", files / "set.glutebal", "--report", page)
    assert done.exit_code == 0, done.output
    assert page.read_text(encoding="utf-8").lower().startswith("<!doctype html>")


def test_info_lists_channels_sides_rates_and_quality(files):
    done = run("info", files / "set.glutebal")
    assert done.exit_code == 0, done.output
    for expected in ("gluteus_maximus", "1000 Hz", "left", "right", "good"):
        assert expected in done.output


def test_exercises_lists_the_catalogue():
    done = run("exercises")
    assert done.exit_code == 0
    assert {e.name for e in gb.exercises()} == {line.split()[0] for line in done.output.splitlines()}
    assert len(json.loads(run("exercises", "--json").stdout)) == len(gb.exercises())


def test_version_and_help():
    assert run("--version").output.strip() == f"glutebal {gb.__version__}"
    for command in ("demo", "analyse", "info", "exercises"):
        assert run(command, "--help").exit_code == 0


def test_wrong_use_exits_with_2(files):
    assert run("analyse").exit_code == 2
    assert run("analyse", files / "set.glutebal", "--json", "--csv").exit_code == 2
    unknown = run("analyse", files / "set.glutebal", "--exercise", "hip_trust")
    assert unknown.exit_code == 2
    assert "hip_thrust" in unknown.stderr


def two_rates(folder):
    import dataclasses

    from glutebal.model import Track

    recording, _ = simulate_set(0, reps=3)
    left, right = recording.tracks
    slow = Track.of_samples(dataclasses.replace(right.channel, rate_hz=500.0), right.filled()[::2])
    path = folder / "two_rates.glutebal"
    gb.save(recording.with_(tracks=(left, slow)), path)
    return path


def one_side(folder):
    recording, _ = simulate_set(0, reps=3)
    path = folder / "one_side.glutebal"
    gb.save(recording.with_(tracks=recording.tracks[:1]), path)
    return path


def written(name, content):
    def write(folder):
        path = folder / name
        path.write_bytes(content)
        return path

    return write


def sparse(folder):
    path = folder / "huge.csv"
    with path.open("wb") as file:
        file.truncate(2 * 1024**3)
    return path


HEADER = b"time_s,left gluteus maximus EMG (mV),right gluteus maximus EMG (mV)\n"
ROWS = b"".join(b"%.3f,0.1,0.2\n" % (k / 1000) for k in range(3000))
BAD = {
    "a truncated c3d": written("cut.c3d", b"\x02\x50" + bytes(300)),
    "an empty csv": written("empty.csv", b""),
    "text in a number column": written("text.csv", HEADER + ROWS + b"3.000,abc,0.2\n"),
    "one sample": written("one.csv", HEADER + b"0.000,0.1,0.2\n"),
    "all nan": written("nan.csv", HEADER + b"".join(b"%.3f,nan,nan\n" % (k / 1000) for k in range(3000))),
    "one side missing": one_side,
    "two rates": two_rates,
    "a directory": lambda folder: folder,
    "a missing file": lambda folder: folder / "nothing.csv",
    "a file of 2 GB of nothing": sparse,
    "an unknown kind": written("x.docx", b"PK"),
    "a cut native file": written("cut.glutebal", b"PK\x03\x04 and then nothing"),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("command", ["analyse", "info"])
def test_bad_input_is_one_line_that_says_what_was_needed_what_was_found_and_where(tmp_path, name, command):
    path = BAD[name](tmp_path)
    done = run(command, path)
    if command == "info" and name in {"one side missing", "two rates"}:
        assert done.exit_code == 0  # there is something to say about such a file
        return
    assert done.exit_code == 1, done.output
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert "needed" in lines[0]
    assert "found" in lines[0]
    assert path.name in lines[0]
    assert "Traceback" not in done.output


def test_debug_shows_the_traceback(tmp_path):
    done = run("analyse", tmp_path / "nothing.csv", "--debug")
    assert done.exception is not None
    assert not isinstance(done.exception, SystemExit)


def test_the_module_runs_as_a_program(files):
    command = [sys.executable, "-c", "from glutebal.cli import main; main()", "info", str(files / "set.glutebal")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8")
    assert "gluteus_maximus" in done.stdout
    assert done.stderr == ""
