"""Brand profiles: what differs from maker to maker, as data. Rules are the same for all.

>>> PROFILES["hexing"].codes["801"], PROFILES["itron"].codes["7"], PROFILES["pln"].codes["37"]
('37', '07', '37')
"""

from collections.abc import Mapping
from typing import NamedTuple

from meter_emu.meter.clock import Seconds
from meter_emu.meter.results import ResultCode

PLN_TEXTS: Mapping[ResultCode, str] = {
    ResultCode.NONE: "",
    ResultCode.ACCEPT: "BENAR",
    ResultCode.FIRST_KEY_CHANGE_TOKEN: "BENAR",
    ResultCode.OTHER_KEY_CHANGE_TOKEN: "BENAR",
    ResultCode.OVERFLOW_ERROR: "OVER",
    ResultCode.KEY_TYPE_ERROR: "GAGAL",
    ResultCode.FORMAT_ERROR: "SALAH",
    ResultCode.RANGE_ERROR: "GAGAL",
    ResultCode.FUNCTION_ERROR: "GAGAL",
    ResultCode.OLD_ERROR: "OLD",
    ResultCode.USED_ERROR: "USED",
    ResultCode.KEY_EXPIRED_ERROR: "GAGAL",
    ResultCode.DDTK_ERROR: "GAGAL",
    ResultCode.CRC_ERROR: "SALAH",
    ResultCode.MFR_CODE_ERROR: "GAGAL",
    ResultCode.LOCKED_OUT: "TUNGGU {seconds_left} s",
    ResultCode.TAMPERED: "PERIKSA",
}

PLN_CODES: dict[str, str] = {
    f"{number:02d}": f"{number:02d}"
    for numbers in (range(19), range(37, 42), range(44, 48), range(53, 80), range(81, 83))
    for number in numbers
}
"""The common list: a key sequence names the value of the same number."""


class Profile(NamedTuple):
    """One maker's meter on PLN's network."""

    name: str
    maker: str
    texts: Mapping[ResultCode, str] = PLN_TEXTS
    """What the LCD says for each result."""
    codes: Mapping[str, str] = PLN_CODES
    """Short codes as keyed in, and the number of the value they show."""
    awaited_text: str = "KCT {sections}"
    """After a key change token: the sections still missing."""
    enter_label: str = "Enter"
    unknown_code: str = "----"
    tampered_text: str = "PERIKSA"
    lcd_columns: int = 16
    verdict_time: Seconds = 3
    credit_time: Seconds = 5
    """How long the credit entered, and then the total, stay on the LCD."""
    code_time: Seconds = 5
    """How long the answer to a short code stays."""
    line_timeout: Seconds = 20
    """How long half a number waits for its next key."""
    overload_warning: Seconds = 30
    """How long a load above the limit is warned of before the relay trips."""
    voltage: int = 230
    """V"""
    power_factor: int = 100
    """Hundredths of cos phi."""
    impulses_per_kwh: int = 1600
    software_version: str = "1.0"
    hardware_version: str = "1.0"


PROFILES: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile("pln", "PLN common"),
        Profile(
            "hexing",
            "Hexing",
            codes=PLN_CODES
            | {
                "800": "relay",
                "801": "37",
                "804": "75",
                "805": "77",
                "807": "41",
                "808": "44",
                "809": "69",
                "814": "47",
                "817": "59",
                "851": "38",
                "852": "55",
                "853": "56",
                "854": "57",
                "855": "58",
            },
        ),
        Profile("itron", "Itron", codes=PLN_CODES | {"0": "01", "3": "38", "7": "07", "9": "47"}),
        Profile("conlog", "Conlog", enter_label="#"),
    )
}
