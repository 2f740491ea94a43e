"""The command line: ``glutebal demo``, ``analyse``, ``scan``, ``record``, ``history``, ``trend`` and so on."""

from glutebal.cli import entries, files, history, sensors, trend
from glutebal.cli.group import main

__all__ = ["entries", "files", "history", "main", "sensors", "trend"]
