"""The FTP server that holds the places, with pyftpdlib: each party has a user with its own rights, and nobody reads a data
file before its control file is there: "CAUTION: DO NOT download file .txt if is no .txt.ctl".
"""

import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from meter_emu.shell.errors import AddressError, FileError
from pln_sim.reconciliation.ftp_users import RIGHTS, Party
from pln_sim.reconciliation.names import Kind, control_of
from pln_sim.reconciliation.places import Place

MOST_CONNECTIONS = 64
MOST_CONNECTIONS_FROM_ONE_ADDRESS = 32
IDLE_SECONDS = 300
NEEDS_CONTROL = tuple(kind.value for kind in (Kind.TRANSACTION, Kind.SWITCHING, Kind.RECONCILIATION, Kind.FINAL))
_ENTER = "e"


@contextmanager
def ftp_server(root: Path, host: str, port: int, passwords: Mapping[Party, str]) -> Iterator[Any]:
    """A pyftpdlib server on ``root``, listening; ``serve`` has it serve. Everything is closed when this ends.

    AddressError if it cannot listen there, FileError if the folders cannot be made or pyftpdlib is missing.
    """
    try:
        with warnings.catch_warnings():
            # It uses asyncore, which Python 3.12 gives away to a package of that name.
            warnings.simplefilter("ignore", DeprecationWarning)
            from pyftpdlib.authorizers import DummyAuthorizer
            from pyftpdlib.handlers import FTPHandler
            from pyftpdlib.ioloop import IOLoop
            from pyftpdlib.servers import FTPServer
    except ImportError:
        raise FileError("the FTP server comes with the package `pyftpdlib`: pip install 'meter-emu[recon]'") from None

    class Handler(FTPHandler):  # type: ignore[misc]
        """Refuses a data file whose control file is not there."""

        timeout = IDLE_SECONDS
        banner = "reconciliation files"
        auth_failed_timeout = 1
        use_sendfile = False

        def ftp_RETR(self, file: str) -> Any:
            if file.endswith(NEEDS_CONTROL) and not os.path.exists(control_of(file)):
                self.respond(f"550 There is no {os.path.basename(control_of(file))} yet.")
                return None
            return super().ftp_RETR(file)

    authorizer = DummyAuthorizer()
    try:
        for place in Place:
            (root / place.value).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"the folder {root} cannot be made: {error.strerror}; name another --folder") from error
    base = root.resolve()
    for party, rights in RIGHTS.items():
        authorizer.add_user(party.value, passwords[party], str(base), perm=_ENTER)
        for place, letters in rights.items():
            authorizer.override_perm(party.value, str(base / place.value), letters)
    Handler.authorizer = authorizer
    loop = IOLoop()
    try:
        server = FTPServer((host, port), Handler, ioloop=loop)
    except OSError as error:
        loop.close()
        raise AddressError(f"cannot listen on {host}:{port}: {error.strerror or error}; choose another address") from error
    server.max_cons, server.max_cons_per_ip = MOST_CONNECTIONS, MOST_CONNECTIONS_FROM_ONE_ADDRESS
    try:
        yield server
    finally:
        server.close_all()


def serve(server: Any, stopped: Callable[[], bool]) -> None:
    """Serve until ``stopped``, asked several times a second, says so."""
    while not stopped():
        # Not serve_forever, which says that it starts each time it is called.
        server.ioloop.loop(timeout=0.2, blocking=False)
