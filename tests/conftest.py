"""What every test may ask for: the folder of real recordings, the published numbers, and a PostgreSQL server."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

TESTS = Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real recordings beside the checkout; without it the test is skipped, visibly."""
    folder = TESTS.parents[1] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real recordings (../shared/data) are not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def vectors() -> dict:
    """Published tables and worked examples, with their sources."""
    return json.loads((TESTS / "vectors" / "metrics_vectors.json").read_text(encoding="utf-8"))


EVICT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


class PostgresServer:
    """A real PostgreSQL server in a temporary folder, on a free port of 127.0.0.1; its user has a password."""

    USER, PASSWORD = "lab", "p@ss/w#rd:1%"  # what a URL has to encode
    DATABASE = "postgres"  # the one that every server is born with

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.data, self.sockets = programs, folder / "data", folder
        self.port = 0
        self._process: subprocess.Popen | None = None
        self._as = {"user": _not_root(), "group": _not_root(), "extra_groups": []} if os.geteuid() == 0 else {}
        self.owner = (self._as.get("user", os.geteuid()), self._as.get("group", os.getegid()))
        shutil.chown(folder, *self.owner)
        password = folder / "password"
        password.write_text(self.PASSWORD, encoding="utf-8")
        options = ["-U", self.USER, f"--pwfile={password}", "-A", "scram-sha-256", "-E", "UTF8", "--no-locale", "-N"]
        shutil.chown(password, *self.owner)
        self._run(programs / "initdb", "-D", self.data, *options)

    def start(self) -> None:
        """Start it, on the port it had before if it had one; returns when it takes connections."""
        if self._process is not None:
            return
        self.port = self.port or _free_port()
        settings = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": self.sockets}
        speed = {"fsync": "off", "full_page_writes": "off", "max_connections": 20, "shared_buffers": "16MB"}
        options = [f"-c{name}={value}" for name, value in (settings | speed).items()]
        log = (self.sockets / "log").open("ab")
        command = [str(self.programs / "postgres"), "-D", str(self.data), *options]
        with log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.sockets, **self._as)
        self._await_ready()

    def stop(self) -> None:
        """Stop it at once, whatever it is doing; twice is harmless."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)  # "fast": connections are ended, all is written
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def url(self, database: str = DATABASE, user: str = USER, password: str | None = PASSWORD) -> str:
        """The URL of one of its databases."""
        secret = "" if password is None else f":{quote(password, safe='')}"
        return f"postgresql://{user}{secret}@127.0.0.1:{self.port}/{database}"

    def execute(self, sql: str, database: str = DATABASE) -> list:
        """Run one statement as the owner of everything, outside the library."""
        import pg8000

        where = {"host": "127.0.0.1", "port": self.port, "database": database}
        with contextlib.closing(pg8000.connect(self.USER, password=self.PASSWORD, **where)) as connection:
            connection.autocommit = True
            cursor = connection.cursor().execute(sql)
            return list(cursor.fetchall()) if cursor.description else []

    def empty_database(self) -> str:
        """The URL of a database with nothing in it; emptying it is ten times as fast as making another."""
        self.execute(EVICT + "; DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        return self.url(self.DATABASE)

    def _run(self, *command: object) -> None:
        words = [str(word) for word in command]
        done = subprocess.run(words, check=False, capture_output=True, text=True, cwd=self.sockets, **self._as)
        assert done.returncode == 0, done.stderr

    def _await_ready(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(Exception):
                self.execute("SELECT 1")
                return
            time.sleep(0.05)
        log = (self.sockets / "log").read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"PostgreSQL did not start:\n{log[-2000:]}")


def _not_root() -> str:
    """initdb refuses to run as root: Debian's user for it, or the one who owns nothing."""
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _postgres_programs() -> Path | None:
    """The folder with initdb and postgres: Debian keeps them off the PATH."""
    found = [Path(p).resolve().parent for p in (shutil.which("initdb"), shutil.which("postgres")) if p]
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True)
    both = (f for f in [*found, *debian] if (f / "initdb").is_file() and (f / "postgres").is_file())
    return next(both, None)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A running server, one per test process; without PostgreSQL the test is skipped, visibly."""
    pytest.importorskip("pg8000", reason="pg8000 (extra: server) is not installed")
    programs = _postgres_programs() if os.name == "posix" else None
    if programs is None:
        pytest.skip("no PostgreSQL server here (initdb and postgres): nothing was tested against a server")
    with tempfile.TemporaryDirectory(prefix="glutebal-pg-", ignore_cleanup_errors=True) as folder:
        server = PostgresServer(programs, Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> str:
    """The URL of an empty database on a real server, to itself during the test."""
    postgres_server.start()  # where the test before has left it stopped
    return postgres_server.empty_database()
