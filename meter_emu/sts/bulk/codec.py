"""Decoding many tokens at once (IEC 62055-41 6.4, 7.3): what ``tokens.decode`` does to one, with the same answer for each.

>>> from meter_emu.sts.bulk.cipher import cipher_of
>>> from meter_emu.sts.ciphers import EncryptionAlgorithm
>>> from meter_emu.sts.keys import DecoderKey
>>> cipher = cipher_of(DecoderKey.from_hex(EncryptionAlgorithm.STA, "e653341f9d5bf36f"))
>>> decoded = decode_all(["67540125520408448957", "67540125520408448958", "00000000000150997584"], cipher)
>>> [Refusal(refusal).name for refusal in decoded.refusal], decoded.token(0)
(['NONE', 'WRONG_CRC', 'NONE'], Token(electricity_credit, rnd=5, tid=5871715, amount=1))
>>> decoded.is_of(TokenType.ELECTRICITY_CREDIT).tolist(), decoded.tid[:1].tolist(), decoded.amount[:1].tolist()
([True, False, False], [5871715], [1])
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meter_emu.sts.bulk.arrays import Flags, Octets, Words
from meter_emu.sts.bulk.cipher import BulkCipher
from meter_emu.sts.bulk.crc import has_right_crc
from meter_emu.sts.bulk.digits import Refusal, Split, ascii_digits, split
from meter_emu.sts.numbers.transfer_amount import MANTISSA_BITS, MANTISSAS, RANGE_STARTS, STEPS
from meter_emu.sts.tokens.layout import LAYOUT_OF_CODE, LAYOUT_OF_TYPE, SUBCLASS, TID, TokenClass, TokenType
from meter_emu.sts.tokens.token import Token

__all__ = ["DecodedTokens", "Refusal", "decode_all", "decode_split", "decoded_amount"]
_AMOUNT = LAYOUT_OF_TYPE[TokenType.ELECTRICITY_CREDIT].field("amount")
_SUBCLASSES = 1 << SUBCLASS.width
_IS_LAYOUT = np.array([(code // _SUBCLASSES, code % _SUBCLASSES) in LAYOUT_OF_CODE for code in range(4 * _SUBCLASSES)])
_STARTS, _STEPS = np.array(RANGE_STARTS, dtype=np.int64), np.array(STEPS, dtype=np.int64)


@dataclass(frozen=True)
class DecodedTokens:
    """What each token is, in the order they came. Where ``refusal`` is not NONE the rest means nothing."""

    refusal: Octets
    token_class: Octets
    block: Words
    """The plain block."""

    def __len__(self) -> int:
        return len(self.refusal)

    @property
    def is_token(self) -> Flags:
        """Whether it was decoded."""
        is_token: Flags = self.refusal == np.uint8(Refusal.NONE)
        return is_token

    @property
    def tid(self) -> NDArray[np.int64]:
        """The bits of the TID, for those that have one."""
        return self._bits(TID.low, TID.mask)

    @property
    def amount(self) -> NDArray[np.int64]:
        """The amount in units of 0.1, for credit tokens."""
        return decoded_amount(self._bits(_AMOUNT.low, _AMOUNT.mask))

    def is_of(self, token_type: TokenType) -> Flags:
        """Whether it was decoded and is of this type."""
        layout = LAYOUT_OF_TYPE[token_type]
        code = layout.token_class.value * _SUBCLASSES + layout.subclass
        is_of: Flags = self.is_token & (_codes(self.token_class, self.block) == code)
        return is_of

    def token(self, index: int) -> Token:
        """One of them as a value; KeyError for one that was refused."""
        if self.refusal[index] != Refusal.NONE:
            raise KeyError(index)
        block = int(self.block[index])
        return Token(LAYOUT_OF_CODE[int(self.token_class[index]), block >> SUBCLASS.low], block)

    def _bits(self, low: int, mask: int) -> NDArray[np.int64]:
        return (self.block >> np.uint64(low) & np.uint64(mask)).astype(np.int64)


def decode_all(tokens: Sequence[str], cipher: BulkCipher) -> DecodedTokens:
    """The tokens in texts of 20 digits; wrong ones are refused, each for itself."""
    return decode_split(split(ascii_digits(tokens)), cipher)


def decode_split(parts: Split, cipher: BulkCipher) -> DecodedTokens:
    """The tokens in digits that are split already."""
    is_clear = parts.token_class == TokenClass.TEST_DISPLAY.value
    block = np.where(is_clear, parts.block, cipher.decrypt(parts.block))
    refusal = parts.refusal.copy()
    # The CRC comes first: nothing in a block is believed before, and so a wrong key always shows as a wrong CRC.
    refusal[~_IS_LAYOUT.take(_codes(parts.token_class, block)) & (refusal == Refusal.NONE)] = Refusal.NO_SUBCLASS
    is_split = parts.refusal == Refusal.NONE
    refusal[~has_right_crc(parts.token_class, block) & is_split] = Refusal.WRONG_CRC
    return DecodedTokens(refusal, parts.token_class, block)


def decoded_amount(field: NDArray[np.int64]) -> NDArray[np.int64]:
    """The units that fields of exponent and mantissa stand for (6.3.6)."""
    exponent = field >> MANTISSA_BITS
    return _STARTS.take(exponent) + _STEPS.take(exponent) * (field & MANTISSAS - 1)


def _codes(token_class: Octets, block: Words) -> NDArray[np.intp]:
    """Class and subclass as one number."""
    return token_class.astype(np.intp) * _SUBCLASSES + (block >> np.uint64(SUBCLASS.low)).astype(np.intp)
