"""The documentation's page about the registers, made from the table. ``python -m firmware_proto.registers`` prints it."""

from collections.abc import Iterator

from firmware_proto.error_text import ErrorText
from firmware_proto.registers.formats import SWITCH
from firmware_proto.registers.register import MOST_LINES, Log, Register
from firmware_proto.registers.status_word import Status
from firmware_proto.registers.table import CLOCK, EVENT_LOG, GROUPS, LOAD_PROFILE, SUPPLY, TOKEN_GATEWAY
from meter_emu.meter.access import DEFAULT_PASSWORDS, Level
from meter_emu.meter.clock import DAY
from meter_emu.meter.last_token import TokenStatus
from meter_emu.meter.load_profile import KEPT, Mark
from meter_emu.meter.profiles import PLN_TEXTS
from meter_emu.meter.results import AuthenticationResult, Refusal, ResultCode, TokenResult, ValidationResult, Verdict
from meter_emu.store.entries import EVENTS

KEPT_DAYS = KEPT // DAY
_LEVELS = {Level.PUBLIC: "anyone", Level.CUSTOMER: "P1", Level.SERVICE: "P2"}
_INTRODUCTION = f"""\
# The registers of the meter

This page is made from the table in `firmware_proto/registers/table.py` by `python -m firmware_proto.registers`.

A register is read with `R1` or `R5` and written with `W1` or `W5` under its OBIS code, whole (`1-0:1.8.0`) or without
the medium and channel (`1.8.0`). Where a register has several values they come as data sets side by side, in the order
given here; what the meter does not have is an empty value.

**Who may.** Without a password there is the standard data readout and nothing else. `P1` is the customer's password: it
opens reading and the entering of tokens. `P2` is the service's: it opens everything. `meter-emu install` sets them
(`--customer-password`, `--service-password`); where it was told none they are `{DEFAULT_PASSWORDS[Level.CUSTOMER]}` and
`{DEFAULT_PASSWORDS[Level.SERVICE]}`, which everybody knows. After the third wrong password of a level that level stays
closed for 10 s, and twice as long after each further one, up to 1 280 s; only its right password ends the counting, not
a power cut.
"""
_TOKENS = f"""\
## Entering a token

Write its digits to `{TOKEN_GATEWAY}`. An acknowledgement says that the meter has dealt with the token and that what
came of it is in its memory for good; it does not say that the token was accepted. That stands in the result registers,
and all of it on one line in `{TOKEN_GATEWAY}` itself. Who lost the answer asks there: the digits and the running number
tell which token the results are of. Fewer than 20 digits are a wrong token, as at the keypad; anything but 1 to 20
digits is `{ErrorText.MALFORMED_VALUE}` and no token. A meter without power takes no token and answers `{ErrorText.BUSY}`.

A lockout from wrong tokens holds here too: the result is then `LockedOut`. It holds back all but test and display tokens
(class 1), which are open to everyone and are judged all the same. So of random digits not all are `LockedOut`: a quarter
of the numbers that have the form of a token are of class 1, and get a `CRCError`, which makes the lockout longer.

| Status | Meaning |
|---:|---|
{{statuses}}

No register holds the LCD's two lines. What a person reads there first, on all brands, follows from the result:

| Result code | Result | LCD |
|---:|---|---|
{{texts}}

After `BENAR` for a credit token the LCD shows the credit that it brought and then the credit in all, as
`{TOKEN_GATEWAY}` and `0-0:19.10.0` have them; during a key change it shows the sections that are still awaited.

## The clock

A write to `{CLOCK}` sets the clock forward; no energy is counted for the time that is left out. A time before the
clock's own is refused with `{ErrorText.OUT_OF_RANGE}`: the lockouts that wait for a moment would come back, quarters of
the load profile would close a second time, and the journal would run out of order. Times are civil times of the years
2000 to 2099.

## The supply

A bench cuts and restores the supply of the meter with `{SUPPLY}`. The port does not depend on it: a meter without power
answers.

## Logs

A log is read by a range of times, `{LOAD_PROFILE}(261122000000;261122235959)`; either time may be missing, the seconds
too. Every entry is a line of data sets. An answer has at most {MOST_LINES} entries, the first of its range; who gets so
many asks again and says how many to skip: `(261122000000;261122235959;{MOST_LINES})`. A range without entries is
answered with `{ErrorText.NO_ENTRIES}`.

The load profile `{LOAD_PROFILE}` has the registers as they stood at the end of each quarter of an hour, for
{KEPT_DAYS} days. A quarter that ended without power has no entry. The marks are bits:

| Mark | In this quarter |
|---:|---|
{{marks}}

The event log `{EVENT_LOG}` is the meter's journal:

| Event | Meaning | Particulars |
|---|---|---|
{{events}}

## Status word

| Bit | Set while |
|---:|---|
{{bits}}

## Error texts

| Text | Meaning |
|---|---|
{{errors}}
"""
_MARKS = {
    Mark.CLOCK_SET: "the clock was set",
    Mark.POWER_BACK: "the power came back",
    Mark.POWER_FAILED: "the power failed",
}
_DECIDING: tuple[Verdict, ...] = (
    *TokenResult,
    *(result for result in AuthenticationResult if result is not AuthenticationResult.AUTHENTIC),
    *(result for result in ValidationResult if result is not ValidationResult.VALID),
    Refusal.LOCKED_OUT,
    Refusal.TAMPERED,
)
_STATUSES = {
    TokenStatus.FORMAT_OK: "format right",
    TokenStatus.AUTHENTICATION_OK: "authentication right",
    TokenStatus.VALIDATION_OK: "validation right",
    TokenStatus.EXECUTION_OK: "executed",
    TokenStatus.FORMAT_FAILURE: "format wrong",
    TokenStatus.AUTHENTICATION_FAILURE: "authentication failed",
    TokenStatus.VALIDATION_FAILURE: "validation failed",
    TokenStatus.EXECUTION_FAILURE: "execution failed",
    TokenStatus.RECEIVED: "received, not processed: locked out",
}
_BITS = {
    Status.SUPPLY_OFF: "the supply is cut",
    Status.RELAY_OPEN: "the relay is open",
    Status.CREDIT_ENDED: "there is no credit",
    Status.CREDIT_LOW: "the credit is at or below the alarm limit",
    Status.TAMPERED: "a tamper is there or was not cleared",
    Status.OVERLOAD: "there is an overload, or the relay is open because of one",
    Status.TOKENS_LOCKED_OUT: "tokens are locked out",
    Status.RELAY_STUCK: "the relay no longer opens",
    Status.PASSWORD_LOCKED_OUT: "a level is closed after wrong passwords",
}


