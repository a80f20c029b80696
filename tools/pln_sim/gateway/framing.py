"""Framing: messages on a byte stream (gateway specification 1.0.1, section 2). Sans-IO: bytes in, messages out.

"Client must send a negative byte value -1 (ASCII(255)) to indicate END OF MESSAGE". There is no length in front and no line
end; a message is ASCII, so the closing byte cannot occur in one.

>>> reader = FrameReader()
>>> reader.receive(b"2800...\\xff28")
>>> reader.next_message(), reader.next_message()
(b'2800...', None)
>>> reader.receive(b"10...\\xff")
>>> reader.next_message()
b'2810...'
>>> frame(b"2800...")
b'2800...\\xff'
"""

from pln_sim.gateway.messages.errors import OversizedMessage, Place, UnbuildableMessage

END = b"\xff"
LONGEST_MESSAGE = 4096
"""Bytes without the closing one; ten times the longest message of the document."""


class FrameReader:
    """Takes bytes in whatever pieces they come and hands out the messages between closing bytes, garbage or not.

    Keeps at most ``longest`` bytes of an unfinished message, so memory is bounded for whoever takes out what is complete
    before receiving more. Two closing bytes in a row are an empty message, which is as improper as other garbage.
    """

    def __init__(self, longest: int = LONGEST_MESSAGE) -> None:
        self._longest = longest
        self._stream = bytearray()
        """What is not handed out yet; not in messages, thousands of which may be in what takes little room."""
        self._is_oversized = False

    def receive(self, data: bytes) -> None:
        """Take what came from the peer. After an oversized message nothing is kept any more."""
        if self._is_oversized:
            return
        self._stream += data
        if self.unfinished > self._longest:
            del self._stream[self._stream.rfind(END) + 1 :]
            self._is_oversized = True

    def next_message(self) -> bytes | None:
        """The oldest complete message without its closing byte; None if more bytes are needed.

        OversizedMessage, again and again, once the complete ones in front of it are taken.
        """
        end = self._stream.find(END)
        if end > self._longest:
            self._is_oversized = True
            self._stream.clear()
        elif end >= 0:
            message = bytes(self._stream[:end])
            del self._stream[: end + 1]
            return message
        if self._is_oversized:
            raise OversizedMessage(f"more than {self._longest} bytes and no closing one", Place(position=self._longest))
        return None

    @property
    def unfinished(self) -> int:
        """Bytes received of a message that is not closed yet."""
        return len(self._stream) - self._stream.rfind(END) - 1

    @property
    def has_message(self) -> bool:
        """Whether ``next_message`` has a message or an error."""
        return self._is_oversized or END in self._stream


def frame(message: bytes) -> bytes:
    """The message with its closing byte. UnbuildableMessage if that byte is in the message, which would cut it in two."""
    if END in message:
        raise UnbuildableMessage("holds the closing byte 0xff", Place(position=message.index(END)))
    return message + END
