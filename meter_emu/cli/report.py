"""A meter's answers in words and as JSON."""

from typing import Any

from meter_emu.meter.clock import moment_of
from meter_emu.meter.display import Display
from meter_emu.meter.energy import WattSeconds, kwh_text
from meter_emu.meter.meter import Meter
from meter_emu.meter.outcome import Outcome
from meter_emu.meter.relay import flowing, opened_by
from meter_emu.meter.results import AuthenticationResult, Refusal, TokenResult, ValidationResult, Verdict
from meter_emu.sts.tokens.codec import TOKEN_DIGITS

REASONS: dict[Verdict, str] = {
    TokenResult.OVERFLOW_ERROR: "the credit register cannot hold so much; the token stays usable",
    TokenResult.KEY_TYPE_ERROR: "the key change asks for a key type this meter may not take",
    TokenResult.FORMAT_ERROR: "these digits are no token: it has 20, below 2^66, of a class and subclass that exist",
    TokenResult.RANGE_ERROR: "the token carries a value this meter cannot take",
    TokenResult.FUNCTION_ERROR: "this meter has no such function",
    ValidationResult.OLD_ERROR: "the token is older than all that the meter remembers",
    ValidationResult.USED_ERROR: "the token was used already",
    ValidationResult.KEY_EXPIRED_ERROR: "the token was issued after this meter's key expired; a key change comes first",
    ValidationResult.DDTK_ERROR: "the meter still has its default key; a key change comes before credit",
    AuthenticationResult.CRC_ERROR: "mistyped digits, another meter's token, or other keys or tables",
    AuthenticationResult.MFR_CODE_ERROR: "a test token of another maker",
    Refusal.LOCKED_OUT: "too many wrong tokens; wait, or turn the power off and on",
    Refusal.TAMPERED: "the meter was tampered with; a clear-tamper token comes before credit",
    Refusal.NO_POWER: "the meter has no power; meter-emu power on",
}
"""Why a token was refused, for the person who tests."""


def outcome_report(after: Meter, outcome: Outcome) -> dict[str, Any]:
    """The object that ``enter --json`` prints."""
    return token_report(outcome, after.lcd_texts(outcome), after.state.credit.balance, after.state.drn)


def token_report(outcome: Outcome, lcd: tuple[str, ...], credit: WattSeconds, drn: str) -> dict[str, Any]:
    """What became of a token, for a machine, wherever it was entered."""
    return {
        "accepted": outcome.accepted,
        "result_code": int(outcome.result_code),
        "token_result": outcome.token_result,
        "authentication_result": outcome.authentication_result,
        "validation_result": outcome.validation_result,
        "token_type": outcome.token_type,
        "lcd": list(lcd),
        "credit_added_kwh": kwh_text(outcome.credit_added),
        "credit_kwh": kwh_text(credit),
        "meter": drn,
    }


def outcome_lines(after: Meter, outcome: Outcome, digits: str | None = None) -> list[str]:
    """The same for a person: the LCD's texts as they come, then why, if the token, of these ``digits``, was refused."""
    texts = list(after.lcd_texts(outcome))
    if outcome.credit_added:
        texts[1] = f"{texts[1]:<16}credit entered"
        texts[2] = f"{texts[2]:<16}total credit"
    if outcome.accepted:
        return texts
    return [*texts, refusal_line(outcome, digits)]


def refusal_line(outcome: Outcome, digits: str | None = None) -> str:
    """Why a token, of these ``digits`` where they are at hand, was refused."""
    reason = REASONS[outcome.verdict]
    if outcome.verdict is TokenResult.FORMAT_ERROR and digits is not None and len(digits) != TOKEN_DIGITS:
        reason = f"a token has {TOKEN_DIGITS} digits, not {len(digits)}; it counts as a wrong token, towards the lockout"
    return f"refused: {reason} ({outcome.verdict.value}, result code {int(outcome.result_code)})"


def status_report(meter: Meter, display: Display) -> dict[str, Any]:
    """The object that ``status --json`` prints; no key is in it."""
    state = meter.state
    reason = opened_by(state)
    return {
        "meter": state.drn,
        "clock": moment_of(state.clock).isoformat(),
        "profile": state.profile,
        "lcd": [line.strip() for line in display.lines],
        "credit_kwh": kwh_text(state.credit.balance),
        "credit_ws": state.credit.balance,
        "consumed_kwh": kwh_text(state.credit.consumed),
        "accepted_kwh": kwh_text(state.credit.accepted),
        "cleared_kwh": kwh_text(state.credit.cleared),
        "power": state.is_powered,
        "relay": "closed" if reason is None else "open",
        "relay_reason": reason,
        "load_w": state.load,
        "flowing_w": flowing(state),
        "power_limit_w": state.overload.limit,
        "credit_led": display.credit_led,
        "tampered": state.tamper.is_tampered,
        "tamper_causes": list(state.tamper.causes),
        "locked_seconds": state.lockout.seconds_left(state.clock),
        "last_result_code": int(state.last_result),
        "credit_tokens": state.history.credit_tokens,
        "overload_trips": state.overload.trips,
        "power_failures": state.power_failures,
        "tampers": state.tamper.events,
        "ea": state.key.decoder_key.algorithm.value,
        "sgc": state.key.sgc,
        "ti": state.key.ti,
        "krn": int(state.key.krn),
        "kt": int(state.key.kt),
        "ken": int(state.key.ken),
        "base_date": state.key.base_date.value,
    }