def registers_page() -> str:
    """The page, in Markdown."""
    explained = _TOKENS.format(
        statuses=_rows((str(int(status)), meaning) for status, meaning in _STATUSES.items()),
        texts=_rows(_texts()),
        marks=_rows((f"{mark:02X}", meaning) for mark, meaning in _MARKS.items()),
        events=_rows(
            (f"`{name}`", event.meaning, ", ".join(f"`{detail}`" for detail in event.details)) for name, event in EVENTS.items()
        ),
        bits=_rows((f"{bit:08X}", meaning) for bit, meaning in _BITS.items()),
        errors=_rows((f"`({error.value})`", error.meaning) for error in ErrorText),
    )
    return "\n".join((_INTRODUCTION, *_tables(), explained))


def _texts() -> Iterator[tuple[str, ...]]:
    for code, text in PLN_TEXTS.items():
        results = ", ".join(f"`{verdict}`" for verdict in _DECIDING if ResultCode.of(verdict) is code)
        if results:
            yield str(int(code)), results, text.format(seconds_left="SECONDS")


def _tables() -> Iterator[str]:
    for title, registers in GROUPS.items():
        yield f"## {title}\n\n| OBIS code | Register | Values | Read | Write |\n|---|---|---|---|---|"
        yield _rows(map(_row, registers)) + "\n"


def _row(register: Register | Log) -> tuple[str, ...]:
    address, level = f"`{register.address}`", _LEVELS[register.level]
    if isinstance(register, Log):
        return address, register.title, "; ".join(register.columns), level, ""
    setting = register.setting
    write = "" if setting is None else f"{_LEVELS[setting.level]}: {setting.format.name}"
    return address, register.title, "; ".join(_values(register)), "readout, P1" if register.in_readout else level, write


def _values(register: Register) -> Iterator[str]:
    for each in register.fields:
        name = "" if each.title == register.title else f"{each.title}: "
        unit = f" ({each.format.unit})" if each.format.unit else ""
        yield (name.removesuffix(": ") or each.format.name) if each.format is SWITCH else f"{name}{each.format.name}{unit}"


def _rows(rows: Iterator[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
