"""A child that enters tokens into a meter and is killed at any moment; and what must be true of the file then."""

import json
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from meter_emu.meter import Meter
from meter_emu.store import Entry, Store
from meter_emu.sts.numbers import Drn

NOW = 1_795_336_300
AMOUNT = 10 * 360_000
LONGEST_LIFE = 0.012
"""Seconds from the start: most of these children die before or while they open the file."""
LONGEST_WORK = 0.004
"""Seconds from the first token: these die in the middle of another one."""


@pytest.fixture(scope="session")
def row_of_version_1() -> dict[str, str]:
    """A meter as the first version of the file's schema had it: with credit, tampered with, without power."""
    return json.loads(Path(__file__).with_name("row_of_version_1.json").read_text())


@pytest.fixture(scope="session")
def kill_again_and_again() -> Callable[..., int]:
    """The function of that name."""
    return _kill_again_and_again


def _kill_again_and_again(path: Path, drn: Drn, credit_token: Callable[[int], str], times: int, seed: int) -> int:
    """Start a child and kill it, ``times`` times. Asserts after each death; returns how many died after a first token."""
    randomness = random.Random(seed)
    tid, in_the_midst = 1000, 0
    for number in range(times):
        tid += 100
        tokens = [credit_token(tid + offset) for offset in range(100)]
        before = _credited(path, drn)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            _enter_all(path, drn, tokens, writer)
        os.close(writer)
        if number % 2:
            # Killed in the midst of its work: some time after its first token.
            first = os.read(reader, 1)
            time.sleep(randomness.uniform(0, LONGEST_WORK))
        else:
            first = b""
            time.sleep(randomness.uniform(0, LONGEST_LIFE))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with os.fdopen(reader, "rb") as pipe:
            told_accepted = len(first + pipe.read())
        credited = _credited(path, drn) - before
        in_the_midst += credited > 0
        # The last one may have been committed without a word: the child died between the two.
        assert told_accepted <= credited <= told_accepted + 1
        with Store(path) as store:
            for index, token in enumerate(tokens[: credited + 1]):
                outcome = store.change(drn, lambda meter, token=token: _act(meter, token))
                assert outcome is (index >= credited), "a credited token is used, the next one is not"
    return in_the_midst


def _credited(path: Path, drn: Drn) -> int:
    """Tokens credited, read three ways that must agree: the register, the counter, the journal."""
    with Store(path) as store:
        state = store.load(drn).state
        accepted = sum(entry.details.get("accepted", False) for entry in store.journal(drn, 1_000_000))
    assert state.credit.accepted == state.history.credit_tokens * AMOUNT
    assert state.history.credit_tokens == accepted
    return accepted


def _act(meter: Meter, token: str) -> tuple[Meter, list[Entry], bool]:
    after, outcome = meter.enter(token, NOW)
    return after, [Entry(NOW, "token", {"token": token, "accepted": outcome.accepted})], outcome.accepted


def _enter_all(path: Path, drn: Drn, tokens: list[str], writer: int) -> None:
    try:
        with Store(path) as store:
            for token in tokens:
                if store.change(drn, lambda meter, token=token: _act(meter, token)):
                    os.write(writer, b"+")
    finally:
        os._exit(0)
