"""Short codes: 1 to 6 digits and Enter show a value of the meter, or set one of the customer's own.

One table for the values; a brand profile says which digits lead to which number. Numbers 00 to 18 are the display and test
numbers of the STS, the others PLN's common list. What a meter does not have shows as ``----``.

>>> sorted(SHORT_CODES)[:4], SHORT_CODES["37"].title
(['00', '01', '02', '03'], 'credit left')
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from meter_emu.meter.alarm import MUTE
from meter_emu.meter.clock import DAY, HOUR, MINUTE, Seconds, moment_of
from meter_emu.meter.energy import KWH, lcd_text
from meter_emu.meter.measurement import apparent_power, neutral_current, phase_current
from meter_emu.meter.profiles import PROFILES, Profile, Word
from meter_emu.meter.relay import flowing, opened_by
from meter_emu.meter.state import State
from meter_emu.meter.tamper import Cause
from meter_emu.sts.numbers.digits import grouped
from meter_emu.sts.tokens.key_change import SECTIONS_OF_KEY_LENGTH

NOTHING = "----"
ALL_SEGMENTS = "8" * 16


class ShortCode(NamedTuple):
    """One value: what it is, and how the LCD shows it."""

    title: str
    show: Callable[[State, Profile], str]


def show(state: State, keyed: str) -> str:
    """The LCD's answer to a short code as keyed in."""
    profile = PROFILES[state.profile]
    number = profile.codes.get(keyed)
    return profile.words[Word.UNKNOWN] if number is None else SHORT_CODES[number].show(state, profile)


