"""The last token and what came of it: what a client asks for that lost the answer, and finds one truth.

The number counts every token ever entered, refused ones too, so that two entries of the same digits are told apart. A token
that came while there was no power was not entered.

>>> last = LastToken().followed_by("0" * 20, Outcome(TokenResult.FORMAT_ERROR), now=7)
>>> last.number, last.outcome.result_code.name, last.status.value
(1, 'FORMAT_ERROR', 4)
"""

from enum import IntEnum
from typing import NamedTuple

from meter_emu.meter.clock import Seconds
from meter_emu.meter.energy import WattSeconds
from meter_emu.meter.outcome import Outcome
from meter_emu.meter.results import AuthenticationResult, Refusal, TokenResult, ValidationResult, Verdict
from meter_emu.sts.tokens import TokenType
from meter_emu.sts.tokens.codec import TOKEN_DIGITS


class TokenStatus(IntEnum):
    """How far the last token came: the status of the COSEM token gateway (class 115)."""

    FORMAT_OK = 0
    AUTHENTICATION_OK = 1
    VALIDATION_OK = 2
    EXECUTION_OK = 3
    FORMAT_FAILURE = 4
    AUTHENTICATION_FAILURE = 5
    VALIDATION_FAILURE = 6
    EXECUTION_FAILURE = 7
    RECEIVED = 8
    """Received and not processed: the meter is locked out."""


class LastToken(NamedTuple):
    """The latest entry of a token; ``verdict`` is None before the first."""

    number: int = 0
    digits: str = ""
    at: Seconds = 0
    verdict: Verdict | None = None
    token_type: TokenType | None = None
    credit_added: WattSeconds = 0

    def followed_by(self, digits: str, outcome: Outcome, now: Seconds) -> "LastToken":
        """The next one. What no keypad can key is counted but not kept."""
        kept = digits[:TOKEN_DIGITS] if digits.isascii() and digits.isdigit() else ""
        return LastToken(self.number + 1, kept, now, outcome.verdict, outcome.token_type, outcome.credit_added)

    @property
    def outcome(self) -> Outcome | None:
        """What came of it, as far as it is kept; None before the first."""
        return None if self.verdict is None else Outcome(self.verdict, self.token_type, self.credit_added)

    @property
    def status(self) -> TokenStatus | None:
        """How far it came; None before the first."""
        return None if self.verdict is None else _STATUS.get(self.verdict, TokenStatus.EXECUTION_FAILURE)


_STATUS: dict[Verdict, TokenStatus] = {
    TokenResult.FORMAT_ERROR: TokenStatus.FORMAT_FAILURE,
    Refusal.LOCKED_OUT: TokenStatus.RECEIVED,
    **dict.fromkeys((AuthenticationResult.CRC_ERROR, AuthenticationResult.MFR_CODE_ERROR), TokenStatus.AUTHENTICATION_FAILURE),
    **dict.fromkeys(
        (
            ValidationResult.OLD_ERROR,
            ValidationResult.USED_ERROR,
            ValidationResult.KEY_EXPIRED_ERROR,
            ValidationResult.DDTK_ERROR,
        ),
        TokenStatus.VALIDATION_FAILURE,
    ),
    **dict.fromkeys(
        (
            TokenResult.ACCEPT,
            TokenResult.FIRST_KCT,
            TokenResult.SECOND_KCT,
            TokenResult.THIRD_KCT,
            TokenResult.FOURTH_KCT,
        ),
        TokenStatus.EXECUTION_OK,
    ),
}
