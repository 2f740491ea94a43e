"""The command line: ``glutebal demo``, ``analyse``, ``scan``, ``record``, ``calibrate``, ``history`` and so on."""

from glutebal.cli import calibrate, entries, exercises, files, history, sensors, trend
from glutebal.cli.group import main

__all__ = ["calibrate", "entries", "exercises", "files", "history", "main", "sensors", "trend"]
