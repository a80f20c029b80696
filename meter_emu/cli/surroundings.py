"""``load``, ``tamper``, ``power``: the world around the meter."""

from typing import Any

import click

from meter_emu.cli.report import status_report
from meter_emu.cli.session import Act, acting_options, choice_of, session
from meter_emu.meter.clock import Seconds
from meter_emu.meter.meter import LARGEST_LOAD, Meter
from meter_emu.meter.tamper import LARGEST_DIFFERENCE, Cause
from meter_emu.shell.console import echo_json
from meter_emu.shell.key_options import WholeNumber
from meter_emu.store import Entry
from meter_emu.store.entries import RELAY_STUCK, load_entry, power_entry, tamper_entry

DIFFERENCE_WHEN_ON = 500
"""mA, well above what a meter takes for none."""


@click.command()
@click.argument("watts", type=WholeNumber(0, LARGEST_LOAD))
@acting_options
def load(watts: int, as_json: bool, **options: Any) -> None:
    """Let the house ask for WATTS from now on.

    Energy is counted between commands: load times time, exactly.
    """

    def act(meter: Meter, now: Seconds) -> tuple[Meter, list[Entry], Meter]:
        after = meter.set_load(watts, now)
        return after, [load_entry(after)], after

    _show(act, options, as_json, f"load {watts} W")


@click.command()
@click.argument("cause", type=click.Choice([*(cause.value for cause in Cause), RELAY_STUCK]))
@click.argument("switch", type=click.Choice(["on", "off"]), default="on")
@click.option(
    "--milliamps",
    type=WholeNumber(0, 100_000),
    help=f"For current-difference: how much the neutral carries more (above {LARGEST_DIFFERENCE} is a tamper).",
)
@acting_options
def tamper(cause: str, switch: str, milliamps: int | None, as_json: bool, **options: Any) -> None:
    """Open a cover, bypass a wire, stick the relay.

    Once tampered with, the meter shows PERIKSA and refuses credit until a clear-tamper token, also when the cause is gone.
    """
    if milliamps is not None and cause != Cause.CURRENT_DIFFERENCE:
        raise click.UsageError("--milliamps goes with current-difference")
    is_on = switch == "on"
    difference = milliamps if milliamps is not None else DIFFERENCE_WHEN_ON

    def act(meter: Meter, now: Seconds) -> tuple[Meter, list[Entry], Meter]:
        if cause == RELAY_STUCK:
            after = meter.stick_relay(is_on, now)
        elif cause == Cause.CURRENT_DIFFERENCE:
            after = meter.sense_difference(difference if is_on else 0, now)
        else:
            after = meter.sense(Cause(cause), is_on, now)
        return after, [tamper_entry(after, cause, is_on)], after

    _show(act, options, as_json, f"{cause} {switch}")


@click.command()
@click.argument("switch", type=click.Choice(["on", "off"]))
@acting_options
def power(switch: str, as_json: bool, **options: Any) -> None:
    """Cut the supply, or bring it back.

    The panel forgets, the memory does not.
    """

    def act(meter: Meter, now: Seconds) -> tuple[Meter, list[Entry], Meter]:
        after = meter.restore_power(now) if switch == "on" else meter.cut_power(now)
        return after, [power_entry(after)], after

    _show(act, options, as_json, f"power {switch}")


def _show(act: Act[Meter], options: dict[str, Any], as_json: bool, told: str) -> None:
    with session(choice_of(options)) as at_meter:
        meter = at_meter.act(act)
    display = meter.display(meter.state.clock)
    report = status_report(meter, display)
    if as_json:
        echo_json(report)
    else:
        shown = " | ".join(line for line in display.lines if line) or "(dark)"
        click.echo(f"{told}: relay {report['relay']}, LCD {shown}")
