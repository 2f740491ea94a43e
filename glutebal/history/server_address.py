"""The address of a history on a server: ``postgresql://user:password@host:port/database``."""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass, field
from enum import Enum
from typing import NoReturn
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from glutebal.errors import InputError, UnknownNameError

SCHEMES = ("postgresql", "postgres")
OPTIONS = ("host", "sslmode", "sslrootcert")
PORT = 5432
FORM = "postgresql://user:password@host:5432/database"


class Encryption(Enum):
    """What the connection asks of TLS; the words are PostgreSQL's own ``sslmode``."""

    DISABLE = "disable"
    PREFER = "prefer"  # encrypted when the server can
    REQUIRE = "require"  # encrypted, whoever the server is
    VERIFY_CA = "verify-ca"  # and its certificate is signed by whom we trust
    VERIFY_FULL = "verify-full"  # and made out to this host


@dataclass(frozen=True)
class ServerAddress:
    """Where a history on a server is, and who asks for it. The password is never shown.

    Parameters
    ----------
    host : str
        Host name or address; a path is the folder of a Unix socket.
    port : int
        1 to 65535.
    database, user : str
        Names on the server.
    password : str or None
        ``None`` when the server may let the user in without one.
    encryption : Encryption
        What is asked of TLS.
    certificates : str
        File of certificates to trust instead of the system's; "" for the system's.
    """

    host: str
    port: int
    database: str
    user: str
    password: str | None = field(default=None, repr=False)
    encryption: Encryption = Encryption.PREFER
    certificates: str = ""

    @classmethod
    def of(cls, url: str) -> ServerAddress:
        """Read a URL; what it leaves out comes from PGUSER, PGPASSWORD, PGHOST, PGPORT and PGDATABASE.

        Raises
        ------
        InputError
            The URL cannot be read, or an option is unknown. The text never holds any of what may be a password.
        """
        parts = _split(url)
        options = _options(parts)
        user = unquote(parts.username or "") or os.environ.get("PGUSER") or getpass.getuser()
        return cls(
            host=options.get("host") or parts.hostname or os.environ.get("PGHOST") or "localhost",
            port=parts.port or _environment_port(),
            database=unquote(parts.path.lstrip("/")) or os.environ.get("PGDATABASE") or user,
            user=user,
            password=unquote(parts.password) if parts.password else os.environ.get("PGPASSWORD"),
            encryption=_encryption(options.get("sslmode", Encryption.PREFER.value)),
            certificates=options.get("sslrootcert", ""),
        )

    @property
    def socket_file(self) -> str | None:
        """The Unix socket, when the host is a folder."""
        return f"{self.host}/.s.PGSQL.{self.port}" if self.host.startswith("/") else None

    @property
    def place(self) -> str:
        """The URL without its password."""
        user, database = quote(self.user, safe=""), quote(self.database, safe="")
        if self.socket_file:
            return f"postgresql://{user}@:{self.port}/{database}?host={quote(self.host)}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"postgresql://{user}@{host}:{self.port}/{database}"


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        _unreadable()
    if parts.scheme not in SCHEMES:
        _unreadable("another kind of URL")
    # An unencoded / ? # in a password ends the host early and leaves the rest, with its @, in a later part.
    later = parts.path.lstrip("/") + parts.query + parts.fragment
    if "@" in later or "/" in parts.path.lstrip("/") or parts.fragment:
        _unreadable()
    return parts


def _unreadable(found: str = "one that cannot be taken apart") -> NoReturn:
    advice = "write /, ?, #, @ and : inside a password as %2F, %3F, %23, %40 and %3A, or put it into PGPASSWORD"
    raise InputError(f"a URL like {FORM}", found, "history", advice) from None


def _options(parts: SplitResult) -> dict[str, str]:
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name in options:
        if name not in OPTIONS:
            raise UnknownNameError.among("URL option", name, OPTIONS, "history")
    return options


def _environment_port() -> int:
    text = os.environ.get("PGPORT") or str(PORT)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise InputError("a port from 1 to 65535", repr(text), "PGPORT")
    return int(text)


def _encryption(word: str) -> Encryption:
    try:
        return Encryption(word)
    except ValueError:
        raise UnknownNameError.among("sslmode", word, [e.value for e in Encryption], "history") from None
