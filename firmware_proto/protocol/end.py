"""What both ends of a line have in common: characters in, steps for the link out, the walk through a table, and time.

An end does nothing by itself. Its link hands it what came and what time it is, does the steps it is told, and comes back
at the deadline. Time is any clock in seconds that does not go back.
"""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

from firmware_proto.errors import LocalProtocolError
from firmware_proto.protocol.characters import BITS_PER_CHARACTER, CharacterFormat
from firmware_proto.protocol.events import BaudChange, Send, Step
from firmware_proto.protocol.message_reader import MessageReader
from firmware_proto.protocol.messages import Message
from firmware_proto.protocol.states import State, Symbol, Table
from firmware_proto.protocol.timing import Timing, Wait

EventT = TypeVar("EventT")
MOST_ECHO = 2**17
"""Characters of its own that an end waits to hear again."""


class End(ABC, Generic[State, EventT]):
    """One end of a line."""

    __slots__ = (
        "_baud",
        "_deadline",
        "_echo",
        "_echo_heard",
        "_events",
        "_initial_baud",
        "_last_heard",
        "_last_sent",
        "_line_free",
        "_now",
        "_quiet_until",
        "_reader",
        "_repeats",
        "_speaks_at",
        "_state",
        "_steps",
        "character_format",
        "timing",
    )

    _table: Table[State]
    _waits: Mapping[State, Wait]

    def __init__(
        self, state: State, reader: MessageReader, timing: Timing, initial_baud: int, character_format: CharacterFormat
    ) -> None:
        self.timing = timing
        self.character_format = character_format
        self._state: State = state
        self._reader = reader
        self._initial_baud = self._baud = initial_baud
        self._events: deque[EventT] = deque()
        self._steps: list[Step] = []
        self._now = self._last_heard = self._line_free = self._speaks_at = self._quiet_until = 0.0
        self._deadline: float | None = None
        self._last_sent = self._echo = self._echo_heard = b""
        self._repeats = 0

    @property
    def state(self) -> State:
        """What the end does at the moment."""
        return self._state

    @property
    def baud(self) -> int:
        """The rate the line has once all steps are done."""
        return self._baud

    @property
    def deadline(self) -> float | None:
        """When to call ``advance`` if nothing comes before; None: never."""
        return self._deadline

    def receive_data(self, data: bytes, now: float) -> Iterator[EventT]:
        """Take in what the line brought, however much or little, and tell what it means.

        The events come one after another while they are asked for, each after the one before was answered; what is not asked
        for now comes with ``next_event`` or the next call.
        """
        self._now = now
        if now - self._last_heard > self.timing.character_gap:
            self._reader.clear()
            self._echo_heard = b""
        self._last_heard = now
        # A line without line time is free as soon as the peer speaks.
        self._line_free = min(self._line_free, now)
        self._reader.receive(self._without_echo(self.character_format.decode(data)))
        return iter(self.next_event, None)

    def advance(self, now: float) -> Iterator[EventT]:
        """Let time pass, and tell what that means."""
        self._now = now
        if self._deadline is not None and now >= self._deadline:
            self._deadline = None
            self._time_out()
        return iter(self.next_event, None)

    def next_event(self) -> EventT | None:
        """The next event; None: there is none until something comes or is answered."""
        while not self._events:
            if self._now < max(self._speaks_at, self._quiet_until):
                # The line is half duplex: what comes before this end has spoken is an echo or noise, and no answer.
                self._reader.clear()
            if self._is_deaf():
                return None
            message = self._next_message()
            if message is None:
                return None
            self._hear(message)
        return self._events.popleft()

    def steps_to_take(self) -> list[Step]:
        """What the link has to do now, in this order. Ask after every other call."""
        steps, self._steps = self._steps, []
        return steps

    def data_to_send(self) -> bytes:
        """All that is to be sent, for a line that knows neither baud nor time, such as memory or TCP."""
        return b"".join([step.data for step in self.steps_to_take() if isinstance(step, Send)])

    @abstractmethod
    def _next_message(self) -> Message | None: ...

    @abstractmethod
    def _hear(self, message: Message) -> None: ...

    @abstractmethod
    def _time_out(self) -> None: ...

    def _is_deaf(self) -> bool:
        return False

    @abstractmethod
    def _reaction(self) -> float: ...

    def _enter(self, symbol: Symbol) -> bool:
        """Go where the table leads; False if it leads nowhere from here."""
        state = self._table.get((self._state, symbol))
        if state is None:
            return False
        self._state = state
        return True

    def _wait(self) -> None:
        """Set the deadline of the state, counted from the end of what is still being sent."""
        wait = self._waits.get(self._state)
        self._deadline = None if wait is None else max(self._now, self._line_free) + self.timing.seconds(wait)

    def _without_echo(self, data: bytes) -> bytes:
        """What came, without what this end said itself: two-wire adapters and optical heads give it back."""
        if not self._echo or self._now < self._speaks_at:
            return data
        length = min(len(data), len(self._echo))
        if data[:length] != self._echo[:length]:
            data = self._echo_heard + data
            self._echo = self._echo_heard = b""
            return data
        self._echo_heard = self._echo_heard + data[:length] if length < len(self._echo) else b""
        self._echo = self._echo[length:]
        return data[length:]

    def _send(self, data: bytes, *, can_repeat: bool = True) -> None:
        if can_repeat:
            self._last_sent = data
        self._echo = self._echo + data if len(self._echo) + len(data) <= MOST_ECHO else data
        self._speaks_at = max(self._last_heard + self._reaction(), self._now, self._quiet_until)
        self._line_free = max(self._speaks_at, self._line_free) + len(data) * BITS_PER_CHARACTER / self._baud
        self._steps.append(Send(self.character_format.encode(data), self._speaks_at))

    def _change_baud(self, baud: int) -> None:
        if baud != self._baud:
            self._baud = baud
            self._steps.append(BaudChange(baud))

    def _may_repeat(self) -> bool:
        """Count one more repeat; False when there were enough."""
        self._repeats += 1
        return self._repeats <= self.timing.repeats

    def _misused(self, what: str) -> LocalProtocolError:
        return LocalProtocolError(f"{what} does not fit now: the end {self._state.value}", field="state")
