"""SIGKILL at random moments of token entry: no credit lost, none doubled, the file always opens."""

import pytest

from meter_emu.store import Entry, Store


@pytest.fixture
def path(tmp_path, new_meter):
    meter = new_meter()
    with Store(tmp_path / "meters.db") as store:
        store.install(meter, Entry(meter.state.clock, "installed", {}))
    return tmp_path / "meters.db"


def test_killed_a_few_times(path, new_meter, credit_token, kill_again_and_again):
    assert kill_again_and_again(path, new_meter().state.drn, credit_token, times=40, seed=1) >= 20


@pytest.mark.soak
def test_killed_a_thousand_times(path, new_meter, credit_token, kill_again_and_again):
    assert kill_again_and_again(path, new_meter().state.drn, credit_token, times=1000, seed=2) >= 500
