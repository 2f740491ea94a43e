"""Settings of the cues: what they mean, and what is refused."""

import math

import numpy as np
import pytest

from glutebal.balance.ratio import imbalance
from glutebal.coach.cue_settings import CueKind, CueSettings, personal_sd
from glutebal.errors import InputError


@pytest.mark.parametrize(
    ("personal_sd", "points"),
    [(None, 10.0), (0.0, 10.0), (0.08, 10.0), (0.12, 14.888503), (0.16, 19.737532)],  # 100·tanh(2.5·sd/2)
)
def test_the_threshold_is_the_larger_of_ten_points_and_the_persons_own(personal_sd, points):
    found = imbalance(CueSettings(personal_sd=personal_sd).threshold_log_ratio)
    assert found == pytest.approx(points, rel=1e-6)


def test_kinds_are_switched_off_by_name():
    settings = CueSettings().without(CueKind.TEMPO, CueKind.HOLD)
    assert settings.on == set(CueKind) - {CueKind.TEMPO, CueKind.HOLD}
    assert CueSettings().on == set(CueKind)
    assert settings.without(CueKind.TEMPO) == settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("alpha", x) for x in (0.0, 1.1, math.nan)),
        *(("hysteresis", x) for x in (0.0, 1.1)),
        *((n, x) for n in ("first_rep", "spacing_reps", "escalate_after", "baseline_reps") for x in (0, 1.5)),
        *(("threshold_index", x) for x in (0.0, 100.0, math.nan)),
        *(("personal_sd", x) for x in (-0.1, math.nan, math.inf)),
        *(("tempo_match", x) for x in (0.0, math.inf)),
        *(("hold_s", x) for x in ((5.0, 2.0), (-1.0, 2.0), (1.0, math.nan))),
        *((n, -1.0) for n in ("personal_sds", "match_deg", "match_share", "pelvic_drop_deg", "lateral_shift_cm")),
        ("hold_tolerance_s", math.nan),
        ("on", frozenset({"balance"})),
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(name, value):
    with pytest.raises(InputError, match=f"cue setting {name}: needed .*, found"):
        CueSettings(**{name: value})


def test_the_own_sd_is_that_within_sets():
    rng = np.random.default_rng(3)
    sets = [(level + 0.12 * rng.standard_normal(n)).tolist() for level, n in ((0.5, 1500), (-0.5, 500))]
    assert personal_sd(sets) == pytest.approx(0.12, rel=0.05)
    residuals = np.concatenate([np.subtract(one, np.mean(one)) for one in sets])
    assert personal_sd(sets) == pytest.approx(math.sqrt(float(residuals @ residuals) / 1998), rel=1e-9)
    assert personal_sd([*sets, [], [7.0], [math.nan] * 5]) == personal_sd(sets)


@pytest.mark.parametrize(("reps", "known"), [((11, 11), True), ((11, 10), False), ((21,), True), ((2,) * 20, True)])
def test_the_own_sd_is_not_known_from_few_reps(reps, known):
    sets = [list(np.linspace(-0.1, 0.1, n)) for n in reps]
    assert (personal_sd(sets) is not None) is known
    assert personal_sd([]) is None
