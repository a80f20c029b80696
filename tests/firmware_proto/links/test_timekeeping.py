"""Time that runs ahead of the world's: what of it is in the store, and when."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_proto import timekeeping
from firmware_proto.bench import Bench
from firmware_proto.timekeeping import stored_time
from meter_emu.meter import KeyRegister, Meter, State
from meter_emu.store import FILE_NAME, Entry, Store
from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers import Drn

BEGINNING, LATER = 1_795_336_200, 1_795_336_200 + 3600
DRNS = tuple(Drn(f"{10_000_000_000 + number:011d}") for number in range(200))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    keys = KeyStore.empty()
    with Store(tmp_path / FILE_NAME) as store:
        for drn in DRNS:
            card = keys.card(drn)
            key = KeyRegister.install(card, keys.key_of(card).decoder_key)
            store.install(Meter(State(drn=drn, clock=BEGINNING, key=key)), Entry(BEGINNING, "installed", {}))
        yield store


def kept(store: Store) -> set[Drn]:
    return {drn for drn in DRNS if store.load(drn).state.clock == LATER}


def test_those_that_were_asked_come_first_and_all_have_their_turn(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timekeeping, "PERIOD", 0)
    bench = Bench(store, None, lambda: LATER)
    bench.meters.look(DRNS[150])

    async def watched() -> list[set[Drn]]:
        seen = [kept(store)]
        async with stored_time(bench):
            while len(seen[-1]) < len(DRNS):
                await asyncio.sleep(0)
                seen.append(kept(store))
        return seen

    seen = asyncio.run(watched())
    assert (seen[0], next(filter(None, seen))) == (set(), {DRNS[150]})
    assert bench.meters.told() == frozenset()


def test_at_the_end_all_is_kept_but_what_was_taken_away(store: Store) -> None:
    bench = Bench(store, DRNS[:3], lambda: LATER)

    async def ended() -> None:
        async with stored_time(bench):
            store.uninstall(DRNS[1])
            bench.meters.let_pass(DRNS[1])

    asyncio.run(ended())
    assert {drn for drn in store.drns() if store.load(drn).state.clock == LATER} == {DRNS[0], DRNS[2]}
