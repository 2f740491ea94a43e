"""What a person reads: tables, words, figures and one self-contained page, all made of one `Analysis`.

The room itself is callable, so that ``gb.report(result).save("set.html")`` reads as it is meant::

    Analysis ─┬─ tables   pandas, JSON
              ├─ words    one headline, one block of text
              ├─ figures  matplotlib
              └─ page     HTML with the other three inside
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from glutebal.report.page import Page
    from glutebal.results import Analysis


class HasAnalysis(Protocol):
    """Anything that carries an `Analysis`, like the result of `glutebal.analyse`."""

    @property
    def analysis(self) -> Analysis:
        """The record behind the result."""


def report(result: Analysis | HasAnalysis) -> Page:
    """The page of a result: one self-contained HTML file, ``.html`` as text, ``.save(path)`` to disk.

    Parameters
    ----------
    result : Result or Analysis
        What `glutebal.analyse` returned.
    """
    from glutebal.report.page import page
    from glutebal.results import Analysis

    return page(result if isinstance(result, Analysis) else result.analysis)


class _Room(ModuleType):
    """The package itself, made callable: ``glutebal.report`` is both the room and what it does."""

    __call__ = staticmethod(report)


sys.modules[__name__].__class__ = _Room
