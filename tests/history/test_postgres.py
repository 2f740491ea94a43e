"""What only a server can do: be away, refuse, be restarted, and serve two writers."""

import shutil
import subprocess
import sys
import threading
import traceback
from contextlib import closing

import pytest

from glutebal.errors import DuplicateError, HistoryBusyError, HistoryError, InputError, MissingExtraError
from glutebal.history.place import open_store
from glutebal.history.postgres import PostgresDatabase
from glutebal.history.server_address import ServerAddress

MATTER = "CREATE TABLE t (id {key}, a TEXT UNIQUE, b DOUBLE PRECISION, c INTEGER)"


@pytest.fixture
def database(postgres_url):
    with closing(PostgresDatabase(postgres_url)) as made:
        made.execute(MATTER.format(key=made.serial_key))
        yield made


def count(database) -> int:
    return database.execute("SELECT COUNT(*) FROM t")[0][0]


def everything_said(error: BaseException) -> str:
    """All that a log would hold of an error, its causes too."""
    return "".join(traceback.format_exception(error)) + repr(error)


class TestStatements:
    def test_values_come_back_as_they_went(self, database):
        texts = ["", "Übung 🏋", "it's ? and $1 and %s", 'a "quoted" \\ word', None]
        numbers = [0.1, -0.0, 1e-308, 1.7976931348623157e308, float("inf")]
        rows = list(zip(texts, numbers, [0, -1, 2**63 - 1, -(2**63), None], strict=True))
        database.executemany("INSERT INTO t (a, b, c) VALUES (?, ?, ?)", rows)
        assert repr(database.execute("SELECT a, b, c FROM t ORDER BY id")) == repr(rows)

    def test_many_rows_go_in_few_messages_and_in_order(self, database):
        rows = [(str(k), k / 7, k) for k in range(2_501)]
        database.executemany("INSERT INTO t (a, b, c) VALUES (?, ?, ?)", iter(rows))
        assert database.execute("SELECT a, b, c FROM t ORDER BY id") == rows

    def test_many_rows_and_what_stands_after_them(self, database):
        sql = "INSERT INTO t (a, c) VALUES (?, ?) ON CONFLICT (a) DO UPDATE SET c = excluded.c"
        database.executemany(sql, [("x", 1), ("y", 2)])
        database.executemany(sql, [("x", 3)])
        assert database.execute("SELECT a, c FROM t ORDER BY a") == [("x", 3), ("y", 2)]

    def test_many_changes(self, database):
        database.executemany("INSERT INTO t (a) VALUES (?)", [("x",), ("y",)])
        database.executemany("UPDATE t SET c = ? WHERE a = ?", [(1, "x"), (2, "y")])
        assert database.execute("SELECT a, c FROM t ORDER BY a") == [("x", 1), ("y", 2)]

    def test_sums_are_plain_numbers(self, database):
        database.executemany("INSERT INTO t (b, c) VALUES (?, ?)", [(0.5, 1), (1.0, 2)])
        row = database.execute("SELECT SUM(c), SUM(b), AVG(b), COUNT(*), MAX(c) FROM t")[0]
        assert [(type(v), v) for v in row] == [(int, 3), (float, 1.5), (float, 0.75), (int, 2), (int, 2)]

    def test_the_other_users_of_the_library_keep_their_parameters(self, database):
        import pg8000

        database.execute("SELECT CAST(? AS TEXT)", ("x",))
        assert pg8000.paramstyle == "format"

    def test_a_doubled_row_is_told_as_such(self, database):
        database.execute("INSERT INTO t (a) VALUES (?)", ("x",))
        with pytest.raises(DuplicateError):
            database.execute("INSERT INTO t (a) VALUES (?)", ("x",))
        assert count(database) == 1

    @pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
    def test_text_that_a_server_cannot_hold(self, database, text):
        with pytest.raises(InputError):
            database.execute("INSERT INTO t (a) VALUES (?)", (text,))
        assert count(database) == 0

    def test_a_number_that_a_server_cannot_hold(self, database):
        with pytest.raises(HistoryError, match="22003"):
            database.execute("INSERT INTO t (c) VALUES (?)", (2**63,))


