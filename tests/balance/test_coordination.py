import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.balance.coordination import phase_coordination
from glutebal.model import Bilateral, Side
from glutebal.results import Status

law = settings(derandomize=True, deadline=None, max_examples=40)


def test_the_published_walk(vectors):
    known = vectors["waveform"]["pci"]
    found = phase_coordination(Bilateral(known["long_heel"], known["short_heel"]), Side.LEFT)
    assert found.phases_deg == pytest.approx((183.273, 184.865, 175.046, 186.429), abs=5e-4)
    assert (found.variability, found.inaccuracy) == (pytest.approx(2.7802, abs=5e-5), pytest.approx(2.7112, abs=5e-5))
    assert found.index == pytest.approx(known["pci"], rel=1e-9)


def test_a_metronome_is_0():
    steps = np.arange(20) * 0.55
    found = phase_coordination(Bilateral(steps[::2], steps[1::2]), Side.LEFT)
    assert found.index == pytest.approx(0, abs=1e-9)
    assert len(found.phases_deg) == 9


@law
@given(st.integers(0, 10_000), st.floats(0.2, 5))
def test_names_of_the_feet_and_the_pace_do_not_matter(seed, pace):
    rng = np.random.default_rng(seed)
    steps = np.cumsum(rng.uniform(0.4, 0.7, 30))
    strikes = Bilateral(steps[::2], steps[1::2])
    one = phase_coordination(strikes, Side.LEFT)
    mirrored = phase_coordination(strikes.swapped(), Side.RIGHT)
    assert one == mirrored
    assert phase_coordination(strikes.map(lambda s: pace * s + 3), Side.LEFT).index == pytest.approx(one.index)


def test_a_stride_without_one_strike_of_the_other_foot_is_left_out():
    strikes = Bilateral([0, 1, 2, 3, 4, 5], [0.5, 2.4, 2.6, 3.5, 4.5])
    found = phase_coordination(strikes, Side.LEFT)
    assert found.left_out == 2  # none between 1 and 2, two between 2 and 3
    assert len(found.phases_deg) == 3


def test_two_strides_are_too_few():
    found = phase_coordination(Bilateral([0, 1, 2], [0.5, 1.5]), Side.LEFT)
    assert found.status is Status.TOO_FEW
    assert math.isnan(found.index)
    assert found.phases_deg == (180, 180)
    assert phase_coordination(Bilateral([], []), Side.LEFT).status is Status.TOO_FEW
