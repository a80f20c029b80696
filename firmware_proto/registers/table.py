"""The registers of the meter: the one table that reading, writing, the data readout and the documentation walk.

The codes are those of OBIS (IEC 62056-6-1) and of the COSEM objects for payment metering; where these have none, they are from
the range that is left to makers, 0-0:96.50 to 0-0:96.99. A register is found by its whole code or by the code without ``A-B:``.

>>> find("1-0:1.8.0") is find("1.8.0"), find("1-0:1.8.0").title
(True, 'active energy')
"""

from collections.abc import Callable

from firmware_proto.registers import writes
from firmware_proto.registers.formats import (
    AMPERES,
    COUNT,
    ENERGY,
    FLAGS,
    KILOVOLTAMPERES,
    KILOWATTS,
    MILLIAMPERES,
    MINUTES,
    POWER_FACTOR,
    SECONDS,
    SWITCH,
    TEXT,
    TIME,
    VOLTS,
    WATTS,
    WHOLE_KWH,
    Format,
    Value,
    digits,
)
from firmware_proto.registers.logs import (
    EVENT_COLUMNS,
    LOAD_PROFILE_COLUMNS,
    event_lines,
    latest_event_line,
    load_profile_lines,
)
from firmware_proto.registers.register import Field, Log, Register, Setting
from firmware_proto.registers.status_word import status_word
from meter_emu.meter import Cause, Outcome, State
from meter_emu.meter.access import Level
from meter_emu.meter.clock import MINUTE
from meter_emu.meter.energy import KWH
from meter_emu.meter.history import CREDITS_KEPT, ENGINEERING_KEPT
from meter_emu.meter.measurement import apparent_power, neutral_current, phase_current, power_factor, voltage
from meter_emu.meter.profiles import PROFILES
from meter_emu.meter.relay import flowing, opened_by
from meter_emu.sts.numbers import MeterPan
from meter_emu.sts.tokens.codec import TOKEN_DIGITS

TOKEN_GATEWAY = "0-0:19.40.0"
LOAD_PROFILE = "1-0:99.1.0"
EVENT_LOG = "0-0:99.98.0"
CLOCK = "0-0:1.0.0"
LOAD = "0-0:96.60.0"
SUPPLY = "0-0:96.60.1"
SWITCHED_CAUSES = tuple(cause for cause in Cause if cause is not Cause.CURRENT_DIFFERENCE)
"""The tampers that a bench can turn on and off; a current difference is said in mA."""
_TOKEN = digits(TOKEN_DIGITS, TOKEN_DIGITS)


def _one(
    address: str,
    title: str,
    format_: Format[Value],
    of: Callable[[State], Value | None],
    setting: Setting[Value] | None = None,
    *,
    in_readout: bool = False,
) -> Register:
    """A register of one value."""
    return Register(address, title, (Field(title, format_, of),), setting, in_readout)


def _of_outcome(part: Callable[[Outcome], Value | None]) -> Callable[[State], Value | None]:
    """A part of the last token's outcome; none before the first token."""

    def of(state: State) -> Value | None:
        outcome = state.last_token.outcome
        return None if outcome is None else part(outcome)

    return of


def _last_credit(number: int) -> Register:
    def entry(state: State) -> tuple[str, int] | tuple[None, None]:
        kept = state.history.last_credits
        return kept[number] if number < len(kept) else (None, None)

    title = f"credit token, {number + 1} from last"
    fields = (Field("token", _TOKEN, lambda s: entry(s)[0]), Field("energy", ENERGY, lambda s: entry(s)[1]))
    return Register(f"0-0:96.54.{number + 1}", title, fields)


def _last_engineering(number: int) -> Register:
    def token(state: State) -> str | None:
        kept = state.history.last_engineering
        return kept[number] if number < len(kept) else None

    return _one(f"0-0:96.55.{number + 1}", f"engineering token, {number + 1} from last", _TOKEN, token)


def _cause(number: int, cause: Cause) -> Register:
    return _one(
        f"0-0:96.61.{number}",
        f"tamper switch: {cause.value}",
        SWITCH,
        lambda s: cause in s.tamper.causes,
        Setting(SWITCH, writes.sense(cause)),
    )


