"""Random faults: every sample delivered once or counted as lost, on its own side, also when the host stalls."""

import asyncio
import time

import pytest

from glutebal.testing.fault_scripts import random_faults, run_script

LATE_AND_LOST = (26, 87)  # the first packet of a connection comes late and the second never
SWAPPED_FIRST = (64,)  # the first two packets of a connection change places
SEEDS = (*range(6), *LATE_AND_LOST, *SWAPPED_FIRST)


async def all_of_them():
    """The scripts run at the same time, for they mostly wait."""
    return await asyncio.gather(*(run_script(seed) for seed in SEEDS))


async def all_of_them_on_a_host_that_stalls():
    stalling = asyncio.ensure_future(stall())
    try:
        return await all_of_them()
    finally:
        stalling.cancel()


async def stall():
    """Nothing is taken for 0.4 s (4 s of the sensors' time), again and again."""
    while True:
        time.sleep(0.4)
        await asyncio.sleep(0.6)


@pytest.fixture(scope="module", params=[all_of_them, all_of_them_on_a_host_that_stalls])
def accounts(request):
    """Both sides of every script."""
    return asyncio.run(asyncio.wait_for(request.param(), 30))


def test_every_sample_is_delivered_once_or_counted_as_lost(accounts):
    for pair in accounts:
        for account in pair:
            assert account.sent == account.received + account.lost + account.cut
            assert (account.delivery.received, account.delivery.lost) == (account.received, account.lost)


def test_no_sample_is_on_the_wrong_side(accounts):
    assert all(account.strange == 0 for pair in accounts for account in pair)


def test_the_scripts_have_faults_of_every_kind(accounts):
    told = [account.delivery for pair in accounts for account in pair]
    assert sum(account.lost for pair in accounts for account in pair) > 0
    assert sum(d.duplicates for d in told) > 0
    assert max(d.connections for d in told) > 1
    assert random_faults(3) == random_faults(3) != random_faults(4)
