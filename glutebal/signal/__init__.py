"""Chunks become per-rep values, one value per side."""
