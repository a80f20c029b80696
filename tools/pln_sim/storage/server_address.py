"""ServerAddress: where a PostgreSQL server is, and what may be told of it, which is everything but the password.

>>> address = ServerAddress("postgresql://agus:pala%40pinang@127.0.0.1:5433/vending")
>>> str(address), address
('vending database postgresql://agus@127.0.0.1:5433/vending', ServerAddress('postgresql://agus@127.0.0.1:5433/vending'))
>>> ServerAddress("postgresql://agus:pala@pinang@127.0.0.1/vending")  # doctest: +ELLIPSIS
Traceback (most recent call last):
    ...
meter_emu.sts.errors.FormatError: --db is no PostgreSQL address: write postgresql://USER@HOST:PORT/DATABASE, ...
"""

from typing import Any

from meter_emu.shell.errors import BusyError, FileError
from meter_emu.sts.errors import FormatError

_SECRETS = ("password", "sslpassword")
_CONNECT_SECONDS = 10
_SILENCE_MILLISECONDS = 30_000
_KEEPALIVE_SECONDS = 10
NEEDS_PSYCOPG = "a PostgreSQL database needs psycopg: pip install 'meter-emu[postgres]'"
_LONGEST = 200
_WRONG = (
    "--db is no PostgreSQL address: write postgresql://USER@HOST:PORT/DATABASE, and @ : / % in a password as %40 %3A %2F %25"
)


class ServerError(FileError):
    """A database server cannot be used as it is."""


class BusyServer(ServerError, BusyError):
    """Others keep a database server busy."""


class ServerAddress:
    """What a ``postgresql://`` URL says. FormatError, with nothing of the URL in it, if it is none."""

    def __init__(self, url: str) -> None:
        try:
            from psycopg import ProgrammingError
            from psycopg.conninfo import conninfo_to_dict
        except ImportError:
            raise ServerError(NEEDS_PSYCOPG) from None
        authority, *path = url.partition("://")[2].partition("?")[0].split("/")
        if authority.count("@") > 1 or any("@" in part for part in path):
            raise FormatError(_WRONG, field="db")  # part of a password would be taken for the host, and told in errors
        try:
            said = conninfo_to_dict(url)
        except (ProgrammingError, UnicodeError):
            raise FormatError(_WRONG, field="db") from None
        self.parameters: dict[str, Any] = {
            "connect_timeout": _CONNECT_SECONDS,
            "tcp_user_timeout": _SILENCE_MILLISECONDS,
            "keepalives_idle": _KEEPALIVE_SECONDS,
            "keepalives_interval": _KEEPALIVE_SECONDS,
            "keepalives_count": 2,
            "application_name": "pln-sim",
            **said,
        }
        """For psycopg.connect, password and all."""
        user = f"{said['user']}@" if "user" in said else ""
        port = f":{said['port']}" if "port" in said else ""
        self._public = f"postgresql://{user}{said.get('host', '')}{port}/{said.get('dbname', '')}"

    def __str__(self) -> str:
        return f"vending database {self._public}"

    def __repr__(self) -> str:
        return f"ServerAddress({self._public!r})"

    def told(self, error: Exception, advice: str) -> str:
        """One line about an error: the first of the server's own, without the password, and what to do."""
        words = (str(error).strip().splitlines() or [type(error).__name__])[0]
        for name in _SECRETS:
            if secret := self.parameters.get(name):
                words = words.replace(str(secret), "***")
        return f"{self}: {words[:_LONGEST]}: {advice}"
