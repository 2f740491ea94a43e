"""A packet log as a recording: the decode path of a live session, run again."""

from glutebal.ingest.replay import read_log

__all__ = ["read_log"]
