"""Every published packet belongs to a test: a vector that nobody tests is found here."""

import json
import re
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
DRIVERS = HERE.parents[2] / "glutebal" / "ingest" / "drivers"
VECTORS = json.loads((HERE.parent.parent / "vectors" / "ble_vectors.json").read_text(encoding="utf-8"))
OF_DEVICE = re.compile(r'for v in VECTORS if v\["device"\] == "([^"]+)"')

COUNTED = {
    "bitalino": 2,
    "cps": 5,
    "ganglion": 5,
    "gforce": 1,
    "metamotion": 5,
    "movesense": 2,
    "myo": 3,
    "npg-lite": 1,
    "pitchsix": 1,
    "polar": 6,
    "sig-hr": 1,
    "sig-weight-scale": 1,
    "thingy52": 1,
    "tindeq": 4,
    "vernier": 2,
    "wh-c06": 1,
    "witmotion": 1,
    "xsens-dot": 1,
}


def loaded():
    """The devices whose vectors the test file of a driver loads."""
    texts = [test.read_text(encoding="utf-8") for test in HERE.glob("test_*.py") if (DRIVERS / test.name[5:]).is_file()]
    return [device for text in texts if "ble_vectors.json" in text for device in OF_DEVICE.findall(text)]


def test_every_device_of_the_vectors_has_the_test_of_a_driver():
    assert sorted(loaded()) == sorted({vector["device"] for vector in VECTORS})


def test_a_vector_more_of_a_known_device_is_not_overlooked():
    """Write its test in the file of the driver, then count it here."""
    assert Counter(vector["device"] for vector in VECTORS) == COUNTED


def test_no_two_vectors_of_a_device_hide_behind_one_name():
    names = Counter((vector["device"], vector["name"]) for vector in VECTORS)
    assert max(names.values()) == 1
