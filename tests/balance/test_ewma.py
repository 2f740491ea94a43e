"""The EWMA chart: the NIST example, limits against simulation, laws."""

import numpy as np
import pytest

from glutebal.balance.ewma import ewma_chart
from glutebal.errors import InputError


def test_nist(vectors):
    row = vectors["ewma_nist"]
    found = ewma_chart(row["x"], row["sigma"], centre=row["z0"], weight=row["lam"])
    np.testing.assert_allclose([row["z0"], *found.values], row["z"], atol=0.005)
    assert [found.low[-1], found.high[-1]] == pytest.approx(row["limits"], abs=1e-5)
    assert found.alerts == ()


def test_limits_start_narrow():
    found = ewma_chart(np.zeros(5), 1.0, centre=0.0, weight=0.3)
    assert found.high[0] == pytest.approx(3 * 0.3, rel=1e-12)
    assert (np.diff(found.high) > 0).all()


def test_limits_contain_what_the_centre_does_not_know():
    """The spread of average minus centre, over many charts of nothing but noise, is a third of the limit's width."""
    rng = np.random.default_rng(8)
    charts = [ewma_chart(rng.normal(0.2, 0.1, 12), 0.1, baseline=4) for _ in range(4000)]
    spread = np.std([np.subtract(c.values, c.centre) for c in charts], axis=0)
    np.testing.assert_allclose(3 * spread, np.subtract(charts[0].high, charts[0].centre), rtol=0.05)


def test_a_lasting_shift_is_noticed():
    rng = np.random.default_rng(4)
    x = np.concatenate([rng.normal(0, 0.1, 8), rng.normal(0.3, 0.1, 8)])
    found = ewma_chart(x, 0.1, baseline=5)
    assert found.alerts
    assert min(found.alerts) >= 8
    assert found.alerts[-1] == 15


def test_swapping_the_sides():
    x = np.random.default_rng(2).normal(0.1, 0.2, 9)
    one, other = ewma_chart(x, 0.05), ewma_chart(-x, 0.05)
    np.testing.assert_allclose(one.values, np.negative(other.values), atol=1e-15)
    np.testing.assert_allclose(one.low, np.negative(other.high), atol=1e-15)
    assert one.alerts == other.alerts


def test_plain_numbers_come_out():
    found = ewma_chart(np.linspace(0, 1, 6), np.float64(0.1))
    assert {type(v) for v in (*found.values, *found.low, *found.high, found.centre, found.sigma)} == {float}
    assert {type(i) for i in found.alerts} == {int}


@pytest.mark.parametrize(
    ("values", "named", "message"),
    [
        ([0.1] * 4, {"sigma": 0.1}, "at least 5 finite"),
        ([0.1] * 5 + [np.nan], {"sigma": 0.1}, "finite"),
        ([0.1] * 6, {"sigma": -1.0}, "0 or more"),
        ([0.1] * 6, {"sigma": 0.1, "weight": 0.0}, "weight above 0"),
    ],
)
def test_the_unusable_is_refused(values, named, message):
    with pytest.raises(InputError, match=message):
        ewma_chart(values, **named)
