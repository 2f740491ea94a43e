"""What every test may ask for: the folder of real recordings, and the published numbers."""

import json
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real recordings beside the checkout; without it the test is skipped, visibly."""
    folder = TESTS.parents[1] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real recordings (../shared/data) are not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def vectors() -> dict:
    """Published tables and worked examples, with their sources."""
    return json.loads((TESTS / "vectors" / "metrics_vectors.json").read_text(encoding="utf-8"))
