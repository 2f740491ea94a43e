"""Bytes and files become recordings."""
