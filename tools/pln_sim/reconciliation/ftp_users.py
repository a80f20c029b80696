"""The users of the FTP server: one for each party, with a password in a file (TOML, mode 0600) that only its owner can read.

The file is made on first use with random passwords, and is the only place where they stand.
"""

import os
import re
import secrets
from collections.abc import Mapping
from enum import Enum
from pathlib import Path

from meter_emu.shell.errors import FileError
from meter_emu.shell.input_file import read_file
from meter_emu.sts.errors import FormatError
from pln_sim.reconciliation.places import Place

FILE_NAME = "ftp.toml"
MAXIMUM_BYTES = 64 * 1024
_PASSWORD_BYTES = 24
_READ, _WRITE, _MOVE_AWAY = "elr", "elradfw", "elrf"
_PASSWORD = re.compile(r"[ -~]{12,200}")


class Party(Enum):
    """Who connects, by the name of its user."""

    PLN = "pln"
    CA = "ca"
    SWITCHING = "switching"


RIGHTS: Mapping[Party, Mapping[Place, str]] = {
    Party.PLN: {
        Place.TRANSACTION: _WRITE,
        Place.PROCESS: _READ,
        Place.SUSPECT: _READ,
        Place.FINAL: _WRITE,
    },
    Party.CA: {
        Place.TRANSACTION: _MOVE_AWAY,
        Place.PROCESS: _MOVE_AWAY,
        Place.SUSPECT: _WRITE,
        Place.FINAL: _READ,
        Place.SWITCHING: _READ,
    },
    Party.SWITCHING: {
        Place.TRANSACTION: _READ,
        Place.PROCESS: _READ,
        Place.SUSPECT: _READ,
        Place.FINAL: _READ,
        Place.SWITCHING: _WRITE,
    },
}
"""What each party may do where, in pyftpdlib's letters: e enter, l list, r read, a append, d delete, f rename, w write."""


def passwords(path: Path) -> dict[Party, str]:
    """Everybody's password. FormatError, one line that names the file, if others can read it or it says something wrong.

    FileError if it cannot be read.
    """
    import tomllib

    content = read_file(path, "FTP users file", MAXIMUM_BYTES, is_secret=True)
    try:
        document = tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        # The parser's own message may quote the line, and on that line may stand a password.
        raise FormatError(f"FTP users file {path} is not TOML") from None
    found = {}
    for party in Party:
        entry = document.get(party.value)
        password = entry.get("password") if isinstance(entry, dict) else None
        if not isinstance(password, str) or not _PASSWORD.fullmatch(password):
            raise FormatError(f"FTP users file {path}: [{party.value}] needs a password of at least 12 printable characters")
        found[party] = password
    return found


def make_passwords(path: Path) -> bool:
    """Make the file with random passwords if it is not there; whether it was made. FileError if it cannot be."""
    lines = [f'[{party.value}]\npassword = "{secrets.token_urlsafe(_PASSWORD_BYTES)}"\n' for party in Party]
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write("\n".join(lines))
            # A link and not a rename: whoever was first keeps his passwords.
            os.link(part, path)
        finally:
            part.unlink()
    except FileExistsError:
        return False
    except OSError as error:
        raise FileError(f"FTP users file {path} cannot be made: {error.strerror}") from error
    return True
