"""``run``: the meter while time passes, its LCD live on the terminal or as lines in a pipe.

On a terminal the keyboard is the keypad: digits, Backspace, Enter; q ends. For 20 seconds after a key time runs at its own
pace, however fast it ran before. The meter is the one in the memory, so what
other commands do to it meanwhile is seen here at once.
"""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any

import click

from meter_emu.cli.session import Session, acting_options, choice_of, session
from meter_emu.meter.clock import LAST, Seconds, moment_of
from meter_emu.meter.display import CreditLed, Display
from meter_emu.meter.meter import LARGEST_LOAD, Meter
from meter_emu.meter.panel import Key
from meter_emu.shell.console import echo_json
from meter_emu.shell.key_options import WholeNumber
from meter_emu.store import Entry
from meter_emu.store.entries import load_entry, token_entry

FRAME = 0.1
"""Seconds between two looks at the keyboard and the meter."""
FASTEST = 86_400
NANO = 1_000_000_000
KEYING_TIME = 20
"""Seconds after a key in which time runs at its own pace."""
LONGEST_RUN: Seconds = 100 * 366 * 86_400
LED_COLOURS = {
    CreditLed.GREEN: "green",
    CreditLed.YELLOW: "yellow",
    CreditLed.RED: "red",
    CreditLed.RED_BLINKING: "blink red",
    CreditLed.OFF: "black",
}
KEYS = {"\x7f": Key.BACKSPACE, "\x08": Key.BACKSPACE, "\r": Key.ENTER, "\n": Key.ENTER} | {
    digit: Key(digit) for digit in "0123456789"
}
QUIT = "q"


@click.command()
@click.option("--load", "watts", type=WholeNumber(0, LARGEST_LOAD), help="The load in W from now on.")
@click.option("--speed", type=WholeNumber(1, FASTEST), default=1, show_default=True, help="Meter seconds in a second.")
@click.option("--for", "duration", type=WholeNumber(1, LONGEST_RUN), metavar="SECONDS", help="End after so many meter seconds.")
@acting_options
def run(watts: int | None, speed: int, duration: Seconds | None, as_json: bool, **options: Any) -> None:
    """Let time pass and watch the LCD.

    Ends with Ctrl-C (on a terminal also q), or after --for; nothing is lost.
    """
    choice = choice_of(options)
    with session(choice) as at_meter:
        if watts is None:
            at_meter.begin()
        else:
            at_meter.act(lambda meter, now: _loaded(meter, watts, now))
        seen = at_meter.store.load(at_meter.drn).state
        start = max(seen.clock - seen.clock_offset, choice.now)
        clock = _MeterClock(start, speed, None if duration is None else start + duration)
        on_terminal = sys.stdout.isatty() and not as_json
        show = _terminal() if on_terminal else _lines(as_json)
        with show as display, _keyboard() as read_keys, _until_told_to_stop() as is_stopped:
            _live(at_meter, clock, display, read_keys, is_stopped)


def _live(
    at_meter: Session,
    clock: "_MeterClock",
    show: Callable[[Meter, Seconds], None],
    read_keys: Callable[[], str],
    is_stopped: Callable[[], bool],
) -> None:
    committed: Seconds | None = None
    for now in clock:
        typed = read_keys()
        if typed:
            clock.slow_down()
        if typed or now != committed:
            keys = [KEYS[character] for character in typed if character in KEYS]
            meter = at_meter.store.change(at_meter.drn, partial(_tick, now=now, keys=keys))
            committed = now
            show(meter, max(meter.time_at(now), meter.state.clock))
        if QUIT in typed or is_stopped():
            return
        time.sleep(FRAME)


def _tick(meter: Meter, now: Seconds, keys: list[Key]) -> tuple[Meter, list[Entry], Meter]:
    now = meter.time_at(now)
    meter, entries = meter.advance(now), []
    for key in keys:
        line = meter.panel.line_at(meter.state.clock, meter.profile.line_timeout)
        meter, outcome = meter.press(key, now)
        if outcome is not None:
            entries.append(token_entry(meter, line, outcome))
    return meter, entries, meter


