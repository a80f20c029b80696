"""A pseudo terminal: a serial port without hardware, to be opened by its name like any other.

Its far end is held open here too, so that clients can come and go. It is set to 8N1, since Linux gives a pseudo terminal no
parity. At a real baud rate the client's own setting counts: what the meter says at another rate arrives as noise, as it
would on a wire.
"""

import os
import pty
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from firmware_proto.bench import Bench, Line
from firmware_proto.links.link import TIMING_OF_A_PORT, Link, Lost, Manner
from firmware_proto.links.wire import Wire
from meter_emu.shell.errors import AddressError

_OUTPUT_SPEED = 5
_RATES = (300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)
_RATE_OF_SPEED = {getattr(termios, f"B{rate}"): rate for rate in _RATES}
NOISE = b"\x7f"


@dataclass(frozen=True)
class PtyLink(Link):
    """A pseudo terminal; ``name``, if there is one, becomes a symbolic link to it."""

    name: str | None = None

    @contextmanager
    def opened(self, bench: Bench, manner: Manner, lost: Lost) -> Iterator[str]:
        """Make it; the name to open."""
        near, far = pty.openpty()
        try:
            os.set_blocking(near, False)
            tty.setraw(far)
            _set_rate(far, manner.initial_baud)
            with _named(self.name, os.ttyname(far)) as name:
                wire = _PtyWire(
                    manner.line(bench, TIMING_OF_A_PORT, in_software=True), near, lost, manner=manner, far=far, name=name
                )
                try:
                    yield name
                finally:
                    wire.close()
        finally:
            os.close(near)
            os.close(far)


class _PtyWire(Wire):
    def __init__(self, line: Line, near: int, lost: Lost, *, manner: Manner, far: int, name: str) -> None:
        self._far = far
        super().__init__(
            line,
            near,
            lambda reason: lost(f"{name}: {reason}"),
            baud=manner.initial_baud,
            is_real_baud=manner.is_real_baud,
        )

    def _write(self, data: bytes) -> int:
        if self._is_real_baud and _RATE_OF_SPEED.get(termios.tcgetattr(self._far)[_OUTPUT_SPEED], self.baud) != self.baud:
            data = NOISE * len(data)
        return super()._write(data)

    def _begin_session(self) -> None:
        # A client that is gone has left things unread, which are nothing to this one.
        with suppress(termios.error):
            termios.tcflush(self._far, termios.TCIFLUSH)


@contextmanager
def _named(name: str | None, device: str) -> Iterator[str]:
    """The symbolic link, made and in the end removed. AddressError if something else is there."""
    if name is None:
        yield device
        return
    if os.path.islink(name) and (not os.path.exists(name) or os.readlink(name) == device):
        os.unlink(name)  # Left behind by a meter that was killed.
    try:
        os.symlink(device, name)
    except FileExistsError as error:
        raise AddressError(f"{name} is there already: name another place for the pty, or remove it") from error
    except OSError as error:
        raise AddressError(f"{name} cannot be made: {error.strerror}; name another place for the pty") from error
    try:
        yield name
    finally:
        with suppress(OSError):
            if os.readlink(name) == device:
                os.unlink(name)


def _set_rate(descriptor: int, baud: int) -> None:
    attributes = termios.tcgetattr(descriptor)
    attributes[_OUTPUT_SPEED - 1] = attributes[_OUTPUT_SPEED] = getattr(termios, f"B{baud}")
    termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
