"""The small numbers that go with a key (IEC 62055-41 6.1.6 to 6.1.10): SGC, TI, KRN, KT, KEN.

>>> SupplyGroupCode("123457"), TariffIndex("01"), KeyRevisionNumber(1), KeyType.UNIQUE.name, KeyExpiryNumber(255)
('123457', '01', 1, 'UNIQUE', 255)
>>> KeyRevisionNumber(0)
Traceback (most recent call last):
    ...
meter_emu.sts.errors.RangeError: KRN must be 1 to 9, not 0
"""

from enum import IntEnum

from meter_emu.sts.errors import RangeError
from meter_emu.sts.numbers.digits import decimal_digits


class SupplyGroupCode(str):
    """SGC, the group of meters one vending key serves: 6 digits (6.1.6)."""

    __slots__ = ()

    def __new__(cls, digits: str) -> "SupplyGroupCode":
        return super().__new__(cls, decimal_digits(digits, 6, "supply group code (SGC)", "sgc"))


class TariffIndex(str):
    """TI, the tariff a meter's key is bound to: 2 digits (6.1.7)."""

    __slots__ = ()

    def __new__(cls, digits: str) -> "TariffIndex":
        return super().__new__(cls, decimal_digits(digits, 2, "tariff index (TI)", "ti"))


class KeyRevisionNumber(int):
    """KRN, which revision of the vending key: 1 to 9 (6.1.8)."""

    __slots__ = ()

    def __new__(cls, number: int) -> "KeyRevisionNumber":
        return super().__new__(cls, _in_range(number, 1, 9, "KRN", "krn"))


class KeyExpiryNumber(int):
    """KEN, the last 65536-minute period a key is good for: 0 to 255, where 255 never expires (6.1.10)."""

    __slots__ = ()

    def __new__(cls, number: int) -> "KeyExpiryNumber":
        return super().__new__(cls, _in_range(number, 0, 255, "KEN", "ken"))

    def is_expired_for(self, tid: int) -> bool:
        """Whether a token of TID ``tid`` comes too late for this key: the TID's top 8 bits exceed the KEN."""
        return tid >> 16 > self


class KeyType(IntEnum):
    """KT, what the key is for (6.1.9)."""

    INITIALISATION = 0
    DEFAULT = 1
    UNIQUE = 2
    COMMON = 3

    @classmethod
    def _missing_(cls, value: object) -> None:
        raise RangeError(f"KT must be 0, 1, 2 or 3, not {value}", field="kt")


def _in_range(number: int, lowest: int, highest: int, name: str, field: str) -> int:
    if not lowest <= number <= highest:
        raise RangeError(f"{name} must be {lowest} to {highest}, not {number}", field=field)
    return number
