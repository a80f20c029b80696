"""``pln-sim ftp``: the FTP server of the reconciliation files. See pln_sim.reconciliation.ftp_server."""

from pathlib import Path

import click

from meter_emu.shell import console
from meter_emu.shell.network_address import listen_option, require_loopback
from pln_sim.cli.token_request import home_folder, home_option


@click.command()
@listen_option("127.0.0.1:2121")
@click.option("--allow-remote", is_flag=True, help="Allow an address that other machines can reach; FTP hides nothing.")
@click.option("--folder", type=console.PATH, metavar="FOLDER", help="What is served; default: files in the home.")
@click.option("--users", type=console.PATH, metavar="FILE", help="Passwords (TOML, 0600); default: ftp.toml.")
@home_option
def ftp(listen: tuple[str, int], allow_remote: bool, folder: Path | None, users: Path | None, home: str | None) -> None:
    """Serve the reconciliation folders over FTP, to the users pln, ca and switching, each with its own rights.

    Their passwords stand in the users file, which is made on first use and which only you can read. Prints `listening on
    HOST:PORT` when ready. A data file cannot be read before its control file is there.
    """
    import logging
    import os
    import signal

    from meter_emu.shell.home import make_home
    from pln_sim.cli.recon_work import FOLDER
    from pln_sim.reconciliation.ftp_server import ftp_server, serve
    from pln_sim.reconciliation.ftp_users import FILE_NAME, make_passwords, passwords

    require_loopback([listen[0]], allow_remote)
    place = home_folder(home)
    make_home(place)
    path = users or place / FILE_NAME
    if make_passwords(path):
        console.note(f"made the passwords in {path}")
    os.umask(0o077)
    log = logging.getLogger("pyftpdlib")
    log.setLevel(logging.WARNING)
    log.addHandler(logging.StreamHandler())  # Without one it says each transfer and each login, in a manner of its own.
    stopped: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _: stopped.append(received))
    with ftp_server(folder or place / FOLDER, *listen, passwords(path)) as server:
        host, port = server.socket.getsockname()[:2]
        click.echo(f"listening on {host}:{port}")
        serve(server, lambda: bool(stopped))
