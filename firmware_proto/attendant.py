"""The attendant of a line: answers what its meters are asked, out of the store they live in.

Every write is one transaction of the store, on disk before its acknowledgement leaves; a read writes nothing. So the wire,
the window and the commands act on the same meter at the same time. Who gave which password is the session's, and forgotten
with it. A store that is locked for too long, or lost, makes the meter busy and no more.
"""

import logging
from collections.abc import Callable, Sequence

from firmware_proto.error_text import ErrorText
from firmware_proto.meter_device import MeterDevice
from firmware_proto.protocol import (
    MeterEnd,
    MeterEvent,
    OperandRequested,
    PasswordGiven,
    ReadoutRequested,
    ReadRequested,
    SessionEnded,
    SignedOn,
    WriteRequested,
)
from firmware_proto.stored_meters import StoredMeters
from meter_emu.meter import Meter
from meter_emu.meter.access import Level
from meter_emu.meter.clock import Seconds
from meter_emu.shell.errors import FileError
from meter_emu.store import Entry
from meter_emu.sts.numbers import Drn

log = logging.getLogger("firmware_proto")
Act = Callable[[Meter, Seconds], tuple[Meter, Sequence[Entry], ErrorText | Level | None]]


class Attendant:
    """Answers for the meters of one line."""

    def __init__(self, meters: StoredMeters, device: MeterDevice) -> None:
        self._meters = meters
        self._device = device
        self._levels: dict[MeterEnd, Level] = {}

    def answer(self, end: MeterEnd, event: MeterEvent) -> None:
        """Give ``end`` the answer to ``event``. What cannot be answered now is busy, or failed if that is a defect of ours."""
        try:
            self._answer(end, event)
        except FileError as error:
            log.warning("meter %s is busy: %s", end.device_address, error)
            self._excuse(end, event, ErrorText.BUSY)
        except Exception as error:
            # Not the error's own words: they might quote a key.
            log.error("meter %s: %s, a defect of ours", end.device_address, type(error).__name__)
            self._excuse(end, event, ErrorText.FAILED)

    def _answer(self, end: MeterEnd, event: MeterEvent) -> None:
        match event:
            case SignedOn() | SessionEnded():
                self._levels.pop(end, None)
            case ReadoutRequested():
                end.readout(self._device.readout(self._look(end)))
            case OperandRequested():
                end.give_operand()
            case PasswordGiven(level, password):
                self._hear_password(end, Level(level), password)
            case ReadRequested(address, argument):
                answer = self._device.read(self._look(end), self._level(end), address, argument)
                if isinstance(answer, ErrorText):
                    end.refuse(answer)
                else:
                    end.reply(answer)
            case WriteRequested(data_sets):
                refusal = self._change(end, lambda meter, now: self._device.write(meter, self._level(end), data_sets, now))
                if isinstance(refusal, ErrorText):
                    end.refuse(refusal)
                else:
                    end.acknowledge()

    def _hear_password(self, end: MeterEnd, level: Level, password: str) -> None:
        meter = self._look(end)
        after, _, answer = self._device.give_password(meter, level, password, meter.state.clock)
        if after.state.access is not meter.state.access:
            # What is counted is counted for good, before anyone hears of it.
            answer = self._change(end, lambda meter, now: self._device.give_password(meter, level, password, now)) or answer
        if isinstance(answer, ErrorText):
            end.refuse(answer)
        else:
            self._levels[end] = max(answer, self._level(end))
            end.acknowledge()

    def _level(self, end: MeterEnd) -> Level:
        return self._levels.get(end, Level.PUBLIC)

    def _look(self, end: MeterEnd) -> Meter:
        return self._meters.look(Drn(end.device_address))

    def _change(self, end: MeterEnd, act: Act) -> ErrorText | Level | None:
        return self._meters.change(Drn(end.device_address), act)

    def _excuse(self, end: MeterEnd, event: MeterEvent, text: ErrorText) -> None:
        if isinstance(event, (SignedOn, SessionEnded)):
            return
        if isinstance(event, (ReadoutRequested, OperandRequested)):
            # Neither has room for an error text.
            end.break_off()
        else:
            end.refuse(text)
