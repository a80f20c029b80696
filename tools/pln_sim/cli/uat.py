"""``pln-sim uat``: the acceptance test of section 6 against any gateway. Only options are declared here."""

from __future__ import annotations

from typing import Any

import click

from meter_emu.shell import console
from meter_emu.shell.duration import Duration
from pln_sim import DEFAULT_GATEWAY

REPORTS = (".html", ".json")


@click.command()
@click.option("--gateway", default=DEFAULT_GATEWAY, metavar="HOST:PORT", show_default=True, help="The gateway under test.")
@click.option("--plan", type=console.PATH, metavar="FILE", help="Who is registered there, meters by case (TOML).")
@click.option("--show-plan", is_flag=True, help="Print the built-in plan, a file to start from, then stop.")
@click.option("--wait", type=Duration(0.05, 60), default=5, show_default=True, help="After so long it is silence.")
@click.option(
    "--transactions",
    type=click.IntRange(0, 10_000_000),
    default=1000,
    show_default=True,
    metavar="N",
    help="0: functional only.",
)
@click.option(
    "--connections", type=click.IntRange(1, 500), default=4, show_default=True, metavar="N", help="At once, in both tests."
)
@click.option(
    "--report",
    "reports",
    type=console.PATH,
    multiple=True,
    metavar="FILE",
    help="Write it there too: .html for a browser, .json for a machine; repeatable.",
)
@click.option("--allow-remote", is_flag=True, help="Let the gateway be on another machine.")
@console.json_option
def uat(show_plan: bool, **options: Any) -> None:
    """Test a gateway, this one or your own, as PLN's acceptance test does.

    Functional: every flow and every response code, over the wire alone. Performance: 1 000 purchases, at least 5 a second, no
    reply after more than 5 s. The built-in plan fits `pln-sim gateway`; it buys tokens, so never point it at a real network.

    Exit 0 if everything passed, 1 if something failed.
    """
    if show_plan:
        from pln_sim.acceptance.plan import built_in_text

        click.echo(built_in_text(), nl=False)
        return
    for path in options["reports"]:
        if path.suffix not in REPORTS:
            raise click.UsageError(f"--report takes a file that ends in {' or '.join(REPORTS)}, not {path.name[:60]!r}")
    from pln_sim.cli.uat_work import run

    if not run(**options):
        click.get_current_context().exit(console.REFUSED)
