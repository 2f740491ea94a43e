"""What a server's refusals mean to a person: needed, found, where, and what to try."""

from __future__ import annotations

import socket

from glutebal.errors import DuplicateError, HistoryBusyError, HistoryError
from glutebal.history.server_address import ServerAddress

#: By SQLSTATE (PostgreSQL documentation, appendix A).
_BUSY = {"55P03", "40001", "40P01", "53300", "57P03"}
_NO_SUCH_DATABASE = "3D000"
_WRONG_PASSWORD = "28P01"  # noqa: S105 - the code of the refusal
_NOT_ALLOWED = {"42501", "3F000"}
_THERE_ALREADY = "23505"


def answer_of(error: BaseException) -> dict[str, str]:
    """The fields of the server's own words (C the code, M the message); empty when it said nothing."""
    fields = error.args[0] if error.args else None
    return fields if isinstance(fields, dict) else {}


def no_entry(error: Exception, address: ServerAddress) -> HistoryError:
    """Why there is no connection; nothing in it comes from the password."""
    answer, place = answer_of(error), address.place
    code, said = answer.get("C", ""), answer.get("M", "")
    if code == _WRONG_PASSWORD:
        found = "that it refuses the one given" if address.password else "that none was given"
        return HistoryError(f"the password of user {address.user!r}", found, place, "PGPASSWORD, or the URL")
    if code == _NO_SUCH_DATABASE:
        advice = f"createdb {address.database}"
        return HistoryError("a database on the server", f"none called {address.database!r}", place, advice)
    if code in _BUSY:
        return HistoryBusyError("a server that takes connections", said, place, "again in a minute")
    if code:
        return HistoryError("a server that lets us in", f"{said} ({code})", place)
    reason = error.__cause__ if isinstance(error.__cause__, OSError) else error
    found = "that the name is not known" if isinstance(reason, socket.gaierror) else f"{reason}"
    return HistoryError("a PostgreSQL server that answers", found, place, "whether host, port and sslmode are right")


def lost(place: str) -> HistoryError:
    """The connection broke."""
    found = "a lost connection; nothing of what was under way is kept"
    return HistoryError("the server to answer", found, place, "again: the connection is opened anew")


def refusal(answer: dict[str, str], place: str) -> HistoryError:
    """Why the server does not carry out a statement."""
    code, message = answer["C"], answer["M"]
    if code in _BUSY:
        return HistoryBusyError("the history to be free for writing", message, place, "again in a moment")
    if code == _THERE_ALREADY:
        return DuplicateError("a row that is not there yet", message, place)
    if code in _NOT_ALLOWED:
        advice = "GRANT on the database, its schema and its tables"
        return HistoryError("the right to read and write", message, place, advice)
    return HistoryError("a statement that the server can carry out", f"{message} ({code})", place)
