"""Simulated people and emulated sensors: public, so that demos and users' tests run without hardware."""
