"""Key change token sets (IEC 62055-41 6.2.7, 6.2.8): two tokens carry a new 64-bit key, four a 128-bit one.

All are encrypted with the key the meter has now; what they carry belongs to the new key. They hold no random number and no
TID, so the same change gives the same tokens again. Two readings that no row decides: KENHO goes with the 1st token, and
the tariff index of the 2nd is a binary number.

>>> from meter_emu.sts.ciphers import EncryptionAlgorithm
>>> new = NewKey(DecoderKey.from_hex(EncryptionAlgorithm.STA, "060b8643c59a27f1"), None,
...     TariffIndex("02"), KeyType.UNIQUE, KeyRevisionNumber(1), KeyExpiryNumber(85))
>>> [token.token_type.value for token in key_change_tokens(new)]
['set_1st_section_decoder_key', 'set_2nd_section_decoder_key']
>>> assemble(key_change_tokens(new), EncryptionAlgorithm.STA) == new
True
"""

from collections.abc import Iterable
from dataclasses import dataclass

from meter_emu.sts.ciphers.algorithm import EncryptionAlgorithm
from meter_emu.sts.keys.secret import DecoderKey
from meter_emu.sts.numbers.key_parameters import (
    KeyExpiryNumber,
    KeyRevisionNumber,
    KeyType,
    SupplyGroupCode,
    TariffIndex,
)
from meter_emu.sts.tokens.layout import TokenType
from meter_emu.sts.tokens.token import Token

SECTIONS_OF_KEY_LENGTH = {
    8: (TokenType.SET_1ST_SECTION_DECODER_KEY, TokenType.SET_2ND_SECTION_DECODER_KEY),
    16: (
        TokenType.SET_1ST_SECTION_DECODER_KEY,
        TokenType.SET_2ND_SECTION_DECODER_KEY,
        TokenType.SET_3RD_SECTION_DECODER_KEY,
        TokenType.SET_4TH_SECTION_DECODER_KEY,
    ),
}
"""Which tokens make a set, by the bytes in the key."""


@dataclass(frozen=True)
class NewKey:
    """What a key change set brings. ``sgc`` is None where the set does not carry it, as for a 64-bit key."""

    key: DecoderKey
    sgc: SupplyGroupCode | None
    ti: TariffIndex
    kt: KeyType
    krn: KeyRevisionNumber
    ken: KeyExpiryNumber
    rollover: bool = False


def key_change_tokens(new: NewKey) -> tuple[Token, ...]:
    """The two or four tokens, in the order of their sections."""
    key = new.key.octets
    part = [int.from_bytes(key[i : i + 4], "big") for i in range(0, len(key), 4)]
    first = Token.build(
        TokenType.SET_1ST_SECTION_DECODER_KEY,
        kenho=new.ken >> 4,
        krn=new.krn,
        ro=int(new.rollover),
        three_kct=0,
        kt=new.kt,
        nkho=part[0],
    )
    second = Token.build(
        TokenType.SET_2ND_SECTION_DECODER_KEY,
        kenlo=new.ken & 15,
        ti=int(new.ti),
        nklo=part[-1],
    )
    if len(part) == 2:
        return first, second
    sgc = int(new.sgc or 0)
    return (
        first,
        second,
        Token.build(TokenType.SET_3RD_SECTION_DECODER_KEY, sgclo=sgc & 0xFFF, nkmo2=part[1]),
        Token.build(TokenType.SET_4TH_SECTION_DECODER_KEY, sgcho=sgc >> 12, nkmo1=part[2]),
    )


def assemble(tokens: Iterable[Token], algorithm: EncryptionAlgorithm) -> NewKey:
    """The new key of a meter with ``algorithm`` from a whole set in any order.

    KeyError if a section is missing, StsError if a number in it is impossible.
    """
    section = {token.token_type: token for token in tokens}
    first = section[TokenType.SET_1ST_SECTION_DECODER_KEY]
    second = section[TokenType.SET_2ND_SECTION_DECODER_KEY]
    parts = [first["nkho"], second["nklo"]]
    sgc = None
    if algorithm.key_length == 16:
        third = section[TokenType.SET_3RD_SECTION_DECODER_KEY]
        fourth = section[TokenType.SET_4TH_SECTION_DECODER_KEY]
        parts[1:1] = [third["nkmo2"], fourth["nkmo1"]]
        sgc = SupplyGroupCode(f"{fourth['sgcho'] << 12 | third['sgclo']:06d}")
    return NewKey(
        key=DecoderKey(algorithm, b"".join(part.to_bytes(4, "big") for part in parts)),
        sgc=sgc,
        ti=TariffIndex(f"{second['ti']:02d}"),
        kt=KeyType(first["kt"]),
        krn=KeyRevisionNumber(first["krn"]),
        ken=KeyExpiryNumber(first["kenho"] << 4 | second["kenlo"]),
        rollover=bool(first["ro"]),
    )
