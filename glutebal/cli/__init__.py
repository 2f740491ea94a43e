"""The command line: ``glutebal demo``, ``analyse``, ``scan``, ``record``, ``calibrate``, ``live``, ``history`` ...."""

from glutebal.cli import calibrate, entries, exercises, files, history, live, sensors, trend
from glutebal.cli.group import main

__all__ = ["calibrate", "entries", "exercises", "files", "history", "live", "main", "sensors", "trend"]
