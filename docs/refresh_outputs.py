"""Run the Python blocks of Markdown pages and write what they print below them.

`python docs/refresh_outputs.py README.md docs/howto/*.md`, after a change that moves a printed number; then look at
the difference. The tests run the same blocks and compare.
"""

import contextlib
import io
import itertools
import os
import re
import sys
import tempfile
from pathlib import Path

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def refreshed(text: str) -> str:
    """The text with every printed block as it comes out now."""
    names: dict[str, object] = {}
    found = list(BLOCK.finditer(text))
    edits = []
    for code, after in itertools.zip_longest(found, found[1:]):
        if code[1] != "python":
            continue
        printed = output_of(code[2], names)
        if after is not None and after[1] == "text":
            edits.append((after.start(2), after.end(2), printed))
        elif printed:
            edits.append((code.end(), code.end(), f"\n\n```text\n{printed}```"))
    for start, stop, new in reversed(edits):
        text = text[:start] + new + text[stop:]
    return text


def output_of(code: str, names: dict[str, object]) -> str:
    """What a block prints, ending in one newline; empty if nothing."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, names)  # noqa: S102 - our own pages
    return printed.getvalue().rstrip() + "\n" if printed.getvalue().strip() else ""


def main() -> None:
    """Refresh the pages named on the command line."""
    pages = [Path(name).resolve() for name in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for page in pages:
            page.write_text(refreshed(page.read_text(encoding="utf-8")), encoding="utf-8")
        os.chdir(Path(__file__).parent)


if __name__ == "__main__":
    main()
