"""The one table of token layouts (IEC 62055-41 6.2): encoding, decoding, explaining and the documentation all walk it.

A token is a class (2 bits) and a 64-bit block; the first field of every block is the subclass, the last one the CRC.
Clause numbers are those of the 2014 edition. ``proven`` tells how sure a layout is: pinned by compliance rows, or the plain
reading of what is public, which promises nothing.

>>> LAYOUT_OF_CODE[0, 0].token_type
<TokenType.ELECTRICITY_CREDIT: 'electricity_credit'>
>>> [field.name for field in LAYOUT_OF_TYPE[TokenType.SET_2ND_SECTION_DECODER_KEY].fields]
['kenlo', 'ti', 'nklo']
"""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from functools import cached_property

from meter_emu.sts.errors import FormatError


class TokenType(StrEnum):
    """What a token does; the value is its name in files and on the command line."""

    ELECTRICITY_CREDIT = "electricity_credit"
    WATER_CREDIT = "water_credit"
    GAS_CREDIT = "gas_credit"
    TIME_CREDIT = "time_credit"
    ELECTRICITY_CURRENCY_CREDIT = "electricity_currency_credit"
    WATER_CURRENCY_CREDIT = "water_currency_credit"
    GAS_CURRENCY_CREDIT = "gas_currency_credit"
    TIME_CURRENCY_CREDIT = "time_currency_credit"
    METER_TEST_MFR2 = "meter_test_mfr2"
    METER_TEST_MFR4 = "meter_test_mfr4"
    SET_MAXIMUM_POWER_LIMIT = "set_maximum_power_limit"
    CLEAR_CREDIT = "clear_credit"
    SET_TARIFF_RATE = "set_tariff_rate"
    SET_1ST_SECTION_DECODER_KEY = "set_1st_section_decoder_key"
    SET_2ND_SECTION_DECODER_KEY = "set_2nd_section_decoder_key"
    SET_3RD_SECTION_DECODER_KEY = "set_3rd_section_decoder_key"
    SET_4TH_SECTION_DECODER_KEY = "set_4th_section_decoder_key"
    CLEAR_TAMPER_CONDITION = "clear_tamper_condition"
    SET_MAXIMUM_PHASE_POWER_UNBALANCE_LIMIT = "set_maximum_phase_power_unbalance_limit"
    SET_WATER_METER_FACTOR = "set_water_meter_factor"

    @classmethod
    def _missing_(cls, value: object) -> None:
        raise FormatError(f"token type {str(value)[:40]!r} is none of: {', '.join(cls)}", field="token_type")


class TokenClass(Enum):
    """The class, the value of the two class bits (6.3.2)."""

    CREDIT = 0
    TEST_DISPLAY = 1
    MANAGEMENT = 2
    RESERVED = 3


class Coding(Enum):
    """How a field's bits turn into the number they mean, and that number into text."""

    PLAIN = auto()
    """The number itself."""
    TENTHS = auto()
    """Exponent and mantissa; the unit is a tenth: 256 is "25.6"."""
    WATTS = auto()
    """Exponent and mantissa; the unit is 1 W."""
    DIGITS_2 = auto()
    """A number written with 2 decimal digits."""
    DIGITS_4 = auto()
    """A number written with 4 decimal digits."""
    SECRET = auto()
    """A part of a key: never shown unless asked for."""


@dataclass(frozen=True)
class Field:
    """Bits ``high`` to ``low`` of the block, both included. ``unit`` is that of the value as it is written, if it has one."""

    name: str
    high: int
    low: int
    clause: str
    meaning: str
    coding: Coding = Coding.PLAIN
    unit: str = ""

    @property
    def width(self) -> int:
        """How many bits."""
        return self.high - self.low + 1

    @cached_property
    def mask(self) -> int:
        """As many ones as the field has bits, at the low end."""
        return (1 << self.width) - 1

    @cached_property
    def is_exponent_mantissa(self) -> bool:
        """Whether the 16 bits are an exponent and a mantissa (6.3.6)."""
        return self.coding in (Coding.TENTHS, Coding.WATTS)


