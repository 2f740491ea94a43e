import pickle

import pytest

from glutebal import errors
from glutebal.errors import GlutebalError, MissingExtraError, UnknownNameError


def test_the_message_is_one_line_with_its_parts():
    error = errors.RateError("a rate above 40 Hz", "30 Hz", "left EMG", "record faster")
    assert str(error) == "left EMG: needed a rate above 40 Hz, found 30 Hz; try: record faster"


def test_an_unknown_name_lists_what_there_is_and_the_closest():
    error = UnknownNameError.among("exercise", "hip_trust", ["squat", "hip_thrust"])
    assert "hip_thrust, squat" in str(error)
    assert error.advice == "hip_thrust"


def test_a_missing_extra_says_what_to_install():
    assert 'pip install "glutebal[c3d]"' in str(MissingExtraError.of("c3d", "ezc3d", "read C3D files"))


@pytest.mark.parametrize("kind", GlutebalError.__subclasses__())
def test_every_error_survives_pickling(kind):
    error = kind("a", "b", "c", "d")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (kind, str(error))
