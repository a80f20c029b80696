"""Where both commands keep their files: ``--home``, else METER_EMU_HOME, else the user's data folder.

meters.db     the meters and their journal
vending.db    what gateway, vend and token sold and issued, and to whom they may
switching.db  what pln-sim buy has sent and received
helpdesk.db   what pln-sim desk has filed
reseller.db   the kiosks' accounts, their sales and the ledger; reseller.lock is held by pln-sim reseller serve
keys.toml     the key file, if there is one
"""

import os
import sys

from meter_emu.shell.errors import FileError

ENVIRONMENT_VARIABLE = "METER_EMU_HOME"


def data_home(option: str | None) -> str:
    """The folder, not yet made. ``option`` is what ``--home`` said."""
    return option or os.environ.get(ENVIRONMENT_VARIABLE) or _user_data_folder()


def make_home(home: str | os.PathLike[str]) -> None:
    """Make the folder, for its owner alone, since meters' keys will lie in it. FileError where it cannot be made."""
    try:
        os.makedirs(home, mode=0o700, exist_ok=True)
    except OSError as error:
        raise FileError(f"the home {home} cannot be made: {error.strerror}; name another --home") from error


def _user_data_folder() -> str:
    if sys.platform == "linux" and os.environ.get("HOME") and "XDG_DATA_HOME" not in os.environ:
        # What platformdirs answers here; asking it would make every command a fifth slower. A test holds the two together.
        return os.path.expanduser("~/.local/share/meter-emu")
    import platformdirs

    return platformdirs.user_data_dir("meter-emu", appauthor=False)
