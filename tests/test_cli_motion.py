import re

import pytest
from click.testing import CliRunner

from glutebal.cli import main


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("motion") / "new"
    return run("demo", "--motion", "--out", folder), folder / "glutebal-motion.html"


def test_the_motion_demo_writes_a_page_with_angles_and_postures(demo):
    done, page = demo
    assert done.exit_code == 0, done.output
    html = page.read_text(encoding="utf-8")
    assert '<h2 id="motion">Motion</h2>' in html
    assert 'aria-label="Hip flexion from 0 to 100 % of the rep' in html
    assert 'aria-label="Stick figures' in html
    assert str(page) in done.output.replace("\n", "")


def test_what_was_found_lies_beside_its_truth_and_the_range_covers_it(demo):
    lines = demo[0].stdout.partition("The truth of this simulated set")[2].splitlines()
    reps = next(line.split()[-2:] for line in lines if "repetitions" in line)
    assert reps == ["8", "8"]
    told = [re.findall(r"[+-]\d+\.\d", line) for line in lines if "(" in line]
    assert len(told) == 4
    for true, found, low, high in (map(float, numbers) for numbers in told):
        assert low <= true <= high
        assert abs(found - true) < 2.5  # degrees or cm: soft tissue and mounting of the simulated sensors


def test_a_season_is_no_motion():
    done = run("demo", "--motion", "--season")
    assert done.exit_code == 2
    assert "exclude each other" in done.stderr
