"""Upgrade, one that was made, with all that must never change about it; Refused, why there is none. Frozen values."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from meter_emu.sts.numbers.drn import Drn


@dataclass(frozen=True, kw_only=True)
class Upgrade:
    """A contract that was changed, and the tokens that tell the meter."""

    serial: int
    """1, 2, 3 ... in the order of the upgrades."""
    meter: Drn
    made_at: datetime
    old_tariff: str
    old_va: int
    old_ti: str
    """The tariff index of the meter's key before."""
    tariff: str
    va: int
    ti: str
    fee: int
    """The connection fee, in cents."""
    paid: int
    """What is left of it with the voucher."""
    voucher: str | None
    base_date: str
    tid: int
    """That of the power limit token."""
    digits: str
    """All tokens, in the order in which they are keyed in, with blanks between."""

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens: the sections of the key change, if there is one, then the power limit."""
        return tuple(self.digits.split())

    @property
    def key_change(self) -> tuple[str, ...]:
        """The sections of the key change, 2 or 4; none if the key stays."""
        return self.tokens[:-1]

    @property
    def power_limit(self) -> str:
        """The token that sets the power limit. It is made with the new key, so it comes last."""
        return self.tokens[-1]

    def __repr__(self) -> str:
        """Without tokens and voucher, so that one printed by chance gives nothing away."""
        return f"Upgrade({self.serial}, meter {self.meter}, {self.old_va} to {self.va} VA)"


class Reason(Enum):
    """Why there is no upgrade, or no voucher."""

    UNKNOWN_METER = "unknown meter"
    NOT_MORE = "not more power"
    NO_SUCH_POWER = "no such power"
    NOT_BILLABLE = "not billable"
    NO_FEE = "no fee"
    UNKNOWN_VOUCHER = "unknown voucher"
    FOREIGN_VOUCHER = "foreign voucher"
    USED_VOUCHER = "used voucher"
    EXPIRED_VOUCHER = "expired voucher"
    EARLY_VOUCHER = "early voucher"
    SMALL_VOUCHER = "small voucher"
    OTHER_TERMS = "other terms"
    NO_PROMOTION = "no promotion"
    FOREIGN_PURCHASE = "foreign purchase"


@dataclass(frozen=True)
class Refused:
    """Why, and the line that says it."""

    reason: Reason
    line: str
