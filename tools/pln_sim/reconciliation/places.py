"""The places of the files (section 5): PLN's folders, and the switching's own, which is a server of its own in the document.

A Station holds the places: a folder here, or an FTP server. Everybody who publishes writes under a temporary name, renames,
and lets the control file follow; everybody who fetches looks for the control file first.
"""

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Protocol

from meter_emu.shell.errors import FileError
from pln_sim.reconciliation.data_file import LONGEST_CONTROL, private
from pln_sim.reconciliation.errors import NotPublished
from pln_sim.reconciliation.names import control_of
from pln_sim.reconciliation.totals import Control

_PIECE = 1 << 20


class Place(Enum):
    """A folder, by its path below the root."""

    TRANSACTION = "pre/transaction"
    """What PLN wrote and nobody has taken yet."""
    PROCESS = "pre/transaction/process"
    """What was taken from there."""
    SUSPECT = "pre/suspect"
    """What the collecting agent found."""
    FINAL = "pre/final"
    """PLN's verdict."""
    SWITCHING = "switching"
    """What the switching wrote."""


class Station(Protocol):
    """Where files are published and fetched. FileError, one line, for whatever fails."""

    def control(self, place: Place, name: str) -> Control | None:
        """What is published under a name; None if nothing is: it is not there, or not all of it."""

    def fetch(self, place: Place, name: str) -> Path:
        """A whole copy here of what is published, its control file beside it. NotPublished if it is not."""

    def fetch_beside(self, place: Place, name: str) -> Path | None:
        """A copy of a file without a control file of its own; None if there is none. Ask only for what came before the
        control file of another one."""

    def publish(self, path: Path, place: Place, beside: Sequence[Path] = ()) -> None:
        """Put a data file there, those ``beside`` it, and in the end its control file, in place of what is there."""

    def take(self, name: str) -> None:
        """Move a file and its control file from TRANSACTION to PROCESS, or the rest of them."""


class FolderStation:
    """A Station in a folder on this machine."""

    def __init__(self, root: Path) -> None:
        self._root = root
        try:
            for place in Place:
                (root / place.value).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(f"the folder {root} cannot be made: {error.strerror}; name another --folder") from error

    def control(self, place: Place, name: str) -> Control | None:
        """As Station says."""
        path = self._root / place.value / name
        try:
            with path.with_name(control_of(name)).open("rb") as file:
                content = file.read(LONGEST_CONTROL)
        except FileNotFoundError:
            return None
        return Control.parse(content, control_of(name)) if path.exists() else None

    def fetch(self, place: Place, name: str) -> Path:
        """As Station says: the file itself."""
        if self.control(place, name) is None:
            raise not_published(place, name)
        return self._root / place.value / name

    def fetch_beside(self, place: Place, name: str) -> Path | None:
        """As Station says: the file itself."""
        path = self._root / place.value / name
        return path if path.exists() else None

    def publish(self, path: Path, place: Place, beside: Sequence[Path] = ()) -> None:
        """As Station says."""
        folder = self._root / place.value
        with suppress(FileNotFoundError):
            (folder / control_of(path.name)).unlink()
        for source in (path, *beside, path.with_name(control_of(path.name))):
            part = folder / f"{source.name}.part"
            try:
                part.unlink(missing_ok=True)
                _copy(source, part)
                part.replace(folder / source.name)
            except OSError as error:
                raise FileError(f"{folder / source.name} cannot be written: {error.strerror}") from error

    def take(self, name: str) -> None:
        """As Station says."""
        source, target = self._root / Place.TRANSACTION.value, self._root / Place.PROCESS.value
        for each in (name, control_of(name)):
            with suppress(FileNotFoundError):
                (source / each).replace(target / each)


def not_published(place: Place, name: str) -> NotPublished:
    """The error for a file that may not be read yet."""
    return NotPublished(f"{name} is not in {place.value}: it must not be read before {control_of(name)} is there too")


def _copy(source: Path, target: Path) -> None:
    """The same file under another name, or its content on another disk. Files here are replaced and never changed."""
    try:
        os.link(source, target)
    except OSError:
        with source.open("rb") as here, open(target, "wb", opener=private) as there:
            shutil.copyfileobj(here, there, _PIECE)
            there.flush()
            os.fsync(there.fileno())
