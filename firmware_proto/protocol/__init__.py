"""IEC 62056-21 without input and output: a meter's end and a client's, which a link hands characters and time.

meter_end.py, client_end.py   the ends;  end.py what they share
meter_line.py                 several meters on one line
states.py                     their tables;  diagram.py the pictures and the page of the documentation
events.py                     what they tell, and what the link has to do
messages.py, commands.py      what stands on the line;  message_reader.py messages out of characters
characters.py, block_check.py, baud_rates.py, timing.py

A link to meters does no more than this, with ``line`` a MeterLine and ``device`` what answers the events:

    for meter, event in line.receive_data(data, now):     # or line.advance(now), once line.deadline has come
        device.answer(meter, event)                        # calls meter.readout, reply, acknowledge, refuse, ...
    for step in line.steps_to_take():
        ...                                                # Send: put step.data on the wire at step.not_before;
                                                           # BaudChange: once that is out, go on at step.baud
"""

from firmware_proto.protocol.baud_rates import INITIAL_BAUD, Mode
from firmware_proto.protocol.characters import EIGHT_NONE, SEVEN_EVEN, CharacterFormat
from firmware_proto.protocol.client_end import ClientEnd
from firmware_proto.protocol.events import (
    Accepted,
    BaudChange,
    BrokenOff,
    ClientEvent,
    DataReceived,
    Identified,
    MeterEvent,
    OperandReceived,
    OperandRequested,
    PasswordGiven,
    ReadoutRequested,
    ReadRequested,
    Refused,
    Send,
    SessionEnded,
    SignedOn,
    Step,
    WriteRequested,
)
from firmware_proto.protocol.messages import Identification
from firmware_proto.protocol.meter_end import MeterEnd
from firmware_proto.protocol.meter_line import MeterLine
from firmware_proto.protocol.states import ClientState, MeterState
from firmware_proto.protocol.timing import Timing

__all__ = [
    "EIGHT_NONE",
    "INITIAL_BAUD",
    "SEVEN_EVEN",
    "Accepted",
    "BaudChange",
    "BrokenOff",
    "CharacterFormat",
    "ClientEnd",
    "ClientEvent",
    "ClientState",
    "DataReceived",
    "Identification",
    "Identified",
    "MeterEnd",
    "MeterEvent",
    "MeterLine",
    "MeterState",
    "Mode",
    "OperandReceived",
    "OperandRequested",
    "PasswordGiven",
    "ReadRequested",
    "ReadoutRequested",
    "Refused",
    "Send",
    "SessionEnded",
    "SignedOn",
    "Step",
    "Timing",
    "WriteRequested",
]
