"""What ``pln-sim day`` does with what it was told. Here the day meets the meters."""

import os
import signal
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr
from datetime import date, datetime
from io import StringIO
from pathlib import Path

import click

from meter_emu import __version__
from meter_emu.cli.factory import install_meter
from meter_emu.cli.session import Choice, session
from meter_emu.cli.token_entry import key_in
from meter_emu.meter.clock import seconds_of
from meter_emu.shell import console
from meter_emu.shell.errors import FileError
from meter_emu.shell.home import make_home
from meter_emu.store import FILE_NAME, Store
from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers.drn import Drn
from pln_sim.day.cast import FIRST_DAY, LAST_DAY, Plan
from pln_sim.day.closing import SWITCHER_ID, Closing
from pln_sim.day.director import Cast, Director
from pln_sim.day.house import House
from pln_sim.day.ledgers import Ledgers, read_ledgers
from pln_sim.day.meters import Keyed
from pln_sim.day.page import as_page
from pln_sim.day.story import Story
from pln_sim.reconciliation.calendar import indonesian_calendar
from pln_sim.reconciliation.errors import BrokenFile
from pln_sim.vending.money import format_rupiah

METERS = "meters"
_DAY_FILE = "day.txt"
"""What day a kept folder is of: its reconciliation date."""


class EmulatedMeters:
    """Meters of meter_emu in a folder, with the published test keys."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)

    def install(self, meters: Iterable[str], at: datetime) -> None:
        """Hang them on the walls."""
        make_home(self._folder)
        keys = KeyStore.empty()
        # That they have test keys is said once, on the page, and not for each.
        with Store(os.path.join(self._folder, FILE_NAME)) as store, redirect_stderr(StringIO()):
            for meter in meters:
                install_meter(store, keys, keys.card(Drn(meter)), seconds_of(at), None)

    def enter(self, meter: str, token: str, at: datetime) -> Keyed:
        """Key a token in."""
        with session(Choice(self._folder, Drn(meter), at)) as at_meter:
            after, outcome = key_in(at_meter, token)
        return Keyed(outcome.accepted, tuple(after.lcd_texts(outcome)))


def play(*, output: Path | None, on: date | None, seed: int, wait: float, keep: Path | None, quiet: bool) -> bool:
    """Play, tell, write; whether the ledgers are equal."""
    day = on or console.now().date()
    if not FIRST_DAY <= day <= LAST_DAY:
        raise click.UsageError(
            f"{day} cannot be played: the tariffs and meters that come along are for {FIRST_DAY} to {LAST_DAY}"
        )
    reconciled_on = indonesian_calendar({}).reconciliation_date(day)
    with ExitStack() as stack:
        part = stack.enter_context(_part(output)) if output is not None else None
        # Ended from outside it takes its processes along, as when it is interrupted.
        stack.callback(signal.signal, signal.SIGTERM, signal.signal(signal.SIGTERM, signal.default_int_handler))
        folder = _kept(keep) if keep else Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pln-sim-day-")))
        house = stack.enter_context(House(folder))
        story = Story(house.clock.now, (lambda _: None) if quiet else click.echo)
        cast = Cast(day, Plan.of(seed), EmulatedMeters(folder / METERS), seed, wait)
        director = stack.enter_context(Director(cast, house, story))
        director.play()
        closing = Closing(director, reconciled_on)
        ledgers = closing.play()
        _write(folder / _DAY_FILE, f"{reconciled_on.isoformat()}\n")
        if output is not None and part is not None:
            _write(part, as_page(director, closing, ledgers, __version__))
            _rename(part, output)
    return _told(ledgers, output)


def compare(folder: Path) -> bool:
    """Compare the ledgers of a day that was kept; whether they are equal."""
    try:
        reconciled_on = date.fromisoformat((folder / _DAY_FILE).read_text("ascii").strip())
    except (FileNotFoundError, NotADirectoryError):
        raise console.Failure(f"no day was kept in {folder}: `pln-sim day --keep {folder}` plays one") from None
    except ValueError:
        raise BrokenFile(folder / _DAY_FILE, "must be a day like 2026-11-23") from None
    return _told(read_ledgers(folder / "home", SWITCHER_ID, reconciled_on), None)


def _told(ledgers: Ledgers, output: Path | None) -> bool:
    if output is not None:
        console.note(f"the story is in {output}")
    if ledgers.are_equal:
        click.echo(f"\nthe three ledgers are equal: {len(ledgers.rows)} purchases, {format_rupiah(ledgers.transfer)} to PLN")
        return True
    for fault in ledgers.faults:
        click.echo(f"pln-sim: not equal: {fault}", err=True)
    return False


def _kept(folder: Path) -> Path:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise console.Failure(f"{folder} is not empty: name another --keep")
    except OSError as error:
        raise FileError(f"{folder} cannot be made: {error.strerror}") from error
    return folder


@contextmanager
def _part(output: Path) -> Iterator[Path]:
    """A new file beside one, which is whole or as it was. Where it cannot be written is said now, not after the day."""
    if output.is_dir():
        raise FileError(f"{output} cannot be written: it is a folder")
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{output.name}.", suffix=".part", dir=output.parent)
        os.close(descriptor)
    except OSError as error:
        raise FileError(f"{output} cannot be written: {error.strerror}") from error
    part = Path(name)
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def _rename(part: Path, output: Path) -> None:
    """Put the file in its place, readable as any other that is written here."""
    mask = os.umask(0)
    os.umask(mask)
    try:
        part.chmod(0o666 & ~mask)
        part.replace(output)
    except OSError as error:
        raise FileError(f"{output} cannot be written: {error.strerror}") from error


def _write(path: Path, content: str) -> None:
    try:
        path.write_text(content, "utf-8")
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror}") from error
