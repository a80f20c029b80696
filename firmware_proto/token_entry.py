"""A token entered over the wire, and one truth about it whatever happens to the answer.

The write is acknowledged when what came of the token is in the meter's memory. Where no answer comes, the result register is
asked: it counts every token ever entered, so a number that has not changed means that ours was not dealt with, and it is
written again. Should another one have been entered meanwhile, the event log says what came of ours.
"""

from collections.abc import Callable
from typing import NamedTuple

from firmware_proto.client import Client
from firmware_proto.data_set import DataSet
from firmware_proto.errors import RemoteProtocolError
from firmware_proto.registers.formats import ENERGY
from firmware_proto.registers.table import CLOCK, EVENT_LOG, TOKEN_GATEWAY
from meter_emu.meter.energy import WattSeconds
from meter_emu.meter.results import AuthenticationResult, Refusal, ResultCode, TokenResult, ValidationResult, Verdict

CREDIT, PROFILE, DRN, LOCKOUT = "0-0:19.10.0", "0-0:96.1.2", "0-0:96.1.0", "0-0:96.50.4"
_VERDICTS: dict[str, Verdict] = {
    verdict.value: verdict for kind in (TokenResult, AuthenticationResult, ValidationResult, Refusal) for verdict in kind
}


class LastEntry(NamedTuple):
    """The token gateway's register: the last token and what came of it."""

    digits: str
    number: int
    token_type: str
    credit_added: WattSeconds
    code: int
    verdict: str

    @classmethod
    def of(cls, data_sets: tuple[DataSet, ...]) -> "LastEntry":
        """As it was read. RemoteProtocolError for what is no such register."""
        try:
            digits, number, _, token_type, credit, _, code, verdict = (data_set.value for data_set in data_sets)
            return cls(digits, int(number), token_type, ENERGY.parse(credit) if credit else 0, int(code), verdict)
        except ValueError:
            raise RemoteProtocolError(f"{TOKEN_GATEWAY} does not hold what a token came to", field="answer") from None
