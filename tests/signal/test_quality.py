"""The verdict on a channel: real unplugged electrodes, simulated faults of every kind, and no false alarms."""

from collections import Counter

import ezc3d
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glutebal.model import Channel, Quantity, Recording, Side, Track
from glutebal.results import ChannelQuality, Grade
from glutebal.signal.quality import assess

RATES_HZ = (500.0, 1000.0, 1259.0, 2000.0)
GLUTE = "gluteus_maximus"


# ---- simulated channels: the rest is white noise of RMS 1


def muscle(rng, n, rate_hz, low_hz=60.0, high_hz=120.0):
    """Gaussian noise of unit RMS with the surface EMG spectrum of Shwedyk, Balasubramanian & Scott (1977)."""
    f = np.fft.rfftfreq(n, 1 / rate_hz)
    shape = f / (np.sqrt(f**2 + low_hz**2) * (f**2 + high_hz**2))
    x = np.fft.irfft(np.fft.rfft(rng.standard_normal(n)) * shape, n)
    return x / x.std()


def healthy(rng, rate_hz=None, snr_db=None, duty=None, seconds=None):
    """Bursts of muscle every 1-4 s over white noise, with an amplifier offset."""
    rate = rng.choice(RATES_HZ) if rate_hz is None else rate_hz
    snr = rng.uniform(6, 30) if snr_db is None else snr_db
    period = rng.uniform(1, 4)
    n = round(rate * (rng.uniform(max(4, 2 * period), 25) if seconds is None else seconds))
    phase = ((np.arange(n) / rate + rng.uniform(0, period)) % period) / period
    bell = np.hanning(max(3, round(0.05 * rate)))
    on = phase < (rng.uniform(0.1, 0.75) if duty is None else duty)
    activity = np.convolve(on, bell / bell.sum(), "same") * muscle(
        rng, n, rate, rng.uniform(30, 70), rng.uniform(90, 160)
    )
    return activity * 10 ** (snr / 20) + rng.standard_normal(n) + rng.normal(0, 2), rate


def hum(rng, n, rate_hz, mains_hz=None):
    """A mains line with odd harmonics, of unit RMS."""
    base = rng.choice([50.0, 60.0]) if mains_hz is None else mains_hz
    t = np.arange(n) / rate_hz
    x = sum(np.sin(2 * np.pi * base * k * t + rng.uniform(0, 6)) / k**2 for k in (1, 3, 5))
    return x / x.std()


def open_input(rng):
    """White amplifier noise."""
    rate = rng.choice(RATES_HZ)
    return rng.standard_normal(round(rate * rng.uniform(2, 20))), rate


def electrode_noise(rng):
    """1/f noise."""
    rate = rng.choice(RATES_HZ)
    n = round(rate * rng.uniform(2, 20))
    f = np.maximum(np.fft.rfftfreq(n, 1 / rate), 0.5)
    return np.fft.irfft(np.fft.rfft(rng.standard_normal(n)) / np.sqrt(f), n), rate


def floating_lead(rng):
    """Mains, in half of the cases swelling as the lead moves, over a little amplifier noise."""
    rate = rng.choice(RATES_HZ)
    n = round(rate * rng.uniform(2, 20))
    swell = 1 + 0.5 * rng.integers(0, 2) * np.sin(2 * np.pi * rng.uniform(0.1, 1) * np.arange(n) / rate)
    return 10 * swell * hum(rng, n, rate) + rng.standard_normal(n), rate


