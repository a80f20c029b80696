"""``status``, ``history``, ``meters``: looking without touching."""

from typing import Any

import click

from meter_emu.cli.report import status_report
from meter_emu.cli.session import Choice, choice_of, first_use, home_option, meter_options, open_store, session
from meter_emu.meter.clock import moment_of
from meter_emu.meter.energy import kwh_text
from meter_emu.shell.console import echo_json, home_of, json_option
from meter_emu.shell.key_options import WholeNumber

STATUS_LINES = (
    ("credit", "{credit_kwh} kWh (LED {credit_led})"),
    ("consumed", "{consumed_kwh} kWh"),
    ("load", "{load_w} W asked, {flowing_w} W flowing"),
    ("key", "EA{ea} SGC {sgc} TI {ti} KRN {krn} KT {kt} KEN {ken} base date {base_date}"),
    ("counters", "{credit_tokens} credit tokens, {overload_trips} overload trips, {power_failures} power failures"),
)


@click.command()
@meter_options
def status(as_json: bool, **options: Any) -> None:
    """Show the meter as it is now."""
    with session(choice_of(options)) as at_meter:
        meter = at_meter.look()
    report = status_report(meter, meter.display(meter.state.clock))
    if as_json:
        echo_json(report)
        return
    relay = report["relay"] + (f" ({report['relay_reason']})" if report["relay_reason"] else "")
    tamper = ", ".join(report["tamper_causes"]) or ("to be cleared by a token" if report["tampered"] else "none")
    rows = [
        ("meter", f"{report['meter']} ({meter.profile.maker}), {report['clock']}"),
        ("LCD", " | ".join(line for line in report["lcd"] if line) or "(dark)"),
        *((title, text.format(**report)) for title, text in STATUS_LINES[:3]),
        ("power", "on" if report["power"] else "off"),
        ("relay", relay),
        ("limit", "none" if report["power_limit_w"] is None else f"{report['power_limit_w']} W"),
        ("tamper", tamper),
        *((title, text.format(**report)) for title, text in STATUS_LINES[3:]),
    ]
    if report["locked_seconds"]:
        rows.append(("locked", f"for {report['locked_seconds']} s after too many wrong tokens"))
    for title, text in rows:
        click.echo(f"{title:<10}{text}")


@click.command()
@click.option("--limit", type=WholeNumber(1, 1_000_000), default=20, show_default=True, help="How many entries, the latest.")
@meter_options
def history(as_json: bool, limit: int, **options: Any) -> None:
    """Show the journal: what was done, in its order."""
    with session(choice_of(options)) as at_meter:
        entries = at_meter.store.journal(at_meter.drn, limit)
    for entry in entries:
        at = moment_of(entry.at).isoformat()
        if as_json:
            echo_json({"at": at, "event": entry.event, **entry.details})
        else:
            told = "  ".join(f"{name}={value}" for name, value in entry.details.items() if value is not None)
            click.echo(f"{at}  {entry.event:<10}{told}")


@click.command()
@json_option
@home_option
def meters(as_json: bool, home: str | None) -> None:
    """List the meters that are installed."""
    choice = Choice(home_of(home))
    with open_store(choice.home) as store:
        for drn in first_use(store, choice):
            state = store.load(drn).state
            if as_json:
                echo_json({"meter": drn, "profile": state.profile, "credit_kwh": kwh_text(state.credit.balance)})
            else:
                click.echo(f"{drn}  {state.profile:<8}{kwh_text(state.credit.balance):>12} kWh")