READOUT_REGISTERS = (
    _one("0-0:97.97.0", "status word", FLAGS, status_word, in_readout=True),
    _one("0-0:96.1.0", "meter number (DRN)", digits(11, 11), lambda s: s.drn, in_readout=True),
    _one("1-0:0.2.0", "software version", TEXT, lambda s: PROFILES[s.profile].software_version, in_readout=True),
    _one(CLOCK, "clock", TIME, lambda s: s.clock, Setting(TIME, writes.set_clock), in_readout=True),
    _one("1-0:1.8.0", "active energy", ENERGY, lambda s: s.credit.consumed, in_readout=True),
    _one("0-0:19.10.0", "credit left", ENERGY, lambda s: s.credit.balance, in_readout=True),
    _one("1-0:1.7.0", "active power", KILOWATTS, flowing, in_readout=True),
    _one("1-0:32.7.0", "voltage", VOLTS, voltage, in_readout=True),
    _one("1-0:31.7.0", "current", AMPERES, phase_current, in_readout=True),
    _one("1-0:33.7.0", "power factor", POWER_FACTOR, power_factor, in_readout=True),
    Register(
        "0-0:96.3.10",
        "relay",
        (
            Field("1 closed, 0 open", SWITCH, lambda s: opened_by(s) is None),
            Field("why it is open", TEXT, lambda s: opened_by(s)),
        ),
        in_readout=True,
    ),
    _one("0-0:96.7.21", "power failures", COUNT, lambda s: s.power_failures, in_readout=True),
)
"""The standard data readout, in its order."""

PAYMENT_REGISTERS = (
    Register(
        "0-0:19.0.0",
        "account",
        (
            Field("available credit", ENERGY, lambda s: max(0, s.credit.balance)),
            Field("amount to clear", ENERGY, lambda s: max(0, -s.credit.balance)),
        ),
    ),
    Register(
        "0-0:19.20.0",
        "charge",
        (
            Field("energy charged", ENERGY, lambda s: s.credit.consumed),
            Field("tariff rate, as the token has it", COUNT, lambda s: s.tariff_rate),
        ),
    ),
    Register(
        TOKEN_GATEWAY,
        "token gateway (class 115): the last token; a write enters one",
        (
            Field("token", digits(0, TOKEN_DIGITS), lambda s: s.last_token.digits if s.last_token.number else None),
            Field("number of tokens entered ever", COUNT, lambda s: s.last_token.number),
            Field("when", TIME, lambda s: s.last_token.at if s.last_token.number else None),
            Field("what it is (descriptor)", TEXT, lambda s: s.last_token.token_type),
            Field("credit it brought", ENERGY, lambda s: s.last_token.credit_added),
            Field("status, 0 to 8", COUNT, lambda s: s.last_token.status),
            Field("result code", COUNT, lambda s: s.last_result),
            Field("result", TEXT, lambda s: s.last_token.verdict),
        ),
        Setting(digits(1, TOKEN_DIGITS), writes.enter_token, Level.CUSTOMER),
    ),
    _one("0-0:96.50.0", "last token result code", COUNT, lambda s: s.last_result),
    _one("0-0:96.50.1", "AuthenticationResult", TEXT, _of_outcome(lambda outcome: outcome.authentication_result)),
    _one("0-0:96.50.2", "ValidationResult", TEXT, _of_outcome(lambda outcome: outcome.validation_result)),
    _one("0-0:96.50.3", "TokenResult", TEXT, _of_outcome(lambda outcome: outcome.token_result)),
    Register(
        "0-0:96.50.4",
        "token lockout",
        (
            Field("seconds left", SECONDS, lambda s: s.lockout.seconds_left(s.clock)),
            Field("wrong tokens in a row", COUNT, lambda s: s.lockout.wrong_tokens),
        ),
    ),
    _one("0-0:96.51.0", "credit accepted ever", ENERGY, lambda s: s.credit.accepted),
    _one("0-0:96.51.1", "credit cleared ever", ENERGY, lambda s: s.credit.cleared),
    _one("0-0:96.51.2", "energy at negative credit", ENERGY, lambda s: s.credit.consumed_in_debt),
    _one("0-0:96.54.0", "credit tokens taken ever", COUNT, lambda s: s.history.credit_tokens),
    *(_last_credit(number) for number in range(CREDITS_KEPT)),
    _one("0-0:96.55.0", "engineering tokens taken ever", COUNT, lambda s: s.history.engineering_tokens),
    *(_last_engineering(number) for number in range(ENGINEERING_KEPT)),
)

