"""URLs of servers: what they say, what the environment adds, and what never shows."""

import getpass
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.errors import GlutebalError, InputError, UnknownNameError
from glutebal.history.server_address import Encryption, ServerAddress

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    for name in ("PGUSER", "PGPASSWORD", "PGHOST", "PGPORT", "PGDATABASE"):
        monkeypatch.delenv(name, raising=False)


def test_a_whole_url():
    found = ServerAddress.of("postgresql://ann:s%40crt@db.example.org:6543/season%201?sslmode=verify-full")
    assert found == ServerAddress("db.example.org", 6543, "season 1", "ann", "s@crt", Encryption.VERIFY_FULL)


def test_what_it_leaves_out():
    found = ServerAddress.of("postgres://")
    me = getpass.getuser()
    assert found == ServerAddress("localhost", 5432, me, me, None, Encryption.PREFER)


def test_what_the_environment_says(monkeypatch):
    said = {"USER": "ann", "PASSWORD": "pw", "HOST": "db", "PORT": "6000", "DATABASE": "season"}
    for name, value in said.items():
        monkeypatch.setenv(f"PG{name}", value)
    assert ServerAddress.of("postgresql://") == ServerAddress("db", 6000, "season", "ann", "pw")
    assert ServerAddress.of("postgresql://bob:x@h:1/d") == ServerAddress("h", 1, "d", "bob", "x")


@pytest.mark.parametrize("port", ["0", "65536", "-1", "x"])
def test_a_port_of_the_environment_that_is_none(monkeypatch, port):
    monkeypatch.setenv("PGPORT", port)
    with pytest.raises(InputError, match="PGPORT"):
        ServerAddress.of("postgresql://")


def test_a_folder_is_a_unix_socket():
    found = ServerAddress.of("postgresql://ann@/season?host=/run/postgresql")
    assert found.socket_file == "/run/postgresql/.s.PGSQL.5432"
    assert ServerAddress.of(found.place) == found


def test_an_address_of_version_6():
    found = ServerAddress.of("postgresql://ann@[::1]:6000/season")
    assert (found.host, found.socket_file) == ("::1", None)
    assert ServerAddress.of(found.place) == found


@settings(derandomize=True, deadline=None)
@given(user=WORDS, password=WORDS, database=WORDS)
def test_any_words_come_through_encoded(user, password, database):
    user_, password_, database_ = (quote(word, safe="") for word in (user, password, database))
    found = ServerAddress.of(f"postgresql://{user_}:{password_}@db/{database_}")
    assert (found.user, found.password, found.database) == (user, password, database)
    assert ServerAddress.of(found.place) == ServerAddress("db", 5432, database, user)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(password=st.text("ab12/?#@:%[]\\ ", min_size=1, max_size=12))
def test_a_password_that_was_not_encoded_never_shows(password):
    """Whatever part of the URL it slips into: it is taken for the password, or there is an error without it."""
    secret = f"Qx{password}Zk"
    try:
        found = ServerAddress.of(f"postgresql://ann:{secret}@db/season")
    except GlutebalError as error:
        shown = f"{error}{error!r}"
    else:
        shown = f"{found}{found.place}"
    assert "Qx" not in shown
    assert "Zk" not in shown


@pytest.mark.parametrize("option", ["password=top-secret", "sslpassword=top-secret"])
def test_an_unknown_option_lists_the_known_ones_and_hides_its_value(option):
    with pytest.raises(UnknownNameError, match="host, sslmode, sslrootcert") as told:
        ServerAddress.of(f"postgresql://ann@db/season?{option}")
    assert "top-secret" not in str(told.value)


def test_an_unknown_sslmode_lists_the_known_ones():
    with pytest.raises(UnknownNameError, match="verify-full"):
        ServerAddress.of("postgresql://ann@db/season?sslmode=always")


@pytest.mark.parametrize(
    "url", ["mysql://db/season", "postgresql://ann@db:port/season", "postgresql://ann@[::1/season"]
)
def test_what_is_no_such_url(url):
    with pytest.raises(InputError, match="a URL like postgresql://user:password@host"):
        ServerAddress.of(url)
