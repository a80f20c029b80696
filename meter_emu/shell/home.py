"""Where both commands keep their files: ``--home``, else METER_EMU_HOME, else the user's data folder.

meters.db   the meters and their journal
tids.db     which token identifiers the token generator has used
keys.toml   the key file, if there is one
"""

import os
from pathlib import Path

ENVIRONMENT_VARIABLE = "METER_EMU_HOME"


def data_home(option: str | None) -> Path:
    """The folder, not yet made. ``option`` is what ``--home`` said."""
    place = option or os.environ.get(ENVIRONMENT_VARIABLE)
    if place:
        return Path(place)
    import platformdirs

    return Path(platformdirs.user_data_dir("meter-emu", appauthor=False))


def make_home(home: Path) -> None:
    """Make the folder, for its owner alone, since meters' keys will lie in it. OSError where it cannot be made."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
