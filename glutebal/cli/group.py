"""The command group, and how its commands report an error.

Exit codes: 0 done, 1 the input cannot be used (one line on stderr says why), 2 the command was used wrongly.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from glutebal.errors import FileFormatError, GlutebalError, UnknownNameError


def one_line_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Turn the library's errors into one line and an exit code; ``--debug`` lets the traceback through."""

    @click.option("--debug", is_flag=True, help="Show the traceback of an error.")
    @functools.wraps(command)
    def guarded(*args: Any, debug: bool, **options: Any) -> None:
        try:
            command(*args, **options)
        except (GlutebalError, OSError) as error:
            if debug:
                raise
            click.echo(f"glutebal: {_told(error, options.get('file'))}", err=True)
            sys.exit(2 if isinstance(error, UnknownNameError) else 1)

    return guarded


def _told(error: Exception, file: Path | None) -> str:
    """The error on one line, with the file it is about."""
    line = " ".join(str(error).split())
    says_where = isinstance(error, FileFormatError) and error.where  # another file than FILE, perhaps
    return line if file is None or says_where or file.name in line else f"{file.name}: {line}"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="glutebal", message="glutebal %(version)s")
def main() -> None:
    """Left/right glute balance from EMG, force and motion, per repetition, with an honest interval.

    Positive always means that the right side is larger.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
