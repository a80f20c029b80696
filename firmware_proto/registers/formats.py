"""How values stand on the line, and how they are read off it.

A format writes what ``parse`` reads. Numbers are decimal ASCII digits, exact to their last place; what a format cannot take
apart is a ValueError.

>>> ENERGY.write(12_345_678), ENERGY.unit, ENERGY.parse("3.4293")
('3.4293', 'kWh', 12345480)
>>> TIME.write(TIME.parse("261122083000")), SWITCH.write(True)
('261122083000', '1')
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from meter_emu.meter.clock import Seconds, moment_of, seconds_of
from meter_emu.meter.energy import KWH, WattSeconds

Value = TypeVar("Value")
LONGEST_NUMBER = 12
"""Digits before the point: more than any register has."""
ENERGY_PLACES = 4
_TIME = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})?")
_CENTURY = 2000


@dataclass(frozen=True, slots=True)
class Format(Generic[Value]):
    """One way to write a value. ``parse`` raises ValueError for what it does not take."""

    name: str
    """For the documentation."""
    write: Callable[[Value], str]
    parse: Callable[[str], Value]
    unit: str = ""


def decimal(places: int, unit: str) -> Format[int]:
    """A number of which the value counts the last place: mW-like integers as kW-like decimals.

    >>> decimal(3, "kW").write(1_500), decimal(3, "kW").parse("-0.001")
    ('1.500', -1)
    """
    point = rf"\.[0-9]{{{places}}}" if places else ""
    number = re.compile(rf"-?[0-9]{{1,{LONGEST_NUMBER}}}{point}")
    scale = 10**places

    def write(value: int) -> str:
        whole, fraction = divmod(abs(value), scale)
        sign = "-" if value < 0 else ""
        return f"{sign}{whole}.{fraction:0{places}d}" if places else f"{sign}{whole}"

    def parse(text: str) -> int:
        if not number.fullmatch(text):
            raise ValueError(f"no number with {places} decimals")
        return int(text.replace(".", ""))

    return Format(f"number, {places} decimals" if places else "whole number", write, parse, unit)


def word(*allowed: str) -> Format[str]:
    """A text; one of those, if there are any."""

    def parse(text: str) -> str:
        if allowed and text not in allowed:
            raise ValueError("none of the words")
        return text

    return Format(" or ".join(allowed) or "text", str, parse)


def digits(shortest: int, longest: int) -> Format[str]:
    """A string of digits; leading zeros count."""
    pattern = re.compile(rf"[0-9]{{{shortest},{longest}}}")

    def parse(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError("not so many digits")
        return text

    return Format(f"{longest} digits" if shortest == longest else f"{shortest} to {longest} digits", str, parse)


def _energy(value: WattSeconds) -> str:
    ten_thousandths = abs(value) * 10**ENERGY_PLACES // KWH
    return _FOUR_PLACES.write(-ten_thousandths if value < 0 else ten_thousandths)


def _switch(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError("neither 0 nor 1")
    return text == "1"


def _hex(text: str) -> int:
    if not re.fullmatch(r"[0-9A-F]{8}", text):
        raise ValueError("not 8 hexadecimal digits")
    return int(text, 16)


def _time(text: str) -> Seconds:
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError("not YYMMDDhhmmss")
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    return seconds_of(datetime(_CENTURY + year, month, day, hour, minute, second))


_FOUR_PLACES = decimal(ENERGY_PLACES, "kWh")
ENERGY: Format[WattSeconds] = Format(
    "number, 4 decimals", _energy, lambda text: _FOUR_PLACES.parse(text) * KWH // 10**ENERGY_PLACES, "kWh"
)
"""Towards zero: a register shows what was surely reached."""
WHOLE_KWH = decimal(0, "kWh")
WATTS = decimal(0, "W")
KILOWATTS = decimal(3, "kW")
KILOVOLTAMPERES = decimal(3, "kVA")
VOLTS = decimal(0, "V")
AMPERES = decimal(3, "A")
MILLIAMPERES = decimal(0, "mA")
POWER_FACTOR = decimal(2, "")
COUNT = decimal(0, "")
SECONDS = decimal(0, "s")
MINUTES = decimal(0, "min")
SWITCH: Format[bool] = Format("0 or 1", lambda value: str(int(value)), _switch)
FLAGS: Format[int] = Format("8 hexadecimal digits", "{:08X}".format, _hex)
TEXT = word()
TIME: Format[Seconds] = Format("YYMMDDhhmmss", lambda value: f"{moment_of(value):%y%m%d%H%M%S}", _time)
"""Civil time of the years 2000 to 2099; the seconds may be left out where a time is said to the meter."""
