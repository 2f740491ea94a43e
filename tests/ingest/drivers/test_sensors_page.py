"""The page of supported sensors and the registry name the same drivers."""

import re
from pathlib import Path

import pytest

from glutebal.ingest.driver import drivers

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "sensors.md"


@pytest.mark.parametrize("heading", ["What they stream", "Clock, loss, and how sure the format is"])
def test_every_driver_has_a_row(heading):
    table = PAGE.read_text(encoding="utf-8").partition(f"## {heading}")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("|")]
    assert sorted(name for cell in cells for name in re.findall("`([a-z0-9_]+)`", cell)) == list(drivers())
