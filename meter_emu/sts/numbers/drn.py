"""Drn, the decoder reference number printed on the meter (IEC 62055-41 6.1.2.3): maker code, serial, Luhn digit.

11 digits (2-digit maker code) or 13 digits (4-digit maker code). Real meters with a wrong check digit exist in sales
leaflets and in the field, so a wrong one is something to warn of, never to refuse.

>>> drn = Drn("12345678911")
>>> drn.manufacturer_code, drn.serial, drn.check_digit, drn.has_right_check_digit
('12', '34567891', '1', True)
>>> Drn("0100000000008").manufacturer_code
'0100'
>>> Drn("01105574222").has_right_check_digit
False
"""

from meter_emu.sts.numbers import luhn
from meter_emu.sts.numbers.digits import decimal_digits


class Drn(str):
    """A meter number: 11 or 13 decimal digits. Anything else raises FormatError."""

    __slots__ = ()

    def __new__(cls, digits: str) -> "Drn":
        return super().__new__(cls, decimal_digits(digits, (11, 13), "meter number (DRN)", "drn"))

    @property
    def manufacturer_code(self) -> str:
        """2 digits of an 11-digit number, 4 digits of a 13-digit one."""
        return self[:-9]

    @property
    def serial(self) -> str:
        """The maker's own 8 digits."""
        return self[-9:-1]

    @property
    def check_digit(self) -> str:
        """The last digit as it stands, right or wrong."""
        return self[-1]

    @property
    def has_right_check_digit(self) -> bool:
        """Whether the last digit is the Luhn digit of the others."""
        return luhn.is_valid(self)
