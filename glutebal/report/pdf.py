"""A page as PDF: the same HTML on paper, laid out by WeasyPrint, which is allowed to load nothing.

The PDF holds no date and no random identifier, so that one version of WeasyPrint with the same fonts makes the same
bytes of the same page.
"""

from __future__ import annotations

import hashlib
import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from typing import Any

from glutebal.errors import MissingExtraError

COLOUR = re.compile(r"var\(--[\w-]+,\s*(#[0-9a-f]{6})\)")
"""A colour of a figure: a variable of the page with its light value, which is the one for paper."""


def as_pdf(html: str) -> bytes:
    """Print a page.

    Parameters
    ----------
    html : str
        A self-contained document; whatever it refers to outside itself is left out.

    Raises
    ------
    MissingExtraError
        WeasyPrint, or the Pango libraries it draws text with, are not installed.
    """
    weasyprint = _weasyprint()
    data = html.encode("utf-8", "replace")  # a lone surrogate in a file's own text is no reason for no page
    identifier = hashlib.blake2b(data, digest_size=16).digest()
    with _quiet():
        text = COLOUR.sub(r"\1", data.decode("utf-8"))
        nothing = weasyprint.urls.URLFetcher(allowed_protocols=())
        document = weasyprint.HTML(string=text, url_fetcher=nothing, media_type="print")
        made: bytes = document.write_pdf(pdf_identifier=identifier, pdf_tags=True)
    return made


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the warnings about rules that only browsers know; errors are still logged."""
    logger = logging.getLogger("weasyprint")
    logger.addFilter(_is_error)
    try:
        yield
    finally:
        logger.removeFilter(_is_error)


def _is_error(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR


def _weasyprint() -> Any:
    # an old HarfBuzz is nothing that a reader can mend, and what is missing is told below, not printed
    with warnings.catch_warnings(), redirect_stdout(StringIO()):
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            import weasyprint
        except ImportError as error:
            raise MissingExtraError.of("pdf", "weasyprint", "write a PDF") from error
        except OSError as error:
            raise MissingExtraError(
                "the Pango libraries to write a PDF", "that they are not installed", "", PANGO_ADVICE
            ) from error
    return weasyprint


PANGO_ADVICE = (
    "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 (Debian, Ubuntu), brew install pango "
    "(macOS), the WeasyPrint installation page (Windows); or save as .html and print it from a browser"
)
