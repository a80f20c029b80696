"""A Station on an FTP server. A transfer that is cut off is resumed, or repeated; nothing is taken half.

An upload cut in the middle can still be answered 226, so sizes and control files decide: uploads go to a temporary name and
are renamed when the server has as many bytes as we do. Downloads go to ``NAME.part`` and are resumed where they ended; one
that was resumed is read through before it gets its name.
"""

import ftplib
from collections.abc import Callable, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from meter_emu.shell.errors import FileError
from pln_sim.reconciliation.columns import SUSPECTS, TRANSACTIONS
from pln_sim.reconciliation.data_file import LONGEST_CONTROL, DataFile, Progress, no_progress, private, write_whole
from pln_sim.reconciliation.errors import BrokenFile
from pln_sim.reconciliation.names import Kind, control_of
from pln_sim.reconciliation.places import Place, not_published
from pln_sim.reconciliation.totals import Control

ATTEMPTS = 5
TIMEOUT_SECONDS = 30.0
_PIECE = 1 << 18
_NOT_THERE = "550"
T = TypeVar("T")


class FtpStation:
    """A Station behind an address. A context manager. ``work`` is where copies are kept."""

    def __init__(
        self,
        address: tuple[str, int],
        user: str,
        password: str,
        work: Path,
        progress: Progress = no_progress,
        *,
        attempts: int = ATTEMPTS,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self._address = address
        self._user = user
        self._password = password
        self._work = work
        self._progress = progress
        self._attempts = attempts
        self._timeout = timeout
        self._ftp: ftplib.FTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._hang_up()

    def control(self, place: Place, name: str) -> Control | None:
        """As Station says."""
        content = self._small(place, control_of(name), LONGEST_CONTROL)
        if content is None or self._size(_at(place, name)) is None:
            return None
        return Control.parse(content, control_of(name))

    def fetch(self, place: Place, name: str) -> Path:
        """As Station says; a copy that is here already, and still the same, is not fetched again."""
        control, path = self.control(place, name), self._work / name
        if control is None:
            raise not_published(place, name)
        size = self._size(_at(place, name))
        copy = path.with_name(control_of(name))
        with suppress(OSError):
            if path.stat().st_size == size and copy.read_bytes() == control.row:
                return path
        with suppress(FileNotFoundError):
            copy.unlink()
        self._download(_at(place, name), path, control)
        write_whole(copy, [control.row])
        return path

    def fetch_beside(self, place: Place, name: str) -> Path | None:
        """As Station says."""
        if self._size(_at(place, name)) is None:
            return None
        path = self._work / name
        with suppress(FileNotFoundError):
            _part(path).unlink()
        self._download(_at(place, name), path, None)
        return path

    def publish(self, path: Path, place: Place, beside: Sequence[Path] = ()) -> None:
        """As Station says."""
        control = path.with_name(control_of(path.name))
        self._often(lambda ftp: _quietly(lambda: ftp.delete(_at(place, control.name))))
        for source in (path, *beside, control):
            self._upload(source, _at(place, source.name))

    def take(self, name: str) -> None:
        """As Station says."""
        for each in (name, control_of(name)):
            source, target = _at(Place.TRANSACTION, each), _at(Place.PROCESS, each)
            self._often(lambda ftp, source=source, target=target: _quietly(lambda: ftp.rename(source, target)))  # type: ignore[misc]

    def _small(self, place: Place, name: str, most: int) -> bytes | None:
        def read(ftp: ftplib.FTP) -> bytes:
            content = BytesIO()

            def keep(piece: bytes) -> None:
                if content.tell() <= most:
                    content.write(piece)

            ftp.retrbinary(f"RETR {_at(place, name)}", keep)
            return content.getvalue()

        return self._often(lambda ftp: _quietly(lambda: read(ftp)))

    def _size(self, remote: str) -> int | None:
        return self._often(lambda ftp: _quietly(lambda: ftp.size(remote)))

    def _download(self, remote: str, path: Path, control: Control | None) -> None:
        """Fetch a file whole. One that was resumed must agree with its control file, or it is fetched anew."""
        part = _part(path)
        was_resumed = part.exists()
        self._often(lambda ftp: self._download_rest(ftp, remote, part))
        if was_resumed and control is not None and not _is_whole(part, path.name, control):
            part.unlink()
            self._often(lambda ftp: self._download_rest(ftp, remote, part))
        part.replace(path)

    def _download_rest(self, ftp: ftplib.FTP, remote: str, part: Path) -> None:
        size = ftp.size(remote)
        done = part.stat().st_size if part.exists() else 0
        if size is None or done > size:
            part.unlink(missing_ok=True)
            done = 0
        if done != size or not part.exists():
            self._progress.expect((size or done) - done)
            with open(part, "ab", opener=private) as file:

                def keep(piece: bytes) -> None:
                    file.write(piece)
                    self._progress(len(piece))

                ftp.retrbinary(f"RETR {remote}", keep, _PIECE, rest=done or None)
        if part.stat().st_size != size:
            raise EOFError("the transfer was cut off")

    def _upload(self, source: Path, remote: str) -> None:
        def send(ftp: ftplib.FTP) -> None:
            self._progress.expect(source.stat().st_size)
            with source.open("rb") as file:
                ftp.storbinary(f"STOR {remote}.part", file, _PIECE, lambda piece: self._progress(len(piece)))
            if ftp.size(f"{remote}.part") != source.stat().st_size:
                raise EOFError("the transfer was cut off")
            ftp.rename(f"{remote}.part", remote)

        self._often(send)

    def _often(self, act: Callable[[ftplib.FTP], T]) -> T:
        """Do something, with another connection if the one there is fails. FileError if none does."""
        trouble = ""
        for _ in range(self._attempts):
            try:
                return act(self._connected())
            except ftplib.error_perm as error:
                self._hang_up()
                raise FileError(f"{self._where} refuses: {_words(error)}") from None
            except (OSError, EOFError, ftplib.Error) as error:
                self._hang_up()
                trouble = _words(error)
                if isinstance(error, ConnectionRefusedError):
                    break
        raise FileError(f"{self._where}: {trouble}: nothing was taken half, run it again")

    def _connected(self) -> ftplib.FTP:
        if self._ftp is None:
            ftp = ftplib.FTP(timeout=self._timeout)
            try:
                ftp.connect(*self._address)
                ftp.login(self._user, self._password)
                ftp.voidcmd("TYPE I")
            except BaseException:
                ftp.close()
                raise
            self._ftp = ftp
        return self._ftp

    def _hang_up(self) -> None:
        if self._ftp is not None:
            self._ftp.close()
            self._ftp = None

    @property
    def _where(self) -> str:
        host, port = self._address
        return f"FTP server {host}:{port}"


def _at(place: Place, name: str) -> str:
    return f"/{place.value}/{name}"


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _quietly(act: Callable[[], T]) -> T | None:
    """What it returns; None for a file that is not there."""
    try:
        return act()
    except ftplib.error_perm as error:
        if not str(error).startswith(_NOT_THERE):
            raise
        return None


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _is_whole(path: Path, name: str, control: Control) -> bool:
    layout = TRANSACTIONS if name.endswith((Kind.TRANSACTION.value, Kind.SWITCHING.value)) else SUSPECTS
    file = DataFile(path, layout, name[:7], without_control=True)
    try:
        for _ in file:
            pass
    except BrokenFile:
        return False
    return file.totals.control == control
