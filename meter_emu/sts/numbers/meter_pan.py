"""MeterPan, the 18-digit primary account number of a meter (IEC 62055-41 6.1.2): IIN, DRN, Luhn digit.

The issuer identification number is 600727 before an 11-digit DRN and 0000 before a 13-digit one.

>>> pan = MeterPan.of(Drn("12345678911"))
>>> pan, pan.iin, pan.drn
('600727123456789113', '600727', '12345678911')
>>> MeterPan("000001000000000082").drn
'0100000000008'
"""

from meter_emu.sts.errors import FormatError
from meter_emu.sts.numbers import luhn
from meter_emu.sts.numbers.digits import decimal_digits
from meter_emu.sts.numbers.drn import Drn

IIN_OF_DRN_LENGTH = {11: "600727", 13: "0000"}


class MeterPan(str):
    """An 18-digit meter PAN. FormatError for another length, IIN or PAN check digit."""

    __slots__ = ()

    def __new__(cls, digits: str) -> "MeterPan":
        pan = super().__new__(cls, decimal_digits(digits, 18, "meter PAN", "pan"))
        if not pan.startswith(tuple(IIN_OF_DRN_LENGTH.values())):
            raise FormatError("meter PAN must start with the IIN 600727 or 0000", field="pan", position=0)
        if not luhn.is_valid(pan):
            right = luhn.check_digit(pan[:-1])
            message = f"meter PAN: the last digit is {pan[-1]}, its Luhn digit would be {right}"
            raise FormatError(message, field="pan", position=17)
        return pan

    @classmethod
    def of(cls, drn: Drn) -> "MeterPan":
        """The PAN of a meter number, whether or not the DRN's own check digit is right."""
        payload = IIN_OF_DRN_LENGTH[len(drn)] + drn
        return cls(payload + luhn.check_digit(payload))

    @property
    def iin(self) -> str:
        """The issuer identification number: 600727 or 0000."""
        return next(iin for iin in IIN_OF_DRN_LENGTH.values() if self.startswith(iin))

    @property
    def drn(self) -> Drn:
        """The meter number inside."""
        return Drn(self[len(self.iin) : -1])
