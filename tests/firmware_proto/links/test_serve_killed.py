"""``serve`` killed between a token and its answer: after its restart the client asks, and finds one truth."""

import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from firmware_proto.client import Client, PortSettings
from firmware_proto.registers.table import TOKEN_GATEWAY
from firmware_proto.token_entry import enter_token

LONGEST_LIFE = 0.003
"""Seconds from the token to the kill: longer than a token takes on most machines, so that some answers are in time."""
TENTH = 360_000
PATIENCE = 60


class Server:
    """``meter-emu serve`` as a process at a port that stays the same through its lives."""

    def __init__(self, script: Path, home: Path) -> None:
        self._command = [str(script), "--home", str(home), "serve", "--tcp"]
        self.address = "127.0.0.1:0"
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [*self._command, self.address], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self._process.stdout
        ready = self._process.stdout.readline()
        assert ready.startswith("listening on "), ready
        self.address = ready.removeprefix("listening on ").strip()

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()

    def restart_after(self, seconds: float) -> threading.Thread:
        """Kill it after so long, and start it again."""

        def act() -> None:
            time.sleep(seconds)
            self.kill()
            self.start()

        thread = threading.Thread(target=act)
        thread.start()
        return thread


class Doomed(Client):
    """A client whose first token brings the server's end on."""

    def __init__(self, attempt: "Attempt") -> None:
        super().__init__(PortSettings(f"socket://{attempt.server.address}"))
        self._attempt = attempt

    def write(self, address: str, value: str) -> None:
        assert address == TOKEN_GATEWAY
        self._attempt.written()
        super().write(address, value)
        self._attempt.was_answered = True


class Attempt:
    """One token, and the server that is killed so many seconds after it was sent."""

    def __init__(self, server: Server, seconds: float) -> None:
        self.server = server
        self.writes = 0
        self.was_answered = False
        self._seconds = seconds
        self._until = time.monotonic() + PATIENCE

    def written(self) -> None:
        self.writes += 1
        if self.writes == 1:
            self._killer = self.server.restart_after(self._seconds)

    @contextmanager
    def open_client(self) -> Iterator[Client]:
        with Doomed(self) as client:
            client.sign_on("12345678911")
            client.enter_programming()
            client.give_password(1, "00000000")
            yield client

    def can_try_again(self) -> bool:
        self.end()
        return time.monotonic() < self._until

    def end(self) -> None:
        self._killer.join()

    @property
    def kind(self) -> str:
        if self.writes > 1:
            return "written again"
        return "answered" if self.was_answered else "found"


def kill_again_and_again(script: Path, house: Any, credit_token: Any, *, times: int, seed: int) -> Counter[str]:
    """How often the answer came, was found later, or the token had to be written again."""
    server, randomness = Server(script, house.path.parent), random.Random(seed)
    came: Counter[str] = Counter()
    try:
        for number in range(1, times + 1):
            attempt = Attempt(server, randomness.uniform(0, LONGEST_LIFE))
            entered = enter_token(attempt.open_client, credit_token(1000 + number, amount=10), attempt.can_try_again)
            attempt.end()
            came[attempt.kind] += 1
            state = house.meter().state
            assert entered.outcome.accepted, entered.outcome
            assert (entered.credit, state.credit.balance) == (number * 10 * TENTH, number * 10 * TENTH)
            assert state.last_token.number == number
    finally:
        server.kill()
    return came


def test_killed_a_few_times(script: Path, house: Any, credit_token: Any) -> None:
    came = kill_again_and_again(script, house, credit_token, times=10, seed=1)
    assert sum(came.values()) == 10


@pytest.mark.soak
def test_killed_five_hundred_times(script: Path, house: Any, credit_token: Any) -> None:
    came = kill_again_and_again(script, house, credit_token, times=500, seed=2)
    assert len(came) == 3, came