METER_REGISTERS = (
    _one("0-0:96.1.1", "meter PAN", digits(18, 18), lambda s: MeterPan.of(s.drn)),
    _one("0-0:96.1.2", "brand profile", TEXT, lambda s: s.profile),
    _one("0-0:96.1.3", "hardware version", TEXT, lambda s: PROFILES[s.profile].hardware_version),
    _one("1-0:9.7.0", "apparent power", KILOVOLTAMPERES, apparent_power),
    _one("1-0:91.7.0", "neutral current", AMPERES, neutral_current),
    _one("0-0:17.0.0", "maximum power limit", WATTS, lambda s: s.overload.limit),
    _one("0-0:96.52.0", "alarm limit", WHOLE_KWH, lambda s: s.alarm.limit // KWH, Setting(WHOLE_KWH, writes.set_alarm_limit)),
    _one(
        "0-0:96.52.1",
        "alarm interval (0: off)",
        MINUTES,
        lambda s: s.alarm.interval // MINUTE,
        Setting(MINUTES, writes.set_alarm_interval),
    ),
    _one("0-0:96.52.2", "phase unbalance limit", WATTS, lambda s: s.phase_unbalance_limit),
    _one("0-0:96.52.3", "overload trips", COUNT, lambda s: s.overload.trips),
    _one("0-0:96.53.0", "supply group code (SGC)", digits(6, 6), lambda s: s.key.sgc),
    _one("0-0:96.53.1", "tariff index (TI)", digits(2, 2), lambda s: s.key.ti),
    _one("0-0:96.53.2", "key revision number (KRN)", COUNT, lambda s: s.key.krn),
    _one("0-0:96.53.3", "key type (KT)", COUNT, lambda s: s.key.kt),
    _one("0-0:96.53.4", "key expiry number (KEN)", COUNT, lambda s: s.key.ken),
    _one("0-0:96.53.5", "encryption algorithm (EA)", digits(2, 2), lambda s: s.key.decoder_key.algorithm.value),
    _one("0-0:96.53.6", "base date", digits(4, 4), lambda s: str(s.key.base_date.value)),
    Register(
        "0-0:96.56.0",
        "tamper",
        (
            Field("1: credit is refused", SWITCH, lambda s: s.tamper.is_tampered),
            Field("causes there now, parted by commas", TEXT, lambda s: ",".join(s.tamper.causes)),
            Field("last cause", TEXT, lambda s: s.tamper.last_cause),
            Field("when", TIME, lambda s: None if s.tamper.last_cause is None else s.tamper.last_at),
        ),
    ),
    _one("0-0:96.56.1", "tampers ever", COUNT, lambda s: s.tamper.events),
    _one("0-0:96.20.0", "meter cover openings", COUNT, lambda s: s.tamper.meter_cover_openings),
    _one("0-0:96.20.5", "terminal cover openings", COUNT, lambda s: s.tamper.terminal_cover_openings),
    Register(
        "0-0:96.57.0",
        "wrong passwords since the last right one",
        (
            Field("customer", COUNT, lambda s: s.access.customer.wrong),
            Field("service", COUNT, lambda s: s.access.service.wrong),
        ),
    ),
)

BENCH_REGISTERS = (
    _one(LOAD, "load that the house asks for", WATTS, lambda s: s.load, Setting(WATTS, writes.set_load)),
    _one(SUPPLY, "supply: 1 on, 0 cut", SWITCH, lambda s: s.is_powered, Setting(SWITCH, writes.set_supply)),
    _one("0-0:96.60.2", "relay stuck closed", SWITCH, lambda s: s.is_relay_stuck, Setting(SWITCH, writes.stick_relay)),
    *(_cause(number, cause) for number, cause in enumerate(SWITCHED_CAUSES)),
    _one(
        f"0-0:96.61.{len(SWITCHED_CAUSES)}",
        "neutral carries more than the phase",
        MILLIAMPERES,
        lambda s: s.tamper.current_difference,
        Setting(MILLIAMPERES, writes.sense_difference),
    ),
)
"""The world around the meter, which a test bench moves."""

LOGS = (
    Log("0-0:96.11.0", "latest event", EVENT_COLUMNS, latest_event_line),
    Log(EVENT_LOG, "event log", EVENT_COLUMNS, event_lines),
    Log(LOAD_PROFILE, "load profile, 15 minutes", LOAD_PROFILE_COLUMNS, load_profile_lines),
)

GROUPS: dict[str, tuple[Register | Log, ...]] = {
    "Standard data readout": READOUT_REGISTERS,
    "Payment": PAYMENT_REGISTERS,
    "Meter": METER_REGISTERS,
    "Test bench": BENCH_REGISTERS,
    "Logs": LOGS,
}
"""All registers, as the documentation has them."""
REGISTERS: dict[str, Register | Log] = {register.address: register for group in GROUPS.values() for register in group}


def find(address: str) -> Register | Log | None:
    """The register of an address, whole or without ``A-B:``; None if there is none."""
    return _BY_ANY_ADDRESS.get(address)


_BY_ANY_ADDRESS = {address.partition(":")[2]: register for address, register in REGISTERS.items()} | REGISTERS
