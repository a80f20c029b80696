"""From a token to its 20 digits and back (IEC 62055-41 6.4, 7.2, 7.3).

Encoding: the block is encrypted (class 1 is not), bits 28 and 27 move out to bits 65 and 64, the class takes their place,
and the 66-bit number is written with 20 decimal digits. Decoding undoes it and checks the CRC before it looks at the
subclass, so that a wrong key shows as a CRC error.

>>> from meter_emu.sts.ciphers.sta import Sta
>>> sta = Sta(bytes.fromhex("e653341f9d5bf36f"))
>>> token = Token.build(TokenType.ELECTRICITY_CREDIT, rnd=5, tid=5871715, amount=1)
>>> encode(token, sta)
'67540125520408448957'
>>> decode("67540125520408448957", sta) == token
True
"""

from meter_emu.sts.ciphers.block_cipher import BlockCipher
from meter_emu.sts.errors import CRCError, FormatError
from meter_emu.sts.numbers.digits import decimal_digits
from meter_emu.sts.tokens.crc import crc_field
from meter_emu.sts.tokens.layout import LAYOUT_OF_CODE, TokenClass, TokenType
from meter_emu.sts.tokens.token import Token

TOKEN_DIGITS = 20
TOKEN_BITS = 66
CLASS_LOW_BIT = 27
"""The class stands at bits 28 and 27 of the 66; the block's own two bits wait at 65 and 64."""
_CLASS_BITS = 3 << CLASS_LOW_BIT
_BLOCK_WITHOUT_CLASS = (1 << 64) - 1 ^ _CLASS_BITS
_MOVED_BITS_SHIFT = 64 - CLASS_LOW_BIT
_LIMIT = 1 << TOKEN_BITS
_TEST_DISPLAY = TokenClass.TEST_DISPLAY.value
_RESERVED = TokenClass.RESERVED.value

__all__ = ["TOKEN_DIGITS", "Token", "TokenType", "decode", "encode", "join", "open_block", "split"]


def encode(token: Token, cipher: BlockCipher | None) -> str:
    """The 20 digits. ``cipher`` may be None for a class 1 token, which is never encrypted."""
    block = token.block
    if token.layout.is_encrypted:
        if cipher is None:
            raise FormatError(f"{token.token_type} needs a decoder key", field="decoder_key_hex")
        block = cipher.encrypt(block)
    return join(token.layout.token_class.value, block)


def decode(digits: str, cipher: BlockCipher | None) -> Token:
    """The token in 20 digits. FormatError if they are none, CRCError if ``cipher`` does not open them."""
    token_class, block = split(digits)
    return open_block(token_class, block, cipher)


def join(token_class: int, block: int) -> str:
    """The 20 digits of a class and an (encrypted) block: the transposition of the class bits (6.4.2)."""
    moved = (block & _CLASS_BITS) << _MOVED_BITS_SHIFT
    return f"{moved | block & _BLOCK_WITHOUT_CLASS | token_class << CLASS_LOW_BIT:020d}"


def split(digits: str) -> tuple[int, int]:
    """The class and the (encrypted) block in 20 digits. FormatError for other lengths, letters, 2^66 or more, class 3."""
    if len(digits) != TOKEN_DIGITS or not (digits.isascii() and digits.isdigit()):
        decimal_digits(digits, TOKEN_DIGITS, "token", "token")
    number = int(digits)
    if number >= _LIMIT:
        raise FormatError(f"token {digits} is no token: its value must be below 2^66 ({_LIMIT})", field="token")
    token_class = number >> CLASS_LOW_BIT & 3
    if token_class == _RESERVED:
        raise FormatError(f"token {digits} has class 3, which is reserved", field="token")
    return token_class, number & _BLOCK_WITHOUT_CLASS | number >> _MOVED_BITS_SHIFT & _CLASS_BITS


def open_block(token_class: int, block: int, cipher: BlockCipher | None) -> Token:
    """The token in an (encrypted) block. CRCError before anything in it is believed, then FormatError for a subclass."""
    if token_class != _TEST_DISPLAY:
        if cipher is None:
            raise FormatError(f"a class {token_class} token needs a decoder key", field="decoder_key_hex")
        block = cipher.decrypt(block)
    if crc_field(token_class, block >> 16) != block & 0xFFFF:
        raise CRCError("the CRC is wrong: mistyped digits, another meter's token, or other STA tables", field="crc")
    layout = LAYOUT_OF_CODE.get((token_class, block >> 60))
    if layout is None:
        raise FormatError(f"class {token_class} has no subclass {block >> 60}", field="subclass")
    return Token(layout, block)
