"""What every command at a meter does first: find the home, open the memory, choose the meter, settle the time."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import click

from meter_emu.meter.clock import Seconds, moment_of, seconds_of
from meter_emu.meter.meter import Meter
from meter_emu.meter.profiles import PROFILES
from meter_emu.shell.console import (
    CallableT,
    Failure,
    MeterNumber,
    at_option,
    home_of,
    json_option,
    note,
    now,
)
from meter_emu.shell.database import PATIENCE_SECONDS
from meter_emu.shell.home import make_home
from meter_emu.store import FILE_NAME, AlreadyInstalled, Entry, Store
from meter_emu.sts.numbers import Drn

AHEAD: Seconds = 60
"""How far the meter's clock may be ahead of this machine's without a word."""
LONGEST_LEAP: Seconds = 10 * 366 * 86_400
"""How far ``--at`` may move a meter's clock in one command. A mistyped year would spoil the meter for ever."""
DEFAULT_DRN = Drn("12345678911")
Result = TypeVar("Result")
Act = Callable[[Meter, Seconds], tuple[Meter, Sequence[Entry], Result]]


class Choice(NamedTuple):
    """What the common options say."""

    home: str
    drn: Drn | None = None
    at: datetime | None = None
    profile: str | None = None

    @property
    def now(self) -> Seconds:
        """The time to act at."""
        return seconds_of(self.at or now())


class Session(NamedTuple):
    """An open memory and the meter a command is about."""

    store: Store
    drn: Drn
    choice: Choice

    def look(self) -> Meter:
        """The meter as it is now. Nothing is written."""
        meter = self.store.load(self.drn)
        self._tell_of_an_early_time(meter)
        return meter.advance(meter.time_at(self.choice.now))

    def act(self, act: Act[Result]) -> Result:
        """Do something to the meter, durably. ``act`` gets the meter, of the brand that was asked for, and the time."""
        return self.store.change(self.drn, lambda meter: self._acted(act, meter))

    def begin(self) -> None:
        """The brand and the time are settled, for a command that goes on by itself."""
        self.act(lambda meter, _: (meter, (), None))

    def _acted(self, act: Act[Result], meter: Meter) -> tuple[Meter, Sequence[Entry], Result]:
        self._tell_of_an_early_time(meter)
        refuse_a_leap(self.choice, meter.state.clock - meter.state.clock_offset, "the meter's clock")
        branded, entries = _branded(meter, self.choice.profile)
        after, more, result = act(branded, meter.time_at(self.choice.now))
        return after, [*entries, *more], result

    def _tell_of_an_early_time(self, meter: Meter) -> None:
        at, clock = self.choice.at, meter.state.clock - meter.state.clock_offset
        if at is not None and seconds_of(at) < clock:
            note(f"--at {at.isoformat()} is before the meter's clock, {moment_of(clock).isoformat()}, which never runs back")
        if at is None and self.choice.now + AHEAD < clock:
            note(f"the meter's clock is ahead, at {moment_of(clock).isoformat()}; it stands until then, or go on with --at")


def home_option(command: CallableT) -> CallableT:
    """``--home``, also after the command's name."""
    return click.option("--home", metavar="FOLDER", help="Folder with the meters and keys.toml.")(command)


def profile_option(command: CallableT) -> CallableT:
    """``--profile``: a brand."""
    brands = click.Choice(list(PROFILES))
    return click.option("--profile", type=brands, help="Be a meter of this brand from now on.")(command)


def meter_options(command: CallableT) -> CallableT:
    """The options every command at a meter takes; ``choice_of`` reads them."""
    which = click.option("--meter", "drn", type=MeterNumber(), metavar="DRN", help="Which meter, where there are several.")
    return which(at_option(json_option(home_option(command))))


def acting_options(command: CallableT) -> CallableT:
    """Those, and what only a command that changes the meter takes."""
    return meter_options(profile_option(command))


def choice_of(options: dict[str, Any]) -> Choice:
    """Take the common options out of a command's options."""
    return Choice(
        home=home_of(options.pop("home", None)),
        drn=options.pop("drn", None),
        at=options.pop("at", None),
        profile=options.pop("profile", None),
    )


@contextmanager
def open_store(home: str, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[Store]:
    """The memory in ``home``, made if need be. ``patience_seconds``: how long others' transactions are waited for."""
    make_home(home)
    with Store(os.path.join(home, FILE_NAME), patience_seconds) as store:
        yield store


@contextmanager
def session(choice: Choice, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[Session]:
    """The memory and the chosen meter; the default one is installed where there is none yet."""
    with open_store(choice.home, patience_seconds) as store:
        yield Session(store, _chosen(store, choice), choice)


def refuse_a_leap(choice: Choice, clock: Seconds, whose: str) -> None:
    """A usage error where ``--at`` is too far ahead of ``clock``."""
    if choice.at is not None and seconds_of(choice.at) - clock > LONGEST_LEAP:
        raise click.UsageError(
            f"--at {choice.at.isoformat()} is more than 10 years ahead of {whose}, {moment_of(clock).isoformat()}, "
            "and a meter's clock never runs back; if it is meant, go there in steps of 10 years"
        )


def first_use(store: Store, choice: Choice) -> tuple[Drn, ...]:
    """All meters; where there is none yet, the default one, which is installed and told of."""
    if drns := store.drns():
        return drns
    from meter_emu.cli.factory import install_meter
    from meter_emu.shell.key_file import key_store

    keys = key_store(None, choice.home)
    refuse_a_leap(choice, seconds_of(now()), "this machine's clock")
    note(f"no meter here yet: installing {DEFAULT_DRN} (meter-emu install takes another)")
    with suppress(AlreadyInstalled):  # Another process may have been first; then its meter is the one.
        install_meter(store, keys, keys.card(DEFAULT_DRN), choice.now, choice.profile)
    return store.drns()


def _branded(meter: Meter, profile: str | None) -> tuple[Meter, Sequence[Entry]]:
    if profile in (None, meter.state.profile):
        return meter, ()
    branded = meter._replace(state=meter.state._replace(profile=str(profile)))
    return branded, [Entry(meter.state.clock, "profile", {"profile": profile})]


def _chosen(store: Store, choice: Choice) -> Drn:
    drns = first_use(store, choice) if choice.drn in (None, DEFAULT_DRN) else store.drns()
    if choice.drn in drns:
        return choice.drn
    if choice.drn is not None:
        raise Failure(f"meter {choice.drn} is not installed: meter-emu meters lists those that are, install adds one")
    if len(drns) > 1:
        listed = ", ".join(drns[:5]) + (", ..." if len(drns) > 5 else "")
        raise click.UsageError(f"there are {len(drns)} meters here: choose one with --meter ({listed})")
    return drns[0]
