"""The story of the day: chapters with events, told as they happen and kept for the page."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


class Tone(Enum):
    """How an event is meant, and its sign on a terminal."""

    PLAIN = "plain"
    GOOD = "good"
    WAIT = "wait"
    BAD = "bad"
    FAULT = "fault"

    @property
    def sign(self) -> str:
        """One character."""
        return {"plain": " ", "good": "+", "wait": "?", "bad": "-", "fault": "!"}[self.value]


@dataclass(frozen=True)
class Event:
    """Something that happened: who, what, and what was said, word for word."""

    at: datetime
    who: str
    what: str
    said: tuple[str, ...] = ()
    tone: Tone = Tone.PLAIN


@dataclass
class Chapter:
    """A part of the day."""

    at: datetime
    title: str
    about: str
    events: list[Event] = field(default_factory=list)


class Story:
    """Chapters as they come. ``say`` gets a line for a terminal."""

    def __init__(self, now: Callable[[], datetime], say: Callable[[str], None]) -> None:
        self.chapters: list[Chapter] = []
        self._now = now
        self._say = say

    def begin(self, title: str, about: str) -> None:
        """A new chapter."""
        chapter = Chapter(self._now(), title, about)
        self.chapters.append(chapter)
        self._say(f"\n{chapter.at:%a %H:%M}  {title}")

    def tell(self, who: str, what: str, *said: str, tone: Tone = Tone.PLAIN) -> None:
        """An event, now."""
        event = Event(self._now(), who, what, said, tone)
        self.chapters[-1].events.append(event)
        self._say(f"  {event.at:%H:%M} {tone.sign} {who}: {what}")
        for line in said:
            self._say(f"          {line}")

    @property
    def faults(self) -> list[Event]:
        """What went wrong."""
        return [event for chapter in self.chapters for event in chapter.events if event.tone is Tone.FAULT]
