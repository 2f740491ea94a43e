"""`glutebal live` ended from outside: Ctrl-C, `kill -9`, a history that cannot be written, a port that is taken."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing

import pytest

import glutebal as gb

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="signals are sent as a terminal sends them"),
]

WITHIN_S = 60.0
GLUTEBAL = sys.executable, "-c", "from glutebal.cli import main; main()"


class Session:
    """A running `glutebal live --simulate --json-lines`, and what it has told."""

    def __init__(self, folder, *options, target=12):
        command = [*GLUTEBAL, "live", "--simulate", "--json-lines", "--out", str(folder)]
        command += ["--target-reps", str(target), *options]
        self.events = []
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self):
        for line in self.process.stdout:
            self.events.append(json.loads(line))

    def of(self, kind):
        """The events of a kind."""
        return [event for event in self.events if event["event"] == kind]

    def wait_for(self, kind, count=1):
        """Wait until so many events of a kind were told."""
        until = time.monotonic() + WITHIN_S
        while len(self.of(kind)) < count:
            assert time.monotonic() < until, (kind, self.events)
            time.sleep(0.01)

    def ended(self, number=None):
        """Send a signal, wait for the end: exit code and what went to standard error."""
        if number is not None:
            self.process.send_signal(number)
        code = self.process.wait(WITHIN_S)
        self._reading.join(WITHIN_S)
        with self.process.stdout, self.process.stderr as told:
            return code, told.read()


def reps_of(log):
    """Repetitions with an answer in a log."""
    table = gb.analyse(gb.read(log)).reps
    return len(table[(table["measure"] == "mean_force") & (table["status"] == "ok")])


def sessions(folder):
    """Sessions in the history of a trial, whose file must be sound."""
    with closing(sqlite3.connect(folder / "history.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with gb.History(folder / "history.db") as history:
        return len(history.sessions())


def test_ctrl_c_ends_the_set_and_keeps_it(tmp_path):
    session = Session(tmp_path)
    session.wait_for("rep_finished", 3)
    code, said = session.ended(signal.SIGINT)
    assert code == 0
    assert "Traceback" not in said
    assert said.splitlines()[-1] == "stopped"
    [ended] = session.of("set_ended")
    assert ended["why"] == "interrupted"
    assert session.events[-1] == {"event": "ended", "at_s": session.events[-1]["at_s"], "why": "interrupted"}
    assert ended["result"]["reps"] == reps_of(tmp_path / ended["log"]) in {3, 4}
    assert (tmp_path / ended["page"]).read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert sessions(tmp_path) == ended["session"] == 1
    assert not list(tmp_path.glob("*.glutelog-*"))


def test_ctrl_c_while_the_set_is_worked_out_changes_nothing(tmp_path):
    session = Session(tmp_path, target=2)
    session.wait_for("rep_finished", 2)
    time.sleep(1.5)
    while not session.of("rep_revised") and not session.of("set_ended"):
        time.sleep(0.002)
    code, said = session.ended(signal.SIGINT)
    assert code == 0
    assert "Traceback" not in said
    [ended] = session.of("set_ended")
    assert (ended["why"], ended["result"]["reps"], ended["session"]) == ("target reached", 2, 1)
    assert (tmp_path / ended["page"]).is_file()


def test_kill_9_costs_a_quarter_of_a_second_and_the_next_start_works(tmp_path):
    first = Session(tmp_path, target=2)
    assert first.ended()[0] == 0
    session = Session(tmp_path)
    session.wait_for("rep_finished", 3)
    arrived_s = session.of("rep_finished")[-1]["at_s"]
    code, _ = session.ended(signal.SIGKILL)
    assert code == -signal.SIGKILL
    [log] = [path for path in tmp_path.glob("*.glutelog") if path.name != first.of("set_ended")[0]["log"]]
    recording = gb.read(log)
    for track in recording.tracks:  # a packet takes 0.19 s to fill, and what was told had arrived
        assert track.stop / track.channel.rate_hz > arrived_s - 0.25 - 0.2
    assert 2 <= reps_of(log) <= 3
    assert sessions(tmp_path) == 1
    again = Session(tmp_path, target=2)
    assert again.ended()[0] == 0
    assert again.of("set_ended")[0]["session"] == 1  # the same day, the same person
    assert sessions(tmp_path) == 1


def test_kill_9_while_the_set_is_kept_leaves_a_sound_history(tmp_path):
    assert Session(tmp_path, target=2).ended()[0] == 0
    session = Session(tmp_path, target=2)
    session.wait_for("rep_revised")
    session.ended(signal.SIGKILL)
    assert sessions(tmp_path) == 1
    assert all(reps_of(log) == 2 for log in tmp_path.glob("*.glutelog"))


def test_a_history_that_cannot_be_written_is_told_and_the_log_stays(tmp_path):
    (tmp_path / "history.db").write_bytes(b"this is no database" * 100)
    session = Session(tmp_path, target=2)
    code, said = session.ended()
    assert code == 0
    assert "Traceback" not in said
    [ended] = session.of("set_ended")
    [trouble] = [event["text"] for event in session.of("trouble")]
    assert ended["session"] is None
    assert ended["trouble"] != ""
    assert "set 1 was not kept" in trouble
    assert reps_of(tmp_path / ended["log"]) == 2


def test_a_port_that_is_taken_is_one_line(tmp_path):
    pytest.importorskip("starlette", reason="the extra live is not installed")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [*GLUTEBAL, "live", "--simulate", "--no-browser", "--out", str(tmp_path)]
        command += ["--port", str(taken.getsockname()[1])]
        done = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_S, check=False)
    assert done.returncode == 1
    assert "a free port" in done.stderr
    assert len(done.stderr.splitlines()) == 1