@dataclass(frozen=True)
class Layout:
    """One kind of token: its place in class and subclass, and the fields between subclass and CRC."""

    token_type: TokenType
    token_class: TokenClass
    subclass: int
    clause: str
    fields: tuple[Field, ...]
    proven: bool = True

    @cached_property
    def is_encrypted(self) -> bool:
        """Class 1 tokens are the same for every meter and travel in the clear (6.2.3)."""
        return self.token_class is not TokenClass.TEST_DISPLAY

    @cached_property
    def has_tid(self) -> bool:
        """Whether a token of this kind can be told from its repetition."""
        return "tid" in self._field_of_name

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of its fields."""
        return frozenset(self._field_of_name)

    def field(self, name: str) -> Field:
        """The field called ``name``; KeyError if there is none."""
        return self._field_of_name[name]

    @cached_property
    def _field_of_name(self) -> dict[str, Field]:
        return {field.name: field for field in self.fields}


SUBCLASS = Field("subclass", 63, 60, "6.3.3", "SubClass: which token of its class")
CRC = Field("crc", 15, 0, "6.3.7", "CRC over class and the 48 bits in front, bytes swapped")
RND = Field("rnd", 59, 56, "6.3.4", "RandomNo: makes equal tokens look different")
RANDOM_NUMBERS = RND.mask + 1
"""How many RandomNo there are."""
TID = Field("tid", 55, 32, "6.3.5", "TokenIdentifier: minutes from the base date to the issue")
KRN = Field("krn", 55, 52, "6.1.8", "KeyRevisionNumber of the new key")
_NEW_KEY_HIGH, _NEW_KEY_LOW = 47, 16


def _value(name: str, clause: str, meaning: str, coding: Coding = Coding.PLAIN, unit: str = "") -> tuple[Field, ...]:
    """RND, TID and one 16-bit value: the common form of class 0 and of most of class 2."""
    return RND, TID, Field(name, 31, 16, clause, meaning, coding, unit)


def _amount(step: str, unit: str = "") -> tuple[Field, ...]:
    return _value("amount", "6.3.6", f"Amount: exponent and mantissa, in steps of {step}", Coding.TENTHS, unit)


def _key_part(name: str, clause: str, meaning: str) -> Field:
    return Field(name, _NEW_KEY_HIGH, _NEW_KEY_LOW, clause, meaning, Coding.SECRET)


_CREDIT, _TEST, _MANAGEMENT = TokenClass.CREDIT, TokenClass.TEST_DISPLAY, TokenClass.MANAGEMENT

LAYOUTS = (
    Layout(TokenType.ELECTRICITY_CREDIT, _CREDIT, 0, "6.2.2", _amount("0.1 kWh", "kWh")),
    Layout(TokenType.WATER_CREDIT, _CREDIT, 1, "6.2.2", _amount("0.1 m3", "m3")),
    Layout(TokenType.GAS_CREDIT, _CREDIT, 2, "6.2.2", _amount("0.1 m3", "m3")),
    Layout(TokenType.TIME_CREDIT, _CREDIT, 3, "6.2.2", _amount("0.1 unit of time"), proven=False),
    Layout(TokenType.ELECTRICITY_CURRENCY_CREDIT, _CREDIT, 4, "6.2.2", _amount("0.1 of the currency"), proven=False),
    Layout(TokenType.WATER_CURRENCY_CREDIT, _CREDIT, 5, "6.2.2", _amount("0.1 of the currency"), proven=False),
    Layout(TokenType.GAS_CURRENCY_CREDIT, _CREDIT, 6, "6.2.2", _amount("0.1 of the currency"), proven=False),
    Layout(TokenType.TIME_CURRENCY_CREDIT, _CREDIT, 7, "6.2.2", _amount("0.1 of the currency"), proven=False),
    Layout(TokenType.METER_TEST_MFR2, _TEST, 0, "6.2.3", (
        Field("control", 59, 24, "6.3.8", "Control: one bit for each test or display, all ones for all"),
        Field("mfr_code", 23, 16, "6.1.2", "MfrCode, 2 digits, as a binary number", Coding.DIGITS_2),
    )),
    Layout(TokenType.METER_TEST_MFR4, _TEST, 1, "6.2.3", (
        Field("control", 59, 32, "6.3.8", "Control: one bit for each test or display, all ones for all"),
        Field("mfr_code", 31, 16, "6.1.2", "MfrCode, 4 digits, as a binary number", Coding.DIGITS_4),
    )),
    Layout(TokenType.SET_MAXIMUM_POWER_LIMIT, _MANAGEMENT, 0, "6.2.4", _value(
        "mpl", "6.3.9", "MaximumPowerLimit: exponent and mantissa, in W", Coding.WATTS, "W")),
    Layout(TokenType.CLEAR_CREDIT, _MANAGEMENT, 1, "6.2.5", _value(
        "register", "6.3.13", "Register: which credit register to clear, FFFF for all")),
    Layout(TokenType.SET_TARIFF_RATE, _MANAGEMENT, 2, "6.2.6", _value("rate", "6.3.11", "Rate"), proven=False),
    Layout(TokenType.SET_1ST_SECTION_DECODER_KEY, _MANAGEMENT, 3, "6.2.7", (
        Field("kenho", 59, 56, "6.3.16", "KENHO: high half of the new key's expiry number"),
        KRN,
        Field("ro", 51, 51, "6.3.18", "RolloverKeyChange: 1 clears the TID store and moves the base date on"),
        Field("three_kct", 50, 50, "6.2.7", "3KCT: announces a third token for EA07; 0 in every known row"),
        Field("kt", 49, 48, "6.1.9", "KeyType of the new key"),
        _key_part("nkho", "6.3.14", "NewKeyHighOrder: the new key's top 32 bits"),
    )),
    Layout(TokenType.SET_2ND_SECTION_DECODER_KEY, _MANAGEMENT, 4, "6.2.8", (
        Field("kenlo", 59, 56, "6.3.17", "KENLO: low half of the new key's expiry number"),
        Field("ti", 55, 48, "6.1.7", "TariffIndex of the new key, as a binary number", Coding.DIGITS_2),
        _key_part("nklo", "6.3.15", "NewKeyLowOrder: the new key's bottom 32 bits"),
    )),
    Layout(TokenType.CLEAR_TAMPER_CONDITION, _MANAGEMENT, 5, "6.2.9", _value("pad", "6.2.9", "Pad: 0")),
    Layout(TokenType.SET_MAXIMUM_PHASE_POWER_UNBALANCE_LIMIT, _MANAGEMENT, 6, "6.2.10", _value(
        "mppul", "6.3.10", "MaximumPhasePowerUnbalanceLimit: exponent and mantissa, in W", Coding.WATTS, "W")),
    Layout(TokenType.SET_WATER_METER_FACTOR, _MANAGEMENT, 7, "6.2.11", _value(
        "wmf", "6.3.12", "WaterMeterFactor"), proven=False),
    Layout(TokenType.SET_3RD_SECTION_DECODER_KEY, _MANAGEMENT, 8, "6.2.7", (
        Field("sgclo", 59, 48, "6.1.6", "SGCLO: low 12 bits of the new key's supply group code"),
        _key_part("nkmo2", "6.3.14", "NewKeyMiddleOrder2: the 32 bits below NKHO"),
    )),
    Layout(TokenType.SET_4TH_SECTION_DECODER_KEY, _MANAGEMENT, 9, "6.2.7", (
        Field("sgcho", 59, 48, "6.1.6", "SGCHO: high 12 bits of the new key's supply group code"),
        _key_part("nkmo1", "6.3.14", "NewKeyMiddleOrder1: the 32 bits above NKLO"),
    )),
)  # fmt: skip

LAYOUT_OF_TYPE = {layout.token_type: layout for layout in LAYOUTS}
LAYOUT_OF_CODE = {(layout.token_class.value, layout.subclass): layout for layout in LAYOUTS}
