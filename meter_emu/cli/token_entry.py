"""``enter`` a token, ``press`` keys."""

from typing import Any

import click

from meter_emu.cli.report import outcome_lines, outcome_report
from meter_emu.cli.session import Session, acting_options, choice_of, session
from meter_emu.cli.token_words import token_digits
from meter_emu.meter.clock import Seconds
from meter_emu.meter.display import Display
from meter_emu.meter.meter import Meter
from meter_emu.meter.outcome import Outcome
from meter_emu.meter.panel import parse_keys
from meter_emu.shell.console import DONE, REFUSED, echo_json
from meter_emu.store import Entry
from meter_emu.store.entries import token_entry
from meter_emu.sts.numbers.digits import decimal_digits


@click.command()
@click.argument("token", nargs=-1, required=True)
@acting_options
@click.pass_context
def enter(ctx: click.Context, /, token: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Key in TOKEN and press Enter.

    Spaces and dashes between the digits are welcome; "-" reads the token from standard input. Exit code 0: accepted,
    1: refused by the meter.
    """
    digits = decimal_digits(token_digits(token), None, "token", "token")
    with session(choice_of(options)) as at_meter:
        after, outcome = key_in(at_meter, digits)
    report = outcome_report(after, outcome)
    if as_json:
        echo_json(report)
    else:
        click.echo("\n".join(outcome_lines(after, outcome, digits)))
    ctx.exit(DONE if outcome.accepted else REFUSED)


@click.command()
@click.argument("keys")
@acting_options
@click.pass_context
def press(ctx: click.Context, /, keys: str, as_json: bool, **options: Any) -> None:
    """Press KEYS: digits, <B> Backspace, <E> Enter.

    20 digits and <E> are a token, 1 to 6 digits and <E> a short code. What is keyed stays in the line for 20 seconds, so
    that a number can be keyed with several calls. Exit code 1 if a token was refused.
    """
    pressed = parse_keys(keys)

    def act(meter: Meter, now: Seconds) -> tuple[Meter, list[Entry], tuple[Meter, Display, Outcome | None]]:
        last, entries = None, []
        for key in pressed:
            line = meter.panel.line_at(max(now, meter.state.clock), meter.profile.line_timeout)
            meter, outcome = meter.press(key, now)
            if outcome is not None:
                last = outcome
                entries.append(token_entry(meter, line, outcome))
        return meter, entries, (meter, meter.display(meter.state.clock), last)

    with session(choice_of(options)) as at_meter:
        after, display, outcome = at_meter.act(act)
    if as_json:
        echo_json(
            {
                "meter": after.state.drn,
                "lines": [line.strip() for line in display.lines],
                "digits_entered": display.digits_entered,
                "beep": display.is_beeping,
                "token": None if outcome is None else outcome_report(after, outcome),
            }
        )
    elif outcome is not None:
        click.echo("\n".join(outcome_lines(after, outcome)))
    elif not display.is_lit:
        click.echo("(the display is dark: the meter has no power)")
    else:
        click.echo("\n".join(line for line in display.lines if line) + (" (beep)" if display.is_beeping else ""))
    ctx.exit(DONE if outcome is None or outcome.accepted else REFUSED)


def key_in(at_meter: Session, digits: str) -> tuple[Meter, Outcome]:
    """Key in a token and press Enter, durably: the meter after it, and what it says."""

    def act(meter: Meter, now: Seconds) -> tuple[Meter, list[Entry], tuple[Meter, Outcome]]:
        after, outcome = meter.enter(digits, now)
        return after, [token_entry(after, digits, outcome)], (after, outcome)

    return at_meter.act(act)
