import asyncio

import pytest

from glutebal.testing.fault_scripts import random_faults, run_script

SEEDS = range(6)


@pytest.fixture(scope="module")
def accounts():
    """Both sides of every script; the scripts run at the same time, for they mostly wait."""

    async def all_of_them():
        return await asyncio.gather(*(run_script(seed) for seed in SEEDS))

    return asyncio.run(asyncio.wait_for(all_of_them(), 30))


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