def crackling_lead(rng):
    """An open input that crackles, louder and softer, as in the biomechZoo recordings."""
    n = round(1000 * rng.uniform(2, 20))
    crackle = np.where(rng.random(n) < 0.05, rng.laplace(0, 1.5, n), 0.0)
    swell = np.repeat(rng.uniform(0.6, 1.4, n // 200 + 1), 200)[:n]
    return (0.3 * rng.standard_normal(n) + crackle) * swell, 1000.0


def emg(samples, rate_hz=1000.0, side=Side.LEFT, site=GLUTE):
    return Track.of_samples(Channel(Quantity.EMG, side, site, float(rate_hz)), samples)


def judged(samples, rate_hz=1000.0) -> ChannelQuality:
    return assess(Recording((emg(samples, rate_hz),)))[0]


def judged_many(simulated, n, scales=(1e-6, 1.0)):
    """``n`` seeded channels in units from microvolts to volts."""
    for seed in range(n):
        rng = np.random.default_rng(seed)
        samples, rate_hz = simulated(rng)
        yield judged(samples * np.exp(rng.uniform(*np.log(scales))), rate_hz)


def kinds(quality):
    return {finding.kind: finding for finding in quality.findings}


@pytest.mark.slow
def test_no_false_alarm_on_240_healthy_channels():
    alarms = Counter(kind for quality in judged_many(healthy, 240) for kind in kinds(quality))
    assert alarms == {}


@pytest.mark.parametrize("simulated", [open_input, electrode_noise, floating_lead, crackling_lead])
def test_every_one_of_40_unplugged_electrodes_is_refused(simulated):
    assert [q.grade for q in judged_many(simulated, 40)] == [Grade.BAD] * 40


def test_a_quiet_record_of_a_muscle_that_never_moves_is_not_guessed():
    """A steady contraction and steady noise of the same colour look alike: told, not refused."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        quality = judged(muscle(rng, 4000, 1000.0) + 0.05 * rng.standard_normal(4000))
        assert [(f.kind, f.grade) for f in quality.findings] == [("low_snr", Grade.SUSPECT)]
        assert "cannot tell" in quality.reason


def test_a_steady_channel_far_below_the_others_is_refused():
    rng = np.random.default_rng(0)
    others = [emg(healthy(rng, 1000.0, 20, 0.4, 8)[0], site=site) for site in ("rectus_femoris", "biceps_femoris")]
    quality = assess(Recording((emg(0.003 * muscle(rng, 8000, 1000.0)), *others)))
    assert [q.grade for q in quality] == [Grade.BAD, Grade.GOOD, Grade.GOOD]
    assert "dB quieter than the others" in quality[0].reason


@pytest.mark.parametrize("mains_hz", [50.0, 60.0])
@pytest.mark.parametrize(("hum_over_muscle", "grade"), [(0.1, Grade.SUSPECT), (0.4, Grade.SUSPECT), (2.0, Grade.BAD)])
def test_hum_is_told_and_refused_only_when_it_beats_the_muscle(mains_hz, hum_over_muscle, grade):
    for seed in range(8):
        rng = np.random.default_rng(seed)
        x, rate_hz = healthy(rng, rng.choice(RATES_HZ), snr_db=20, duty=0.4, seconds=12)
        noisy = x + np.sqrt(hum_over_muscle) * 10 * hum(rng, x.size, rate_hz, mains_hz)
        finding = kinds(judged(noisy, rate_hz))["mains"]
        assert finding.grade is grade
        assert finding.text.startswith(f"{mains_hz:.0f} Hz")
        assert finding.value == pytest.approx(100 * hum_over_muscle, rel=0.5)  # the loudest moments exceed the mean


def test_clipped_channels_are_told_and_heavily_clipped_ones_refused():
    for seed in range(10):
        x, rate_hz = healthy(np.random.default_rng(seed), snr_db=25, duty=0.4)
        mild, heavy = (np.quantile(np.abs(x - np.median(x)), q) for q in (0.985, 0.8))
        assert kinds(judged(np.clip(x, -mild, mild), rate_hz))["clipped"].grade is Grade.SUSPECT
        assert kinds(judged(np.clip(x, -heavy, heavy), rate_hz))["clipped"].grade is Grade.BAD


def test_movement_artefacts_are_counted():
    for seed in range(10):
        rng = np.random.default_rng(seed)
        x, rate_hz = healthy(rng, snr_db=20, duty=0.4, seconds=12)
        size, loud = round(0.25 * rate_hz), 40 * x.std()
        for at_s in (2, 5, 9):
            at = round(at_s * rate_hz)
            x[at : at + size] += loud * np.sin(np.pi * np.arange(size) / size)
        quality = judged(x, rate_hz)
        assert list(kinds(quality)) == ["artefact"]
        assert kinds(quality)["artefact"].text.startswith("3 artefacts, 0.")
        assert quality.grade is Grade.SUSPECT


def test_a_signal_that_stops_arriving_is_stuck():
    x, _ = healthy(np.random.default_rng(1), 1000.0, 20, 0.4, 10)
    x[6000:8000] = 0
    assert kinds(judged(x))["stuck"].value == pytest.approx(2.0)
    assert judged(x).grade is Grade.SUSPECT


def test_dropouts_are_told_and_refused_when_most_is_missing():
    x, _ = healthy(np.random.default_rng(1), 1000.0, 20, 0.4, 10)
    few, most = x.copy(), x.copy()
    few[1000:1055] = few[5000:5055] = np.nan
    most[1000:8000] = np.nan
    assert judged(few).gaps == 2
    assert kinds(judged(few))["dropout"].text == "2 dropouts, 0.11 s in all"
    assert (judged(few).grade, judged(most).grade) == (Grade.SUSPECT, Grade.BAD)


@pytest.mark.parametrize("samples", [np.zeros(2000), np.full(2000, 1.5e-6), np.full(2000, np.nan), np.ones(1)])
def test_constant_and_empty_channels_are_dead(samples):
    assert kinds(judged(samples))["dead"].grade is Grade.BAD


def test_a_recording_too_short_to_judge_says_so():
    x, _ = healthy(np.random.default_rng(1), 1000.0, 20, 0.4, 10)
    assert "too little to judge" in judged(x[:500]).reason
    assert judged(x[:500]).grade is Grade.SUSPECT


def test_an_envelope_is_not_emg():
    x, _ = healthy(np.random.default_rng(1), 1000.0, 20, 0.4, 10)
    assert "rectified" in kinds(judged(np.abs(x)))
    assert kinds(judged(np.abs(x[::10]), 100.0))["rate"].grade is Grade.SUSPECT


def test_a_far_offset_is_told():
    x, _ = healthy(np.random.default_rng(1), 1000.0, 20, 0.4, 10)
    assert list(kinds(judged(x + 500))) == ["offset"]


def test_weak_activity_is_told():
    for seed in range(10):
        x, _ = healthy(np.random.default_rng(seed), 1000.0, 1.5, 0.4, 20)
        assert [(f.kind, f.grade) for f in judged(x).findings] == [("low_snr", Grade.SUSPECT)]


def test_noise_floor_and_snr_are_those_of_the_simulation():
    rng = np.random.default_rng(5)
    x, _ = healthy(rng, 1000.0, snr_db=20, duty=0.4, seconds=25)
    quality = judged(1e-6 * x)
    assert quality.noise == pytest.approx(1e-6 * np.sqrt(430 / 500), rel=0.05)  # 20-450 Hz of white noise up to 500 Hz
    assert quality.snr_db == pytest.approx(20 + 1.5, abs=2)  # the loudest twentieth lies above the mean of the bursts
    assert (quality.seconds, quality.gaps) == (25.0, 0)
    assert {type(quality.noise), type(quality.snr_db), type(quality.seconds)} == {float}


def test_the_same_signal_twice_is_a_duplicate():
    x, _ = healthy(np.random.default_rng(1), 1000.0, 20, 0.4, 10)
    y, _ = healthy(np.random.default_rng(2), 1000.0, 20, 0.4, 10)
    left, copy = emg(x), emg(0.3 * x + 0.01 * y, side=Side.RIGHT)
    quality = assess(Recording((left, copy, emg(y, site="biceps_femoris"))))
    assert [q.grade for q in quality] == [Grade.BAD, Grade.BAD, Grade.GOOD]
    assert quality[0].reason.startswith("the same signal as right gluteus_maximus EMG")


def test_a_leaking_signal_is_crosstalk():
    x, _ = healthy(np.random.default_rng(1), 1000.0, 20, 0.4, 10)
    y, _ = healthy(np.random.default_rng(2), 1000.0, 20, 0.4, 10)
    quality = assess(Recording((emg(x), emg(x + 0.4 * y, side=Side.RIGHT))))
    assert [list(kinds(q)) for q in quality] == [["crosstalk"], ["crosstalk"]]
    assert {q.grade for q in quality} == {Grade.SUSPECT}


def test_a_floor_that_is_high_on_one_side_is_told_on_that_side():
    rng = np.random.default_rng(1)
    calm, _ = healthy(rng, 1000.0, 25, 0.4, 12)
    noisy, _ = healthy(rng, 1000.0, 8, 0.4, 12)
    quality = assess(Recording((emg(calm), emg(5 * noisy, side=Side.RIGHT))))
    assert [list(kinds(q)) for q in quality] == [[], ["one_sided_noise"]]
    assert kinds(quality[1])["one_sided_noise"].value == pytest.approx(5, rel=0.1)


def fault_zoo(seed):
    """A recording with one channel of each sort, all at 1000 Hz."""
    rng = np.random.default_rng(seed)
    good = healthy(rng, 1000.0, 20, 0.4, 10)[0]
    clipped = np.clip(healthy(rng, 1000.0, 20, 0.4, 10)[0], -15, 15)
    humming = healthy(rng, 1000.0, 20, 0.4, 10)[0] + 4 * hum(rng, 10_000, 1000.0)
    stuck = healthy(rng, 1000.0, 20, 0.4, 10)[0]
    stuck[4000:5000] = stuck[4000]
    signals = [good, clipped, humming, stuck, rng.standard_normal(10_000), 3 * hum(rng, 10_000, 1000.0) + 0.1]
    sides = (Side.LEFT, Side.RIGHT)
    return Recording(tuple(emg(x, side=sides[i % 2], site=f"muscle_{i // 2}") for i, x in enumerate(signals)))


def verdicts(recording):
    return [[(f.kind, f.grade) for f in q.findings] for q in assess(recording)]


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=10)
@given(seed=st.integers(0, 1000), gain=st.floats(1e-7, 1e3))
def test_law_a_common_gain_changes_no_verdict(seed, gain):
    recording = fault_zoo(seed)
    scaled = recording.with_(tracks=tuple(t.scaled(gain) for t in recording.tracks))
    assert verdicts(scaled) == verdicts(recording)
    np.testing.assert_allclose(
        [q.noise for q in assess(scaled)], [gain * q.noise for q in assess(recording)], rtol=1e-6
    )


@settings(derandomize=True, deadline=None, max_examples=5)
@given(seed=st.integers(0, 1000))
def test_law_swapped_sides_get_the_same_verdicts(seed):
    recording = fault_zoo(seed)
    before = [t.values().copy() for t in recording.tracks]
    assert verdicts(recording.swapped()) == verdicts(recording)
    assert all(np.array_equal(a, t.values()) for a, t in zip(before, recording.tracks, strict=True))


@settings(derandomize=True, deadline=None, max_examples=5)
@given(seed=st.integers(0, 1000))
def test_law_a_later_start_changes_nothing(seed):
    recording = fault_zoo(seed)
    later = recording.with_(tracks=tuple(Track.of_samples(t.channel, t.values(), 7777) for t in recording.tracks))
    assert verdicts(later) == verdicts(recording)


# ---- real recordings

SITES = ("Rect", "Hams", "Gast", "Tib Ant")


def emg_of(path):
    """Every channel in V or mV as an EMG channel, by label; the rest of the file is left out."""
    c3d = ezc3d.c3d(str(path))
    analog, rate_hz = c3d["parameters"]["ANALOG"], float(c3d["header"]["analogs"]["frame_rate"])
    columns = zip(analog["LABELS"]["value"], analog["UNITS"]["value"], c3d["data"]["analogs"][0], strict=False)
    named = {label.strip(): x for label, unit, x in columns if unit in {"V", "mV"}}
    tracks = (emg(x, rate_hz, Side.RIGHT if label.startswith("R") else Side.LEFT, label) for label, x in named.items())
    return dict(zip(named, assess(Recording(tuple(tracks))), strict=True))


def refused(quality):
    return {label for label, q in quality.items() if q.grade is Grade.BAD}


@pytest.mark.parametrize(
    ("name", "live"),
    [
        ("HC002D06", {"R Rect", "R Hams", "R Gast", "R Tib Ant"}),
        ("HC033A22", {"R Rect", "R Hams", "R Gast", "R Tib Ant"}),
        ("HC036A10", {"L Rect", "L Hams", "L Gast", "L Tib Ant"}),
        ("HC040A14", set()),
    ],
)
def test_children_walking_with_one_or_both_sides_unplugged(shared_data, name, live):
    """In HC036A10 R Gast, and in HC033A22 L Hams, are loud only while the amplifier sits at its rail and recovers.

    Between those events they hold the same flat noise as the other unplugged leads of their side.
    """
    quality = emg_of(shared_data / "biomechzoo" / f"{name}.c3d")
    assert set(quality) - refused(quality) == live
    assert all(quality[label].reason for label in refused(quality))
    assert [quality[label].findings for label in live] == [()] * len(live)


def test_an_amplifier_at_its_rail_is_not_a_muscle(shared_data):
    quality = emg_of(shared_data / "biomechzoo" / "HC036A10.c3d")["R Gast"]
    assert {"clipped", "artefact"} <= set(kinds(quality))
    assert quality.grade is Grade.BAD
    assert quality.noise < 1.5e-3  # like the other unplugged leads of that side, though the RMS of the file is 0.057


@pytest.mark.parametrize(("name", "channels"), [("Gait", 16), ("1123x01EMG", 8)])
def test_adults_walking_are_all_alive(shared_data, name, channels):
    quality = emg_of(shared_data / "btkdata" / f"{name}.c3d")
    assert len(quality) == channels
    assert refused(quality) == set()


def test_only_the_signal_that_went_missing_is_told(shared_data):
    """The right biceps femoris of 1123x01EMG reads exactly zero from 2.22 s to 4.45 s."""
    quality = emg_of(shared_data / "btkdata" / "1123x01EMG.c3d")
    told = {label: q.findings for label, q in quality.items() if q.findings}
    assert list(told) == ["Right Biceps Femoris Caput Longu"]
    assert [(f.kind, f.value) for f in told["Right Biceps Femoris Caput Longu"]] == [("stuck", pytest.approx(2.231))]


def test_muscles_in_volts_are_alive_and_amplifier_pins_are_not(shared_data):
    quality = emg_of(shared_data / "btkdata" / "PiG_Motion-FlatFoot-Full.c3d")
    assert refused(quality) == {f"Pin {i}" for i in range(1, 17)}
    assert all(q.findings == () for label, q in quality.items() if not label.startswith("Pin"))
    assert min(q.snr_db for label, q in quality.items() if not label.startswith("Pin")) > 6
