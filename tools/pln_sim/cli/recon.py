"""``pln-sim recon``: the table of its commands."""

import click

from meter_emu.shell.lazy_group import LazyGroup

COMMANDS = {
    "gateway": "pln_sim.cli.recon_steps",
    "switching": "pln_sim.cli.recon_steps",
    "ca": "pln_sim.cli.recon_steps",
    "final": "pln_sim.cli.recon_steps",
    "report": "pln_sim.cli.recon_steps",
    "day": "pln_sim.cli.recon_steps",
    "audit": "pln_sim.cli.recon_audit",
}


@click.group(cls=LazyGroup, modules=COMMANDS)
def recon() -> None:
    """Reconcile a working day: gateway, switching, ca, final, report, or all of them: day.

    Every step can be run again; what is done stays as it is. Files lie in FOLDER/pre/... and FOLDER/switching, here or on an
    FTP server (`pln-sim ftp`).
    """