class TestTransactions:
    def test_an_error_undoes_all(self, database):
        def run():
            with database.transaction():
                database.execute("INSERT INTO t (a) VALUES ('x')")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            run()
        assert count(database) == 0

    def test_a_swallowed_failure_does_not_pass_for_success(self, database):
        def run():
            with database.transaction():
                database.execute("INSERT INTO t (a) VALUES ('x')")
                with pytest.raises(DuplicateError):
                    database.execute("INSERT INTO t (a) VALUES ('x')")

        with pytest.raises(HistoryError, match="one that failed"):
            run()
        assert count(database) == 0

    def test_one_inside_another_is_part_of_it(self, database):
        def run():
            with database.transaction():
                with database.transaction():
                    database.execute("INSERT INTO t (a) VALUES ('x')")
                with database.transaction(write=False):
                    assert count(database) == 1
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            run()
        assert count(database) == 0

    def test_a_reader_does_not_write(self, database):
        with pytest.raises(HistoryError), database.transaction(write=False):
            database.execute("INSERT INTO t (a) VALUES ('x')")
        with pytest.raises(HistoryError), database.transaction(write=False), database.transaction():
            pass
        assert count(database) == 0

    def test_a_reader_sees_one_moment_and_waits_for_nobody(self, database, postgres_url):
        with closing(PostgresDatabase(postgres_url)) as reader, reader.transaction(write=False):
            before = count(reader)
            with database.transaction():
                database.execute("INSERT INTO t (a) VALUES ('x')")
                assert count(reader) == before
            assert count(reader) == before
        assert count(database) == before + 1

    def test_two_writers_queue(self, database, postgres_url):
        """Each reads the count and writes it: without a queue two of them would write the same."""

        def write(times):
            with closing(PostgresDatabase(postgres_url)) as own:
                for _ in range(times):
                    with own.transaction():
                        own.execute("INSERT INTO t (a, c) VALUES (?, ?)", (str(count(own)), count(own)))

        writers = [threading.Thread(target=write, args=(10,)) for _ in range(2)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert sorted(c for (c,) in database.execute("SELECT c FROM t")) == list(range(20))

    def test_a_writer_that_waited_too_long_says_so(self, database, postgres_url):
        with closing(PostgresDatabase(postgres_url, lock_s=0.1)) as second, database.transaction():
            with pytest.raises(HistoryBusyError, match="free for writing"), second.transaction():
                pytest.fail("two writers at once")
            with second.transaction(write=False):
                assert count(second) == 0

    def test_what_was_committed_is_on_the_disk(self, database, postgres_server):
        postgres_server.execute("ALTER ROLE lab SET synchronous_commit = off")
        try:
            with closing(PostgresDatabase(postgres_server.url())) as own, own.transaction():
                assert own.execute("SHOW synchronous_commit") == [("on",)]
        finally:
            postgres_server.execute("ALTER ROLE lab RESET synchronous_commit")


class TestEntry:
    def test_nobody_answers(self, postgres_server):
        url = f"postgresql://lab:top-secret@127.0.0.1:{postgres_server.port - 1}/history"
        with pytest.raises(HistoryError, match=r"a PostgreSQL server that answers.*Connection refused") as told:
            PostgresDatabase(url)
        assert "top-secret" not in everything_said(told.value)

    def test_no_such_host(self):
        with pytest.raises(HistoryError, match=r"server\.invalid:5432.*name is not known"):
            PostgresDatabase("postgresql://lab:x@server.invalid/history")

    @pytest.mark.parametrize("password", ["top-secret", None])
    def test_a_wrong_password_is_refused_and_not_repeated(self, postgres_server, monkeypatch, password):
        monkeypatch.delenv("PGPASSWORD", raising=False)
        found = "refuses the one given" if password else "none was given"
        with pytest.raises(HistoryError, match=f"password of user 'lab'.*{found}") as told:
            PostgresDatabase(postgres_server.url(password=password))
        assert "top-secret" not in everything_said(told.value)

    def test_a_password_is_in_no_text(self, postgres_url, database, postgres_server):
        address = ServerAddress.of(postgres_url)
        assert address.password == postgres_server.PASSWORD
        shown = [repr(address), str(address), address.place, repr(database), database.place]
        assert not any(word in text for text in shown for word in (postgres_server.PASSWORD, "p%40ss", "w%23rd"))
        assert ServerAddress.of(database.place).port == postgres_server.port

    def test_the_password_may_come_from_the_environment(self, postgres_server, monkeypatch):
        monkeypatch.setenv("PGPASSWORD", postgres_server.PASSWORD)
        monkeypatch.setenv("PGUSER", postgres_server.USER)
        url = f"postgresql://127.0.0.1:{postgres_server.port}/{postgres_server.DATABASE}"
        with closing(PostgresDatabase(url)) as database:
            assert database.execute("SELECT 1") == [(1,)]

    def test_over_a_unix_socket(self, postgres_server):
        url = postgres_server.url().replace("127.0.0.1", "") + f"?host={postgres_server.sockets}"
        with closing(PostgresDatabase(url)) as database:
            assert database.execute("SELECT inet_client_addr() IS NULL") == [(True,)]
            assert str(postgres_server.sockets) in database.place

    def test_no_such_database(self, postgres_server):
        with pytest.raises(HistoryError, match=r"none called 'seasons'; try: createdb seasons"):
            PostgresDatabase(postgres_server.url("seasons"))

    def test_a_server_without_tls_is_not_enough_where_it_is_required(self, postgres_server):
        with pytest.raises(HistoryError, match="sslmode"):
            PostgresDatabase(postgres_server.url() + "?sslmode=require")

    def test_a_user_without_rights(self, postgres_url, postgres_server):
        postgres_server.execute("CREATE ROLE guest LOGIN PASSWORD 'guest'")
        try:
            with pytest.raises(HistoryError, match=r"right to read and write.*GRANT"):
                open_store(postgres_server.url(user="guest", password="guest"))  # noqa: S106
        finally:
            postgres_server.execute("DROP ROLE guest")

    def test_without_the_library(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "pg8000", None)
        with pytest.raises(MissingExtraError, match=r"glutebal\[server\]"):
            PostgresDatabase("postgresql://lab@localhost/history")


@pytest.fixture(scope="module")
def encrypted(postgres_server, tmp_path_factory):
    """The server with a certificate of its own, made out to localhost; the file of that certificate."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl here to make a certificate with: nothing was tested over TLS")
    folder = postgres_server.data
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names]
    out = ["-keyout", str(folder / "server.key"), "-out", str(folder / "server.crt")]
    subprocess.run([*command, *out], check=True, capture_output=True)
    trusted = tmp_path_factory.mktemp("tls") / "server.crt"
    shutil.copyfile(folder / "server.crt", trusted)
    for file in (folder / "server.key", folder / "server.crt"):
        file.chmod(0o600)
        shutil.chown(file, *postgres_server.owner)
    postgres_server.start()
    postgres_server.execute("ALTER SYSTEM SET ssl = on")
    postgres_server.execute("SELECT pg_reload_conf()")
    yield trusted
    postgres_server.execute("ALTER SYSTEM RESET ssl")
    postgres_server.execute("SELECT pg_reload_conf()")


class TestEncryption:
    @staticmethod
    def is_encrypted(url):
        with closing(PostgresDatabase(url)) as database:
            return database.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == [(True,)]

    @pytest.mark.parametrize(("mode", "expected"), [("disable", False), ("prefer", True), ("require", True)])
    def test_as_asked_for(self, postgres_server, encrypted, mode, expected):
        assert self.is_encrypted(f"{postgres_server.url()}?sslmode={mode}") is expected

    def test_a_server_that_is_who_it_says(self, postgres_server, encrypted):
        url = f"{postgres_server.url()}?sslmode={{}}&sslrootcert={encrypted}"
        assert self.is_encrypted(url.format("verify-full").replace("127.0.0.1", "localhost"))
        assert self.is_encrypted(url.format("verify-ca"))
        with pytest.raises(HistoryError, match=r"server that answers.*127\.0\.0\.1"):
            PostgresDatabase(url.format("verify-full"))

    @pytest.mark.parametrize("mode", ["verify-ca", "verify-full"])
    def test_a_certificate_that_nobody_trusts(self, postgres_server, encrypted, mode):
        with pytest.raises(HistoryError, match="CERTIFICATE_VERIFY_FAILED"):
            PostgresDatabase(f"{postgres_server.url()}?sslmode={mode}")

    def test_no_file_of_certificates(self, postgres_server, tmp_path):
        with pytest.raises(InputError, match="a file of certificates"):
            PostgresDatabase(f"{postgres_server.url()}?sslmode=verify-full&sslrootcert={tmp_path / 'none.crt'}")


class TestLoss:
    def test_a_server_that_was_restarted_is_found_again(self, database, postgres_server):
        def run():
            with database.transaction():
                database.execute("INSERT INTO t (a) VALUES ('x')")
                postgres_server.stop()
                database.execute("INSERT INTO t (a) VALUES ('y')")

        with pytest.raises(HistoryError, match=r"lost connection.*nothing"):
            run()
        with pytest.raises(HistoryError, match="server that answers"):
            count(database)
        postgres_server.start()
        assert count(database) == 0

    def test_a_restart_between_two_transactions_is_not_even_noticed(self, database, postgres_server):
        postgres_server.stop()
        postgres_server.start()
        with database.transaction():
            database.execute("INSERT INTO t (a) VALUES ('x')")
        assert count(database) == 1

    def test_after_a_loss_the_rest_of_a_transaction_does_not_slip_through(self, database, postgres_server):
        def run():
            with database.transaction():
                postgres_server.stop()
                with pytest.raises(HistoryError):
                    count(database)
                postgres_server.start()
                with pytest.raises(HistoryError, match="lost"):
                    database.execute("INSERT INTO t (a) VALUES ('x')")

        with pytest.raises(HistoryError):
            run()
        assert count(database) == 0

    def test_a_loss_in_the_moment_of_keeping_leaves_the_question_open(self, database, postgres_server):
        def run():
            with database.transaction():
                database.execute("INSERT INTO t (a) VALUES ('x')")
                postgres_server.stop()

        with pytest.raises(HistoryError, match="whether it was kept is not known"):
            run()
        postgres_server.start()
        assert count(database) == 0

    def test_an_interruption_leaves_a_sound_connection(self, database):
        def run():
            with database.transaction():
                database.execute("INSERT INTO t (a) VALUES ('x')")
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            run()
        assert count(database) == 0

    def test_an_interruption_between_question_and_answer(self, database, monkeypatch):
        """What the server answers to the interrupted statement must not be taken for the answer to the next."""
        from pg8000.core import CoreConnection

        def interrupted(*_):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(CoreConnection, "handle_messages", interrupted)
            with pytest.raises(KeyboardInterrupt):
                database.execute("INSERT INTO t (a) VALUES (?)", ("x",))
        assert count(database) in {0, 1}
        assert database.execute("SELECT CAST(? AS TEXT)", ("y",)) == [("y",)]

    def test_a_closed_history_says_so(self, database):
        database.close()
        database.close()
        with pytest.raises(HistoryError, match="a closed one"):
            count(database)

    def test_a_client_that_is_killed_while_adding_leaves_nothing(self, postgres_url, tmp_path):
        with open_store(postgres_url):
            pass
        with subprocess.Popen(
            [sys.executable, "-c", HALF_WAY, postgres_url], stdout=subprocess.PIPE, text=True
        ) as client:
            assert client.stdout.readline() == "half-way\n"
            with open_store(postgres_url) as store:
                assert store.sessions() == ()
            client.kill()
        with open_store(postgres_url) as store, store.together():
            assert store.sessions() == ()
            assert store.athletes() == ()


HALF_WAY = """
import sys, time
from datetime import date
from glutebal.history.place import open_store
from glutebal.history.records import SessionRecord
with open_store(sys.argv[1]) as store, store.together():
    store.add(SessionRecord("A-01", date(2026, 3, 1), ()))
    print("half-way", flush=True)
    time.sleep(60)
"""


class TestForgetting:
    def test_a_reader_does_not_stop_it(self, database, postgres_url):
        with closing(PostgresDatabase(postgres_url, lock_s=0.1)) as second, database.transaction(write=False):
            assert count(database) == 0
            second.scrub()
            assert second.execute("SHOW lock_timeout") == [("0",)]

    def test_what_was_deleted_is_not_in_the_files(self, database, postgres_server):
        secret = "".join(["tell", "tale", "42"])
        database.execute("INSERT INTO t (a) VALUES (?)", (secret * 20,))
        files = lambda: [f for f in (postgres_server.data / "base").rglob("*") if f.is_file()]  # noqa: E731
        postgres_server.execute("CHECKPOINT")
        assert any(secret.encode() in f.read_bytes() for f in files())
        database.execute("DELETE FROM t")
        database.scrub()
        postgres_server.execute("CHECKPOINT")
        assert not any(secret.encode() in f.read_bytes() for f in files())
