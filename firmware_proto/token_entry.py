"""A token entered over the wire, and one truth about it whatever happens to the answer.

The write is acknowledged when what came of the token is in the meter's memory. Where no answer comes, the result register is
asked: it counts every token ever entered, so a number that has not changed means that ours was not dealt with, and it is
written again. Should another one have been entered meanwhile, the event log says what came of ours.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import NamedTuple

from firmware_proto.client import Client, PortLost
from firmware_proto.data_set import DataSet
from firmware_proto.errors import LocalProtocolError, RemoteProtocolError
from firmware_proto.registers.formats import ENERGY
from firmware_proto.registers.table import CLOCK, EVENT_LOG, TOKEN_GATEWAY
from meter_emu.meter.energy import WattSeconds
from meter_emu.meter.outcome import Outcome
from meter_emu.meter.results import AuthenticationResult, Refusal, TokenResult, ValidationResult, Verdict
from meter_emu.sts.tokens import TokenType

CREDIT, PROFILE, METER_NUMBER, LOCKOUT = "0-0:19.10.0", "0-0:96.1.2", "0-0:96.1.0", "0-0:96.50.4"
_VERDICTS: dict[str, Verdict] = {
    verdict.value: verdict for kind in (TokenResult, AuthenticationResult, ValidationResult, Refusal) for verdict in kind
}
_EVENT = "token"
UNKNOWN = "the token may have been entered or not: send it again to know, it counts once"


class Entered(NamedTuple):
    """What came of a token, and the meter after it."""

    outcome: Outcome
    meter: str
    profile: str
    credit: WattSeconds


def enter_token(
    open_client: Callable[[], AbstractContextManager[Client]], digits: str, can_try_again: Callable[[], bool]
) -> Entered:
    """Enter a token, once. ``open_client`` gives a client in programming mode that may enter tokens.

    As long as ``can_try_again`` says so, a line that fails is tried anew: the meter is asked what became of the token before
    it is written again. Else PortLost or RemoteProtocolError, whose words say so where it may have been entered.
    MeterRefusal: it was not.
    """
    before: _Before | None = None
    was_written = False
    while True:
        try:
            with open_client() as client:
                if before is None:
                    before = _Before(_number(client), client.read(CLOCK)[0].value)
                elif (outcome := _what_became(client, digits, before)) is not None:
                    return _entered(client, outcome)
                was_written = True
                client.write(TOKEN_GATEWAY, digits)
                outcome = _what_became(client, digits, before)
                if outcome is None:
                    raise RemoteProtocolError("the meter took the token and knows nothing of it", field="answer")
                return _entered(client, outcome)
        except (PortLost, RemoteProtocolError) as error:
            if can_try_again():
                continue
            if was_written:
                raise RemoteProtocolError(f"{error}; {UNKNOWN}", field="answer") from error
            raise
        except LocalProtocolError:
            raise
        except (LookupError, ValueError) as error:
            raise RemoteProtocolError("the meter has other token registers than docs/registers.md", field="answer") from error


class _Before(NamedTuple):
    """What the meter said before our token: how many were entered ever, and its clock."""

    number: int
    clock: str


def _number(client: Client) -> int:
    return int(_values(client.read(TOKEN_GATEWAY), 8)[1])


def _what_became(client: Client, digits: str, before: _Before) -> Outcome | None:
    """What came of a token after that moment; None: it was not entered."""
    last, number, _, token_type, credit, _, _, verdict = _values(client.read(TOKEN_GATEWAY), 8)
    if int(number) == before.number:
        return None
    if last == digits:
        return _outcome(client, verdict, token_type, ENERGY.parse(credit) if credit else 0)
    for line in _lines(client.read(EVENT_LOG, f"{before.clock};")):
        details = dict(value.partition("=")[::2] for value in line[2:])
        if line[1] == _EVENT and details.get("token") == digits:
            return _outcome(client, details["result"], details.get("token_type", ""), int(details["credit_added_ws"]))
    return None


def _outcome(client: Client, verdict: str, token_type: str, credit: WattSeconds) -> Outcome:
    seconds = int(client.read(LOCKOUT)[0].value) if verdict == Refusal.LOCKED_OUT.value else 0
    return Outcome(_VERDICTS[verdict], TokenType(token_type) if token_type else None, credit, seconds_left=seconds)


def _entered(client: Client, outcome: Outcome) -> Entered:
    drn, profile, credit = (client.read(address)[0].value for address in (METER_NUMBER, PROFILE, CREDIT))
    return Entered(outcome, drn, profile, ENERGY.parse(credit))


def _values(data_sets: tuple[DataSet, ...], count: int) -> list[str]:
    if len(data_sets) != count:
        raise RemoteProtocolError(f"a register has {len(data_sets)} values instead of {count}", field="answer")
    return [data_set.value for data_set in data_sets]


def _lines(data_sets: tuple[DataSet, ...]) -> list[list[str]]:
    """Values of a log, line by line: every address begins one."""
    lines: list[list[str]] = []
    for data_set in data_sets:
        if data_set.address:
            lines.append([])
        lines[-1].append(data_set.value)
    return lines
