"""Samples that no body and no sensor of the kind produces do not get past a driver."""

from __future__ import annotations

from collections.abc import Iterator

from glutebal.ingest.driver import Block, Driver


def sift(driver: Driver, block: Block, low: float, high: float) -> Iterator[Block]:
    """The samples of a block with every axis in ``[low, high]``; NaN is outside.

    A block that loses samples counts one in ``driver.malformed``; one that loses all of them is not given.
    """
    good = ((block.values >= low) & (block.values <= high)).all(axis=1)
    if good.all():
        yield block
        return
    driver.malformed += 1
    if good.any():
        ticks = None if block.ticks is None else block.ticks[good]
        yield Block(block.stream, block.values[good], ticks, block.trusted)
