"""A real serial port: UART, RS-485 adapter, USB. Its own hardware keeps the line time and makes the parity bit."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import serial

from firmware_proto.bench import Bench, Line
from firmware_proto.errors import reason_of
from firmware_proto.links.link import TIMING_OF_A_PORT, Link, Lost, Manner, Parity
from firmware_proto.links.wire import TICK, Wire
from firmware_proto.protocol.characters import BITS_PER_CHARACTER
from meter_emu.shell.errors import AddressError

CHARACTERS_IN_THE_ADAPTER = 2
"""What may still be in the hardware once the system's own buffer is empty."""
_FORMATS = {
    Parity.SEVEN_EVEN: (serial.SEVENBITS, serial.PARITY_EVEN),
    Parity.EIGHT_NONE: (serial.EIGHTBITS, serial.PARITY_NONE),
}


@dataclass(frozen=True)
class SerialLink(Link):
    """The port ``device``, 7E1 if nothing else is said, as the standard has it."""

    device: str

    @contextmanager
    def opened(self, bench: Bench, manner: Manner, lost: Lost) -> Iterator[str]:
        """Open it; its name."""
        data_bits, parity = _FORMATS[manner.parity or Parity.SEVEN_EVEN]
        try:
            port = serial.Serial(
                self.device, manner.initial_baud, data_bits, parity, timeout=0, write_timeout=0, exclusive=True
            )
        except (serial.SerialException, OSError, ValueError) as error:
            raise AddressError(
                f"{self.device} cannot be used: {reason_of(error)}; is it there, yours to use, and free?"
            ) from error
        with port:
            wire = _SerialWire(
                manner.line(bench, TIMING_OF_A_PORT, in_software=False),
                port,
                lambda reason: lost(f"{self.device} is lost: {reason}"),
                baud=manner.initial_baud,
            )
            try:
                yield self.device
            finally:
                wire.close()


class _SerialWire(Wire):
    def __init__(self, line: Line, port: serial.Serial, lost: Lost, *, baud: int) -> None:
        self._port = port
        self._is_drained = False
        super().__init__(line, port.fileno(), lost, baud=baud)

    def _change_baud(self, baud: int) -> float:
        if self._port.out_waiting:
            self._is_drained = False
            return TICK
        if not self._is_drained:
            self._is_drained = True
            return CHARACTERS_IN_THE_ADAPTER * BITS_PER_CHARACTER / self.baud
        self._is_drained = False
        self._port.baudrate = baud
        return super()._change_baud(baud)
