"""Token, the value that encoding starts from and decoding ends in: a layout and the plain 64-bit block it describes.

>>> token = Token.build(TokenType.ELECTRICITY_CREDIT, rnd=5, tid=5871715, amount=1)
>>> f"{token.block:016x}", token.tid, token["amount"]
('05599863000119e6', 5871715, 1)
>>> Token.build(TokenType.CLEAR_CREDIT, rnd=16, tid=0, register=0)
Traceback (most recent call last):
    ...
meter_emu.sts.errors.RangeError: rnd must be 0 to 15, not 16
"""

from dataclasses import dataclass

from meter_emu.sts.errors import FormatError, RangeError
from meter_emu.sts.numbers.transfer_amount import decode_amount, encode_amount
from meter_emu.sts.tokens.crc import crc_field
from meter_emu.sts.tokens.layout import CRC, LAYOUT_OF_TYPE, SUBCLASS, Coding, Field, Layout, TokenType


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """A plain token. Amounts read as units of 0.1 (credit) or 1 W (limits), everything else as it stands."""

    layout: Layout
    block: int

    @classmethod
    def build(cls, token_type: TokenType, **values: int) -> "Token":
        """A token from the numbers its fields mean; the CRC is worked out.

        FormatError for a missing or foreign field, RangeError for a number its field cannot hold.
        """
        layout = LAYOUT_OF_TYPE[token_type]
        if values.keys() != layout.names:
            raise _strange_name(layout, values)
        block = layout.subclass << SUBCLASS.low
        for field in layout.fields:
            block |= _bits(field, values[field.name]) << field.low
        return cls(layout, block | crc_field(layout.token_class.value, block >> SHIFT_OF_FRONT))

    @classmethod
    def of(cls, token_type: TokenType, block: int) -> "Token":
        """A token from its plain block as it stands, for one that was decoded before and kept."""
        return cls(LAYOUT_OF_TYPE[token_type], block)

    def __getitem__(self, name: str) -> int:
        """The number the field ``name`` means; KeyError if this kind of token has no such field."""
        field = self.layout.field(name)
        bits = self.block >> field.low & field.mask
        return decode_amount(bits) if field.is_exponent_mantissa else bits

    @property
    def token_type(self) -> TokenType:
        """What the token does."""
        return self.layout.token_type

    @property
    def tid(self) -> int | None:
        """The token identifier, or None for a kind of token that carries none."""
        return self["tid"] if self.layout.has_tid else None

    @property
    def crc(self) -> int:
        """The checksum as it stands in the block."""
        return self.block & CRC.mask

    def __repr__(self) -> str:
        shown = ", ".join(f"{f.name}={self[f.name]}" for f in self.layout.fields if f.coding is not Coding.SECRET)
        return f"Token({self.token_type}, {shown})"


SHIFT_OF_FRONT = CRC.high + 1
"""The block shifted right by this is the 48 bits that the CRC covers."""


def _bits(field: Field, value: int) -> int:
    if field.is_exponent_mantissa:
        return encode_amount(value)
    if not 0 <= value <= field.mask:
        raise RangeError(f"{field.name} must be 0 to {field.mask}, not {value}", field=field.name)
    return value


def _strange_name(layout: Layout, values: dict[str, int]) -> FormatError:
    """What to say of the first name that is missing, or else of the first that is foreign."""
    for name in sorted(layout.names - values.keys()):
        return FormatError(f"{layout.token_type} needs {name}", field=name)
    name = min(values.keys() - layout.names)
    return FormatError(f"{layout.token_type} has no {name}", field=name)
