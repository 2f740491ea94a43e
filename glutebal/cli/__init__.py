"""The command line: ``glutebal demo``, ``analyse``, ``info``, ``exercises``; ``scan``, ``record``, ``replay``."""

from glutebal.cli import files, sensors
from glutebal.cli.group import main

__all__ = ["files", "main", "sensors"]
