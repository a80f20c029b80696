"""``pln-sim``: the table of its commands."""

import click

from meter_emu.shell.lazy_group import LazyGroup

COMMANDS = {
    "buy": "pln_sim.cli.buy",
    "day": "pln_sim.cli.day",
    "desk": "pln_sim.cli.desk",
    "faults": "pln_sim.cli.faults",
    "ftp": "pln_sim.cli.ftp",
    "gateway": "pln_sim.cli.gateway",
    "message": "pln_sim.cli.message",
    "recon": "pln_sim.cli.recon",
    "reseller": "pln_sim.cli.reseller",
    "sales": "pln_sim.cli.sales",
    "token": "pln_sim.cli.token",
    "uat": "pln_sim.cli.uat",
    "upgrade": "pln_sim.cli.upgrade",
    "vend": "pln_sim.cli.vend",
}


@click.group(name="pln-sim", cls=LazyGroup, modules=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--home", metavar="FOLDER", help="Where files are kept (else METER_EMU_HOME, else your data folder).")
@click.version_option(package_name="meter-emu", prog_name="pln-sim", message="%(prog)s %(version)s")
def pln_sim(home: str | None) -> None:
    """The supply side of a prepaid meter: makes the tokens that meter-emu takes.

    Exit codes: 0 done, 1 refused or failed, 2 wrong usage.
    """
