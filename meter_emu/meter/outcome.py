"""Outcome, what the meter made of one token."""

from typing import NamedTuple

from meter_emu.meter.energy import WattSeconds
from meter_emu.meter.results import (
    AuthenticationResult,
    Refusal,
    ResultCode,
    TokenResult,
    ValidationResult,
    Verdict,
)
from meter_emu.sts.tokens import TokenType


class Outcome(NamedTuple):
    """The check that decided, and what came of it.

    The three results are those of the standard; one that was not reached is None.
    """

    verdict: Verdict
    token_type: TokenType | None = None
    credit_added: WattSeconds = 0
    awaited: tuple[TokenType, ...] = ()
    """The key change sections still missing."""
    seconds_left: int = 0
    """How long a lockout still lasts."""
    shows: tuple[str, ...] = ()
    """The short codes that a test/display token asks for."""

    @property
    def result_code(self) -> ResultCode:
        """The number for the "last token result" register."""
        return ResultCode.of(self.verdict)

    @property
    def accepted(self) -> bool:
        """Whether the token was taken."""
        return self.result_code.accepts

    @property
    def authentication_result(self) -> AuthenticationResult | None:
        """Whether the token was made for this meter; None if it was not looked at or has no form."""
        if isinstance(self.verdict, AuthenticationResult):
            return self.verdict
        return None if self._is_formless else AuthenticationResult.AUTHENTIC

    @property
    def validation_result(self) -> ValidationResult | None:
        """Whether the token might still be used; None if it did not get so far."""
        if isinstance(self.verdict, ValidationResult):
            return self.verdict
        if self._is_formless or isinstance(self.verdict, AuthenticationResult):
            return None
        return ValidationResult.VALID

    @property
    def token_result(self) -> TokenResult | None:
        """The form of the token, or its execution; None if another check decided."""
        return self.verdict if isinstance(self.verdict, TokenResult) else None

    @property
    def _is_formless(self) -> bool:
        return self.verdict in (TokenResult.FORMAT_ERROR, Refusal.LOCKED_OUT, Refusal.NO_POWER)
