"""``serve``: the meters at serial ports, real ones or made of software."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from meter_emu.cli.wire_options import BAUD_RATES
from meter_emu.meter.clock import LAST, Seconds, seconds_of
from meter_emu.shell.console import Failure, MeterNumber, home_of, note, now
from meter_emu.shell.duration import Duration
from meter_emu.shell.key_options import WholeNumber
from meter_emu.shell.network_address import Address, is_loopback, require_loopback

if TYPE_CHECKING:
    from firmware_proto.links.link import Link
    from meter_emu.store import Store
    from meter_emu.sts.numbers import Drn

ANY_NAME = "-"
"""What a pty is called that gets no name of its own."""
FASTEST = 86_400
LONGEST_REACTION = 1.5
"""Seconds: what the standard allows."""
NANO = 1_000_000_000
PATIENCE_SECONDS = 1.0
"""How long others' transactions are waited for: a client waits 1.5 s for its answer, and then for that of the next try."""


@click.command()
@click.option("--pty", "ptys", metavar="LINK", is_flag=False, flag_value=ANY_NAME, multiple=True,
              help="A pseudo terminal, with a symbolic link to it if LINK says where. Several.")  # fmt: skip
@click.option("--serial", "devices", metavar="DEVICE", multiple=True, help="A real port, like /dev/ttyUSB0. Several.")
@click.option("--tcp", "addresses", type=Address(), metavar="HOST:PORT", multiple=True, help="Port 0: any free one. Several.")
@click.option("--allow-remote", is_flag=True, help="Allow an address that other machines can reach.")
@click.option("--meter", "drns", type=MeterNumber(), metavar="DRN", multiple=True, help="Which meters; else all. Several.")
@click.option("--mode", type=click.Choice(["A", "B", "C"]), default="C", show_default=True,
              help="Of the protocol: A and B send their readout unasked, and take no commands.")  # fmt: skip
@click.option(
    "--baud", type=click.Choice(BAUD_RATES), help="What the meters offer at sign-on; else 9600, in mode A always 300."
)
@click.option("--initial-baud", type=click.Choice(BAUD_RATES), default="300", show_default=True, help="What they begin at.")
@click.option(
    "--format", "parity", type=click.Choice(["7E1", "8N1"]), help="Of characters; else 7E1 on --serial, 8N1 elsewhere."
)
@click.option("--reaction-time", type=Duration(0, LONGEST_REACTION),
              help="Before each answer; else 0.02, and 0.3 where the rate changes; 0 on --tcp.")  # fmt: skip
@click.option("--real-baud", is_flag=True, help="Let characters take as long as on a real line, also on --pty and --tcp.")
@click.option("--speed", type=WholeNumber(1, FASTEST), default=1, show_default=True, help="Meter seconds in a second.")
@click.option("--home", metavar="FOLDER", help="Folder with the meters and keys.toml.")
def serve(
    ptys: tuple[str, ...],
    devices: tuple[str, ...],
    addresses: tuple[tuple[str, int], ...],
    allow_remote: bool,
    **options: Any,
) -> None:
    """Let the meters be read, and take tokens, at serial ports (IEC 62056-21).

    Each link carries all the meters, as an RS-485 line does: the device address in the sign-on, a meter's number, selects one.
    Prints `listening on ...` for each link when all are ready; SIGTERM or Ctrl-C ends it. Other commands and the window act on
    the same meters meanwhile; without --meter, those installed meanwhile are there too. With --speed the meters' time is stored
    every second, so that they are what the wire tells, and stay so.
    """
    if not (ptys or devices or addresses) or not all(ptys + devices):
        raise click.UsageError("say where: --pty, --serial DEVICE or --tcp HOST:PORT")
    require_loopback((host for host, _ in addresses), allow_remote)
    options["baud"] = _baud(options["mode"], options["baud"])
    from firmware_proto.links.pseudo_terminal import PtyLink
    from firmware_proto.links.tcp import TcpLink

    links: list[Link] = [PtyLink(None if name == ANY_NAME else name) for name in ptys]
    if devices:
        from firmware_proto.links.serial_port import SerialLink

        links += [SerialLink(device) for device in devices]
    links += [TcpLink(*address) for address in addresses]
    _serve(links, options, is_remote=not all(is_loopback(host) for host, _ in addresses))


def _serve(links: "list[Link]", options: dict[str, Any], *, is_remote: bool) -> None:
    import asyncio
    import logging

    from firmware_proto.bench import Bench
    from firmware_proto.links.link import Manner, Parity
    from firmware_proto.protocol import Mode
    from firmware_proto.serving import serve as serve_bench
    from meter_emu.cli.session import Choice, first_use, open_store

    logging.basicConfig(format="meter-emu serve: %(message)s", level=logging.WARNING)
    choice = Choice(home_of(options["home"]))
    with open_store(choice.home, PATIENCE_SECONDS) as store:
        drns = _chosen(options["drns"], first_use(store, choice))
        world = _clock(store, drns, options["speed"])
        bench = Bench(store, options["drns"] or None, world, options["baud"], Mode(options["mode"]))
        if is_remote and (open_to_all := [drn for drn in drns if store.load(drn).state.access.customer.is_default]):
            note(f"everybody knows the password of meter {', '.join(open_to_all[:5])}; meter-emu install sets another")
        parity = None if options["parity"] is None else Parity(options["parity"])
        manner = Manner(options["reaction_time"], parity, options["real_baud"], int(options["initial_baud"]))
        asyncio.run(serve_bench(bench, links, manner, click.echo, runs_ahead=options["speed"] > 1))


def _baud(mode: str, wanted: str | None) -> int:
    """The rate to offer. A usage error for one that the mode does not have."""
    from firmware_proto.errors import LocalProtocolError
    from firmware_proto.protocol.baud_rates import Mode, character_of

    baud = int(wanted or ("300" if mode == "A" else "9600"))
    try:
        character_of(Mode(mode), baud)
    except LocalProtocolError as error:
        raise click.UsageError(f"--baud {baud}: {error}") from error
    return baud


def _chosen(wanted: "tuple[Drn, ...]", installed: "tuple[Drn, ...]") -> "tuple[Drn, ...]":
    """The meters to serve, each once. Failure for one that is not there."""
    for drn in wanted:
        if drn not in installed:
            raise Failure(f"meter {drn} is not installed: meter-emu meters lists those that are, install adds one")
    return tuple(dict.fromkeys(wanted or installed))


def _clock(store: "Store", drns: "tuple[Drn, ...]", speed: int) -> Callable[[], Seconds]:
    """The civil time, or one that runs ``speed`` times as fast from the latest time at which a meter was acted upon."""
    if speed == 1:
        return lambda: seconds_of(now())
    states = (store.load(drn).state for drn in drns)
    start = max(seconds_of(now()), *(state.clock - state.clock_offset for state in states)) * NANO
    began = time.monotonic_ns()
    return lambda: min((start + (time.monotonic_ns() - began) * speed) // NANO, LAST)
