import re
from dataclasses import replace

import pytest

from glutebal.report import words
from glutebal.results import Estimate, Laterality, Status

FORBIDDEN = re.compile(
    r"weak|inhibit|amnesia|\brisk|injur|\bab?normal|dysfunction|diagnos|correct|dominan|patholog|healthier|danger"
    r"|should be|treat|prevent|cure|deficit|fault|fire[sd]?\b|trendelenburg",
    re.IGNORECASE,
)


def generated(analysis):
    texts = [words.headline(analysis), words.block(analysis)]
    texts += [words.sentence(b, lat) for b in analysis.balances for lat in Laterality]
    return texts + [words.drift_sentence(b) for b in analysis.balances]


def test_no_generated_text_claims_what_it_cannot_know(any_analysis):
    for text in generated(any_analysis):
        assert not FORBIDDEN.search(text), text


def test_a_two_legged_difference_is_told_as_a_share(calibrated):
    assert words.headline(calibrated) == (
        "In this set gluteus maximus activation split 46/54 (left/right): the right side read higher (95 % range of "
        "the right share 53.3 to 54.1 %, 12 reps). Sensor position can cause a difference like this."
    )


def test_a_one_legged_difference_is_told_as_per_cent_lower(unilateral):
    ratio = Estimate(0.1508263, 0.1193880, 0.1822646, 0.0132953, 15)  # BSA 14.0003 [11.2537, 16.6619]
    changed = replace(unilateral.balances[0], log_ratio=ratio)
    assert words.headline(replace(unilateral, balances=(changed,))) == (
        "In this set the left gluteus maximus activation read 14 % lower than the right (95 % range 11 to 17 %, "
        "15 reps). Sensor position can cause a difference like this."
    )


def test_the_smaller_side_is_named_whichever_it_is(unilateral):
    balance = unilateral.balances[0]
    mirrored = replace(balance, log_ratio=Estimate(-0.1508263, -0.1822646, -0.1193880, 0.0132953, 15))
    text = words.sentence(mirrored, Laterality.UNILATERAL)
    assert "the right gluteus maximus activation read 14 % lower than the left (95 % range 11 to 17 %" in text


def test_an_interval_with_zero_inside_tells_no_difference(undecided):
    assert words.headline(undecided) == (
        "No side difference in gluteus maximus activation can be told from this set: "
        "right 2.1 (−1.5 to 5.6) points, 10 reps."
    )


def test_a_refusal_names_the_reason_and_what_to_try(all_refused):
    assert words.headline(all_refused) == (
        "No left/right answer for gluteus maximus activation: left gluteus_maximus EMG is dead. "
        "To try: check the sensor that is named, its contact and its plug, and record again."
    )


def test_uncalibrated_emg_has_no_number_in_its_text(uncalibrated):
    text = words.headline(uncalibrated)
    assert "no reference contraction" in text
    assert "To try: record a reference contraction on each side" in text
    assert not re.search(r"\d", text)


def test_too_few_reps_have_a_value_but_no_claim(too_few):
    text = words.headline(too_few)
    assert "read 7.4 points larger on the right over 3 reps" in text
    assert "no side difference can be told" in text


def test_a_censored_ratio_is_told_as_its_bound(censored):
    assert words.headline(censored).startswith(
        "Gluteus maximus activation: only a bound is known, right, at least 64.0 points: left is below its noise floor."
    )


def test_a_bound_on_the_left_side():
    ratio = Estimate(float("nan"), high=-1.5163, n=6, status=Status.CENSORED, reason="right is below its noise floor")
    assert words.points(ratio) == "left, at most −64.0 (right is below its noise floor)"


def test_two_silences_have_no_bound_and_no_number():
    ratio = Estimate.none(Status.CENSORED, "both sides are below their noise floors", 6)
    assert words.points(ratio) == "no answer: both sides are below their noise floors"


def test_nothing_found_says_so(empty):
    assert words.headline(empty).startswith("No repetitions were found")


def test_the_block_is_aligned_and_states_the_sign(calibrated):
    lines = words.block(calibrated).splitlines()
    assert "imbalance index in points, 95 % range; positive = right larger" in lines
    assert "gluteus_maximus  activation  right 7.4 (6.6 to 8.2)    12 reps  right share 53.7 %  ok" in lines
    assert "gluteus_medius   peak        left −5.4 (−6.5 to −4.3)  12 reps  right share 47.3 %  ok" in lines
    assert max(map(len, lines)) <= 100


def test_the_block_names_every_site_without_an_answer(gait):
    flat = " ".join(words.block(gait).split())
    for site in {b.site for b in gait.balances if b.log_ratio.status is Status.UNCALIBRATED}:
        assert site.replace("_", " ") in flat
    assert "no answer (uncalibrated): no reference contraction at this site on either side: gluteus maximus," in flat
    assert "erector spinae longissimus (all measures)" in flat


def test_a_remark_that_holds_for_every_number_is_said_once(too_few):
    lines = words.block(too_few).splitlines()
    assert "note: 3 reps, 5 needed for a range" in lines


@pytest.mark.parametrize(
    ("share", "text"), [(54.3, "46/54"), (50.2, "49.8/50.2"), (50.0, "50/50"), (20.4, "80/20"), (99.9, "0/100")]
)
def test_split_adds_up_to_a_hundred(share, text):
    assert words.split(share) == text


def test_drift_is_told_only_when_it_is_clear(calibrated):
    balance = calibrated.balances[0]
    assert words.drift_sentence(balance) == ""
    moving = replace(balance, drift=Estimate(0.02, 0.01, 0.03, 0.004, 12))
    assert words.drift_sentence(moving) == (
        "From rep to rep gluteus maximus activation moved toward the right "
        "(right/left ratio 2.0 % per rep, 95 % range 1.0 to 3.0 %)."
    )


def test_what_was_read_from_the_labels_is_said(calibrated):
    from dataclasses import replace

    from glutebal.report.words import sites_read

    named = [
        replace(q, channel=replace(q.channel, label=f"{side} GRF", origin=f"read from the label '{side} GRF'"))
        for q, side in zip(calibrated.quality[:2], "LR", strict=True)
    ]
    told = sites_read(replace(calibrated, quality=tuple(named)))
    assert "(L GRF and R GRF)" in told
