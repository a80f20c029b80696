"""The token generator: from a meter's card and its cipher to the token a customer keys in. Pure.

Which TID is free is the ledger's knowledge and the random number is drawn by the caller; both come in as arguments.

>>> from meter_emu.sts.keys import DecoderKey, default_parameters
>>> from meter_emu.sts.ciphers import EncryptionAlgorithm
>>> card = MeterCard(default_parameters(Drn("12345678911")))
>>> cipher = DecoderKey.from_hex(EncryptionAlgorithm.MISTY1, "00112233445566778899aabbccddeeff").cipher()
>>> issued = issue(card, cipher, TokenType.ELECTRICITY_CREDIT, {"amount": 325}, TokenIdentifier(6780030), rnd=5)
>>> issued.digits, issued.issued_at.isoformat()
('66517930357358965013', '2026-11-22T08:30:00')
>>> issue_test(TokenType.METER_TEST_MFR2, {"control": 1, "mfr_code": 0}).digits
'00000000000150997584'
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from meter_emu.sts.ciphers import BlockCipher
from meter_emu.sts.errors import KeyExpired, RangeError
from meter_emu.sts.keys import DecoderKey
from meter_emu.sts.keys.key_store import MeterCard
from meter_emu.sts.numbers import Drn, TokenIdentifier
from meter_emu.sts.tokens import NewKey, Token, TokenType, encode, key_change_tokens


@dataclass(frozen=True)
class IssuedToken:
    """A token as it leaves the vending system."""

    digits: str
    """The 20 digits."""
    token: Token
    """What they say."""
    drn: Drn | None
    """The meter it is for; None for a test token, which every meter takes."""
    issued_at: datetime | None = None
    """The civil time its TID stands for; None for a token without a TID."""

    @property
    def tid(self) -> int | None:
        """The token identifier in it, or None."""
        return self.token.tid


def issue(
    card: MeterCard, cipher: BlockCipher, token_type: TokenType, values: Mapping[str, int], tid: TokenIdentifier, rnd: int
) -> IssuedToken:
    """A token with a TID: any credit, any management token but a key change.

    ``cipher`` holds the meter's key, ``values`` the numbers of the token's own fields (tenths, W or plain, as its layout
    says), ``rnd`` 0 to 15. KeyExpired beyond the card's KEN, RangeError for a number its field cannot hold, FormatError for
    a missing or foreign field.
    """
    require_unexpired(card, tid)
    token = Token.build(token_type, rnd=rnd, tid=tid, **values)
    return IssuedToken(encode(token, cipher), token, card.drn, tid.issued(card.parameters.base_date))


def issue_test(token_type: TokenType, values: Mapping[str, int], drn: Drn | None = None) -> IssuedToken:
    """A test/display token: not encrypted, the same for every meter and at every time. Errors as for ``issue``."""
    token = Token.build(token_type, **values)
    return IssuedToken(encode(token, None), token, drn)


def issue_key_change(card: MeterCard, cipher: BlockCipher, new_card: MeterCard, new_key: DecoderKey) -> tuple[IssuedToken, ...]:
    """The 2 or 4 tokens that give a meter ``new_key`` and the parameters of ``new_card``, in the order of their sections.

    They are encrypted with the key the meter has now, the one in ``cipher``. A meter moves its base date on by one step
    when the rollover bit is set and never otherwise, so any other new base date is a RangeError.
    """
    old, new = card.parameters, new_card.parameters
    is_rollover = new.base_date is not old.base_date
    if is_rollover and new.base_date is not old.base_date.next:
        way = f"from {old.base_date.value} to {new.base_date.value}"
        raise RangeError(f"a meter cannot move its base date {way}, only one step on", field="base_date")
    tokens = key_change_tokens(
        NewKey(new_key, new.sgc, new.ti, new.kt, new.krn, new_card.ken, rollover=is_rollover),
    )
    return tuple(IssuedToken(encode(token, cipher), token, card.drn) for token in tokens)


def rolled_over(card: MeterCard) -> MeterCard:
    """The card with the next base date. RangeError if its base date is the last one."""
    base_date = card.parameters.base_date
    if base_date.next is base_date:
        raise RangeError(f"base date {base_date.value} is the last one: it cannot roll over", field="base_date")
    return replace(card, parameters=replace(card.parameters, base_date=base_date.next))


def require_unexpired(card: MeterCard, tid: TokenIdentifier) -> None:
    """KeyExpired if a token with ``tid`` comes too late for the card's key."""
    if card.ken.is_expired_for(tid):
        moment = tid.issued(card.parameters.base_date).isoformat(timespec="minutes")
        message = f"the key of meter {card.drn} has expired: {moment} (TID {tid}) lies beyond KEN {int(card.ken)}"
        raise KeyExpired(message, field="ken")