def _loaded(meter: Meter, watts: int, now: Seconds) -> tuple[Meter, list[Entry], None]:
    after = meter.set_load(watts, now)
    return after, [load_entry(after)], None


class _MeterClock:
    """The meter's time, frame by frame, up to and with ``end``: ``speed`` seconds to the second, but for a while after a key
    one, or nobody could key a token or read its answer."""

    def __init__(self, start: Seconds, speed: int, end: Seconds | None) -> None:
        self._now, self._speed = start * NANO, speed
        self._end = (LAST if end is None else min(end, LAST)) * NANO
        self._looked = self._slow_until = time.monotonic_ns()

    def __iter__(self) -> Iterator[Seconds]:
        yield self._now // NANO
        while self._now < self._end:
            looked = time.monotonic_ns()
            speed = 1 if looked < self._slow_until else self._speed
            self._now = min(self._end, self._now + (looked - self._looked) * speed)
            self._looked = looked
            yield self._now // NANO

    def slow_down(self) -> None:
        """A key was pressed."""
        self._slow_until = time.monotonic_ns() + KEYING_TIME * NANO


@contextmanager
def _lines(as_json: bool) -> Iterator[Callable[[Meter, Seconds], None]]:
    """In a pipe: a line whenever the display has changed."""
    shown: Display | None = None

    def show(meter: Meter, now: Seconds) -> None:
        nonlocal shown
        display = meter.display(now)
        if display == shown:
            return
        shown = display
        at, lines = moment_of(now).isoformat(), [line.strip() for line in display.lines]
        relay = "closed" if display.is_relay_closed else "open"
        if as_json:
            echo_json({"at": at, "lcd": lines, "led": display.credit_led, "relay": relay, "beep": display.is_beeping})
        else:
            beep = " (beep)" if display.is_beeping else ""
            click.echo(f"{at}  {' | '.join(line for line in lines if line):<34}  {display.credit_led}, relay {relay}{beep}")
        sys.stdout.flush()

    yield show


@contextmanager
def _terminal() -> Iterator[Callable[[Meter, Seconds], None]]:
    """On a terminal: the meter's face, drawn in place."""
    from rich.align import Align
    from rich.live import Live
    from rich.panel import Panel
    from rich.text import Text

    with Live(auto_refresh=False) as live:

        def show(meter: Meter, now: Seconds) -> None:
            display, columns = meter.display(now), meter.profile.lcd_columns
            text = Text()
            for line in display.lines:
                text.append(f" {line:<{columns}} \n", style="black on green" if display.is_lit else "on black")
            text.append("\n● ", style=LED_COLOURS[display.credit_led])
            text.append("credit   ")
            text.append(
                "relay closed" if display.is_relay_closed else "relay OPEN", style="" if display.is_relay_closed else "red"
            )
            text.append("   BEEP" if display.is_beeping else "")
            text.append(f"\n{moment_of(now):%Y-%m-%d %H:%M:%S}   load {meter.state.load} W")
            title = f"{meter.profile.maker} {meter.state.drn}"
            live.update(Panel(Align.center(text), title=title, subtitle="0-9 Backspace Enter, q ends", width=44), refresh=True)

        yield show


@contextmanager
def _keyboard() -> Iterator[Callable[[], str]]:
    """What was typed since the last look; nothing where standard input is no terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        yield lambda: ""
        return
    import os
    import select
    import termios
    import tty

    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)

    def single_keys(*_: object) -> None:
        tty.setcbreak(descriptor)

    single_keys()
    # A shell that stopped the program and lets it go on has set the terminal its own way meanwhile.
    signal.signal(signal.SIGCONT, single_keys)

    def read() -> str:
        ready, _, _ = select.select([descriptor], [], [], 0)
        return os.read(descriptor, 256).decode("utf-8", "replace") if ready else ""

    try:
        yield read
    finally:
        signal.signal(signal.SIGCONT, signal.SIG_DFL)
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


@contextmanager
def _until_told_to_stop() -> Iterator[Callable[[], bool]]:
    """Ctrl-C and SIGTERM end the run after the frame they come in."""
    told: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        told.append(number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(told)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
