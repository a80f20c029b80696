"""From characters to messages, however the line cuts them; what is no message is passed over.

Each end has its own reader, since each is spoken to in its own messages. The buffer is bounded: a block that does not end in
time is given up, and whatever stands before the beginning of a message is dropped as it comes.

>>> reader = MeterReader()
>>> reader.receive(b"noise/?04176855916!\\r")
>>> reader.next_message(), reader.receive(b"\\n"), reader.next_message()
(None, None, Request(address='04176855916'))
"""

import re
from abc import ABC, abstractmethod

from firmware_proto.errors import ProtocolError, RemoteProtocolError
from firmware_proto.protocol.block_check import block_check
from firmware_proto.protocol.characters import ACK, EOT, NAK, SOH, STX
from firmware_proto.protocol.messages import (
    Acknowledgement,
    Broken,
    Command,
    Data,
    Identification,
    Message,
    OptionSelect,
    RepeatRequest,
    Request,
)

LONGEST_COMMAND = 512
LONGEST_DATA = 64 * 1024
LONGEST_LINE = 64
"""Characters of a request or an identification."""
MOST_WAITING = 4096
"""Characters that may wait at a meter until the messages before them are answered."""

_BLOCK_END = re.compile(rb"[\x03\x04]")
_OPTION_SELECT = re.compile(rb"\x06([0-9A-Za-z])([0-9A-Za-z])([0-9A-Za-z])\r\n")
_OPTION_SELECT_LENGTH = 6
_OPTION_SELECT_BEGUN = re.compile(rb"\x06(?:[0-9A-Za-z]{1,3}|[0-9A-Za-z]{3}\r)?")
_COMMAND = re.compile(r"([A-Z])([0-9])(?:\x02(.*))?", re.DOTALL)
_REQUEST_BEGINS = b"/?"


class MessageReader(ABC):
    """What both readers share."""

    __slots__ = ("_buffer", "_searched")

    begins: re.Pattern[bytes]
    """The characters that messages to this end begin with."""
    longest_block: int
    most_waiting: int

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0

    @property
    def has_begun(self) -> bool:
        """Whether a message has begun and not ended."""
        return bool(self._buffer)

    def receive(self, data: bytes) -> None:
        """Take characters in. What is more than can wait is lost, as on a line nobody listens to."""
        self._buffer += data
        if len(self._buffer) > self.most_waiting:
            del self._buffer[self.most_waiting :]

    def clear(self) -> None:
        """Forget what came and was not read."""
        self._buffer.clear()
        self._searched = 0

    def next_message(self, *, option_select: bool = False) -> Message | None:
        """The next message; None: there is no whole one yet.

        ``option_select`` says whether an ACK begins an OptionSelect or stands alone.
        """
        while self._skip_to_beginning():
            first = self._buffer[:1]
            if first == NAK:
                self._take(1)
                return RepeatRequest()
            if first == ACK and not option_select:
                if self._is_alone():
                    self._take(1)
                    return Acknowledgement()
                self._take(1)
                continue
            used, message = self._option_select() if first == ACK else self._line() if first == b"/" else self._block()
            if used:
                self._take(used)
            if message is not None:
                return message
            if not used:
                return None
        return None

    @abstractmethod
    def _parse_line(self, line: bytes) -> Message | None: ...

    @abstractmethod
    def _parse_block(self, content: str, *, is_last: bool) -> Message: ...

    def _is_alone(self) -> bool:
        """Whether the ACK at the beginning of the buffer is to be taken for one."""
        return True

    @abstractmethod
    def _broken_off(self, end: int) -> int:
        """How much of a block to give up, since something else begins before it has ended."""

    def _skip_to_beginning(self) -> bool:
        match = self.begins.search(self._buffer)
        if match is None:
            self.clear()
            return False
        if match.start():
            self._take(match.start())
        return True

    def _take(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        self._searched = 0
        return taken

    def _option_select(self) -> tuple[int, Message | None]:
        """Characters to drop, and the message they were."""
        match = _OPTION_SELECT.match(self._buffer)
        if match is not None:
            return match.end(), OptionSelect(*(group.decode() for group in match.groups()))
        if _OPTION_SELECT_BEGUN.fullmatch(self._buffer):
            return 0, None
        return 1, None

    def _line(self) -> tuple[int, Message | None]:
        end = self._buffer.find(b"\n")
        if end < 0:
            return (1 if len(self._buffer) > LONGEST_LINE else 0), None
        begins = self._buffer.rfind(b"/", 0, end)
        message = self._parse_line(bytes(self._buffer[begins : end + 1]))
        # A line that is none may have swallowed the beginning of a block.
        return (end + 1 if message is not None else 1), message

    def _block(self) -> tuple[int, Message | None]:
        match = _BLOCK_END.search(self._buffer, self._searched)
        end = match.start() if match is not None else len(self._buffer)
        if given_up := self._broken_off(end):
            return given_up, None
        if end > self.longest_block:
            return end, Broken()
        if match is None:
            self._searched = end
            return 0, None
        if len(self._buffer) < end + 2:
            return 0, None
        block = self._buffer[1 : end + 1]
        if block_check(block)[0] != self._buffer[end + 1]:
            return end + 2, Broken()
        is_last = self._buffer[end] != EOT[0]
        return end + 2, self._parse_block(block[:-1].decode("latin-1"), is_last=is_last)


class MeterReader(MessageReader):
    """Reads what a client says."""

    __slots__ = ()

    begins = re.compile(rb"[/\x01\x06\x15]")
    longest_block = LONGEST_COMMAND
    most_waiting = MOST_WAITING

    def _parse_line(self, line: bytes) -> Message | None:
        if not line.startswith(_REQUEST_BEGINS) or not line.endswith(b"!\r\n"):
            return None
        try:
            return Request(line[2:-3].decode("latin-1"))
        except ProtocolError:
            return None

    def _parse_block(self, content: str, *, is_last: bool) -> Message:
        match = _COMMAND.fullmatch(content)
        if match is None:
            return Command("", "", content)
        letter, type_, data = match.groups()
        return Command(letter, type_, data, is_last)

    def _broken_off(self, end: int) -> int:
        # A client that was cut off in a command signs on anew.
        return max(self._buffer.rfind(SOH, 1, end), self._buffer.rfind(_REQUEST_BEGINS, 1, end), 0)


class ClientReader(MessageReader):
    """Reads what a meter says."""

    __slots__ = ()

    begins = re.compile(rb"[/\x01\x02\x06\x15]")
    longest_block = LONGEST_DATA
    most_waiting = 2 * LONGEST_DATA

    def _parse_line(self, line: bytes) -> Message | None:
        if not line.endswith(b"\r\n"):
            return None
        try:
            return Identification.parse(line[:-2].decode("latin-1"))
        except RemoteProtocolError:
            return None

    def _parse_block(self, content: str, *, is_last: bool) -> Message:
        if self._buffer[:1] == STX:
            return Data(content, is_last)
        match = _COMMAND.fullmatch(content)
        if match is None:
            return Broken()
        letter, type_, data = match.groups()
        return Command(letter, type_, data, is_last)

    def _broken_off(self, end: int) -> int:
        # STX stands inside a command, and nowhere else inside a block.
        begins = self._buffer.rfind(STX, 1, end) if self._buffer[:1] == STX else 0
        return max(self._buffer.rfind(SOH, 1, end), begins, 0)

    def _is_alone(self) -> bool:
        # One wrong bit makes ACK of STX: then an error text would be taken for its opposite.
        return len(self._buffer) == 1 or self._buffer[1] == ACK[0]
