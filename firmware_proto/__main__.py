"""``python -m firmware_proto``: the pictures and the page about the protocol, printed from its tables."""

import click

from meter_emu.shell.console import run


@click.group()
def firmware_proto() -> None:
    """The meter on a wire: documentation printed from the tables of IEC 62056-21."""


@firmware_proto.command()
@click.argument("end", type=click.Choice(("meter", "client")), default="meter")
def diagram(end: str) -> None:
    """Print the states of one END as a Mermaid diagram."""
    from firmware_proto.protocol import diagram as pictures

    click.echo(pictures.diagram(end))


@firmware_proto.command()
def document() -> None:
    """Print the page docs/iec-62056-21.md."""
    from firmware_proto.protocol import diagram as pictures

    click.echo(pictures.document(), nl=False)


run(firmware_proto, "python -m firmware_proto")
