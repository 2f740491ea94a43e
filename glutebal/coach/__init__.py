"""Exercises, and what a balance means for the next set."""