def change_setting(state: State, keyed: str) -> tuple[State, str] | None:
    """The state after a short code that sets something, and the LCD's answer; None if ``keyed`` is no such code."""
    words = PROFILES[state.profile].words
    if match := re.fullmatch(r"456(\d\d)", keyed, re.ASCII):
        limit = int(match[1])
        return state._replace(alarm=state.alarm._replace(limit=limit * KWH)), lcd_text(limit * KWH)
    if match := re.fullmatch(r"123(\d\d\d)", keyed, re.ASCII):
        interval = int(match[1]) * MINUTE
        return state._replace(alarm=state.alarm._replace(interval=interval)), _interval(interval, words)
    if keyed == "812":
        return state._replace(alarm=state.alarm.mute(state.clock)), words[Word.ALARM_MUTED].format(minutes=MUTE // MINUTE)
    return None


def _interval(interval: Seconds, words: Mapping[Word, str]) -> str:
    return f"{interval // MINUTE} m" if interval else words[Word.ALARM_OFF]


def _watts(watts: int | None) -> str:
    return NOTHING if watts is None else f"{watts} W"


def _amperes(milliamps: int) -> str:
    return f"{milliamps // 1000}.{milliamps % 1000 // 10:02d} A"


def _relay(state: State, profile: Profile) -> str:
    return profile.words[Word.RELAY_CLOSED if opened_by(state) is None else Word.RELAY_OPEN]


def _forecast(state: State, profile: Profile) -> str:
    power, balance = flowing(state), state.credit.balance
    if power == 0 or balance <= 0:
        return NOTHING
    seconds = balance // power
    days, rest = divmod(seconds, DAY)
    # From a thousand days on, hours and minutes would not fit the LCD, nor matter.
    word = Word.TIME_LEFT if days < 1000 else Word.DAYS_LEFT
    return profile.words[word].format(days=days, hours=rest // HOUR, minutes=rest % HOUR // MINUTE)


_CAUSES = {
    Cause.TERMINAL_COVER: Word.TERMINAL_COVER,
    Cause.METER_COVER: Word.METER_COVER,
    Cause.REVERSED: Word.REVERSED,
    Cause.BYPASS: Word.BYPASS,
    Cause.CURRENT_DIFFERENCE: Word.CURRENT_DIFFERENCE,
}


def _last_tamper(state: State, profile: Profile) -> str:
    tamper = state.tamper
    if tamper.last_cause is None:
        return NOTHING
    return f"{profile.words[_CAUSES[tamper.last_cause]]}\n{moment_of(tamper.last_at):%d-%m-%y %H:%M}"


def _on_two_lines(digits: str) -> str:
    """20 digits on two lines of an LCD."""
    return f"{grouped(digits[:12], '-')}-\n{grouped(digits[12:], '-')}"


def _last_credit_token(index: int) -> ShortCode:
    def show(state: State, _: Profile) -> str:
        last = state.history.last_credits
        return _on_two_lines(last[index][0]) if index < len(last) else NOTHING

    return ShortCode(f"credit token, {index + 1} from last", show)


def _last_credit_kwh(index: int) -> ShortCode:
    def show(state: State, _: Profile) -> str:
        last = state.history.last_credits
        return lcd_text(last[index][1]) if index < len(last) else NOTHING

    return ShortCode(f"kWh of credit token, {index + 1} from last", show)


def _last_engineering_token(index: int) -> ShortCode:
    def show(state: State, _: Profile) -> str:
        last = state.history.last_engineering
        return _on_two_lines(last[index]) if index < len(last) else NOTHING

    return ShortCode(f"engineering token, {index + 1} from last", show)


SHORT_CODES: dict[str, ShortCode] = {
    "00": ShortCode("display test", lambda s, p: ALL_SEGMENTS),
    "01": ShortCode("load-switch test", _relay),
    "02": ShortCode("display and buzzer test", lambda s, p: ALL_SEGMENTS),
    "03": ShortCode("total kWh register", lambda s, p: lcd_text(s.credit.consumed)),
    "04": ShortCode("KRN and key type", lambda s, p: f"KRN {int(s.key.krn)} KT {int(s.key.kt)}"),
    "05": ShortCode("tariff index", lambda s, p: f"TI {s.key.ti}"),
    "06": ShortCode("token input test", lambda s, p: "0123456789"),
    "07": ShortCode("power limit", lambda s, p: _watts(s.overload.limit)),
    "08": ShortCode("tamper status", lambda s, p: p.words[Word.TAMPERED if s.tamper.is_tampered else Word.NOT_TAMPERED]),
    "09": ShortCode("load power", lambda s, p: _watts(flowing(s))),
    "10": ShortCode("software version", lambda s, p: p.software_version),
    "11": ShortCode("phase unbalance limit", lambda s, p: _watts(s.phase_unbalance_limit)),
    "12": ShortCode("water meter factor", lambda s, p: NOTHING),
    "13": ShortCode("tariff rate", lambda s, p: NOTHING if s.tariff_rate is None else str(s.tariff_rate)),
    "14": ShortCode("EA", lambda s, p: f"EA {s.key.decoder_key.algorithm.value}"),
    "15": ShortCode(
        "number of key change tokens", lambda s, p: str(len(SECTIONS_OF_KEY_LENGTH[s.key.decoder_key.algorithm.key_length]))
    ),
    "16": ShortCode("SGC", lambda s, p: s.key.sgc),
    "17": ShortCode("KEN", lambda s, p: str(int(s.key.ken))),
    "18": ShortCode("DRN", lambda s, p: s.drn),
    "37": ShortCode("credit left", lambda s, p: lcd_text(s.credit.balance)),
    "38": ShortCode("cumulative kWh", lambda s, p: lcd_text(s.credit.consumed)),
    "39": ShortCode("cos phi", lambda s, p: f"{p.power_factor // 100}.{p.power_factor % 100:02d}"),
    "40": ShortCode("VA", lambda s, p: f"{apparent_power(s)} VA"),
    "41": ShortCode("V", lambda s, p: f"{p.voltage} V"),
    "44": ShortCode("A", lambda s, p: _amperes(phase_current(s))),
    "45": ShortCode("phase A", lambda s, p: _amperes(phase_current(s))),
    "46": ShortCode("neutral A", lambda s, p: _amperes(neutral_current(s))),
    "47": ShortCode("W now", lambda s, p: _watts(flowing(s))),
    "53": ShortCode("number of credit tokens", lambda s, p: str(s.history.credit_tokens)),
    **{f"{54 + index}": _last_credit_token(index) for index in range(5)},
    **{f"{59 + index}": _last_credit_kwh(index) for index in range(5)},
    "64": ShortCode("number of engineering tokens", lambda s, p: str(s.history.engineering_tokens)),
    **{f"{65 + index}": _last_engineering_token(index) for index in range(3)},
    "68": ShortCode("overload trips", lambda s, p: str(s.overload.trips)),
    "69": ShortCode("power failures", lambda s, p: str(s.power_failures)),
    "70": ShortCode("terminal cover openings", lambda s, p: str(s.tamper.terminal_cover_openings)),
    "71": ShortCode("meter cover openings", lambda s, p: str(s.tamper.meter_cover_openings)),
    "72": ShortCode("tampers", lambda s, p: str(s.tamper.events)),
    "73": ShortCode("energy at negative credit", lambda s, p: lcd_text(s.credit.consumed_in_debt)),
    "74": ShortCode("hardware version", lambda s, p: p.hardware_version),
    "75": ShortCode("meter number", lambda s, p: s.drn),
    "76": ShortCode("imp/kWh", lambda s, p: f"{p.impulses_per_kwh} imp/kWh"),
    "77": ShortCode("SGC", lambda s, p: s.key.sgc),
    "78": ShortCode("alarm interval", lambda s, p: _interval(s.alarm.interval, p.words)),
    "79": ShortCode("low-credit limit", lambda s, p: lcd_text(s.alarm.limit)),
    "81": ShortCode("forecast of time left", _forecast),
    "82": ShortCode("last tamper", _last_tamper),
    "relay": ShortCode("relay", _relay),
}
BUZZER_TEST = "02"
