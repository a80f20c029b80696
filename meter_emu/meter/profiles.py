"""Brand profiles: what differs from maker to maker, as data. Rules are the same for all.

>>> PROFILES["hexing"].codes["801"], PROFILES["itron"].codes["7"], PROFILES["pln"].codes["37"]
('37', '07', '37')
"""

from collections.abc import Mapping
from enum import Enum, auto
from typing import NamedTuple

from meter_emu.meter.clock import Seconds
from meter_emu.meter.energy import KWH, WattSeconds
from meter_emu.meter.results import ResultCode


class Word(Enum):
    """What an LCD can say beside results and numbers."""

    NO_CREDIT = auto()
    OVERLOAD = auto()
    OVERLOAD_WARNING = auto()
    TAMPERED = auto()
    NOT_TAMPERED = auto()
    RELAY_CLOSED = auto()
    RELAY_OPEN = auto()
    ALARM_MUTED = auto()
    ALARM_OFF = auto()
    AWAITED_SECTIONS = auto()
    DAYS_LEFT = auto()
    TIME_LEFT = auto()
    UNKNOWN = auto()
    TERMINAL_COVER = auto()
    METER_COVER = auto()
    REVERSED = auto()
    BYPASS = auto()
    CURRENT_DIFFERENCE = auto()


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

PLN_WORDS: Mapping[Word, str] = {
    Word.NO_CREDIT: "KREDIT HABIS",
    Word.OVERLOAD: "BEBAN LEBIH",
    Word.OVERLOAD_WARNING: "AWAS BEBAN LEBIH",
    Word.TAMPERED: "PERIKSA",
    Word.NOT_TAMPERED: "NORMAL",
    Word.RELAY_CLOSED: "RELAI TUTUP",
    Word.RELAY_OPEN: "RELAI BUKA",
    Word.ALARM_MUTED: "ALARM MATI {minutes} m",
    Word.ALARM_OFF: "MATI",
    Word.AWAITED_SECTIONS: "KCT {sections}",
    Word.DAYS_LEFT: "{days} h",
    Word.TIME_LEFT: "{days} h {hours} j {minutes} m",
    Word.UNKNOWN: "----",
    Word.TERMINAL_COVER: "TUTUP TERMINAL",
    Word.METER_COVER: "TUTUP METER",
    Word.REVERSED: "ARUS TERBALIK",
    Word.BYPASS: "BYPASS",
    Word.CURRENT_DIFFERENCE: "BEDA ARUS",
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
    words: Mapping[Word, str] = PLN_WORDS
    """What the LCD says of everything else."""
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
    credit_capacity: WattSeconds = 999_999_9 * KWH // 10
    """The last value of the credit register, 999 999.9 kWh."""
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
        # What a Conlog shows behind its # key is listed nowhere public: it takes the common list.
        Profile("conlog", "Conlog"),
    )
}
