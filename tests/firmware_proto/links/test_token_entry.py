"""The answer to a token is lost, before or after the meter dealt with it; someone else enters one meanwhile: one truth."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from firmware_proto.client import Client, MeterRefusal, PortSettings
from firmware_proto.errors import RemoteProtocolError
from firmware_proto.registers.table import TOKEN_GATEWAY
from firmware_proto.token_entry import enter_token
from meter_emu.meter.results import Refusal, TokenResult, ValidationResult

TENTH = 360_000
LOST = RemoteProtocolError("the meter did not answer", field="answer")


class Line:
    """A line on which things happen around the first token."""

    def __init__(self, port: str, *, is_delivered: bool, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.port, self.is_delivered, self.meanwhile = port, is_delivered, meanwhile
        self.writes = 0

    @contextmanager
    def open_client(self) -> Iterator[Client]:
        with _Client(self) as client:
            client.sign_on()
            client.enter_programming()
            client.give_password(1, "00000000")
            yield client


class _Client(Client):
    def __init__(self, line: Line) -> None:
        super().__init__(PortSettings(line.port))
        self._line = line

    def write(self, address: str, value: str) -> None:
        self._line.writes += 1
        if self._line.writes > 1:
            super().write(address, value)
            return
        if self._line.is_delivered:
            super().write(address, value)
        self._line.meanwhile()
        raise LOST


@pytest.fixture
def another(port: str, client_at: Any, credit_token: Any) -> Callable[[], None]:
    """Someone else enters another token."""

    def enter() -> None:
        with client_at(port) as client:
            client.write(TOKEN_GATEWAY, credit_token(500, amount=7))

    return enter


@pytest.mark.parametrize(("is_delivered", "writes"), [(True, 1), (False, 2)])
def test_the_answer_is_lost(port: str, house: Any, credit_token: Any, is_delivered: bool, writes: int) -> None:
    line = Line(port, is_delivered=is_delivered)
    entered = enter_token(line.open_client, credit_token(3, amount=10), lambda: True)
    assert (entered.outcome.verdict, entered.outcome.credit_added) == (TokenResult.ACCEPT, 10 * TENTH)
    assert (line.writes, entered.credit, house.meter().state.credit.balance) == (writes, 10 * TENTH, 10 * TENTH)


@pytest.mark.parametrize(("is_delivered", "writes"), [(True, 1), (False, 2)])
def test_and_another_token_comes_between(
    port: str, house: Any, credit_token: Any, another: Callable[[], None], is_delivered: bool, writes: int
) -> None:
    line = Line(port, is_delivered=is_delivered, meanwhile=another)
    entered = enter_token(line.open_client, credit_token(3, amount=10), lambda: True)
    assert (entered.outcome.verdict, entered.outcome.credit_added) == (TokenResult.ACCEPT, 10 * TENTH)
    assert (line.writes, entered.credit, house.meter().state.last_token.number) == (writes, 17 * TENTH, 2)


def test_one_that_was_used_before_is_not_taken_for_ours(port: str, credit_token: Any) -> None:
    token = credit_token(3)
    enter_token(Line(port, is_delivered=True).open_client, token, lambda: True)
    for is_delivered in (True, False):
        entered = enter_token(Line(port, is_delivered=is_delivered).open_client, token, lambda: True)
        assert entered.outcome.verdict is ValidationResult.USED_ERROR


def test_without_patience_it_says_that_it_does_not_know(port: str, credit_token: Any) -> None:
    with pytest.raises(RemoteProtocolError, match="may have been entered or not"):
        enter_token(Line(port, is_delivered=True).open_client, credit_token(3), lambda: False)


def test_a_lockout_is_told_with_its_seconds(port: str, credit_token: Any, house: Any) -> None:
    for _ in range(3):
        enter_token(Line(port, is_delivered=True).open_client, "1" * 20, lambda: True)
    entered = enter_token(Line(port, is_delivered=False).open_client, credit_token(3), lambda: True)
    assert (entered.outcome.verdict, entered.outcome.seconds_left) == (Refusal.LOCKED_OUT, 10)


def test_what_is_no_token_is_refused_and_counts_for_nothing(port: str, house: Any) -> None:
    line = Line(port, is_delivered=False)
    with pytest.raises(MeterRefusal, match="ERR05"):
        enter_token(line.open_client, "1" * 21, lambda: True)
    assert house.meter().state.last_token.number == 0
