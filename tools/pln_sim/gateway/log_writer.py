"""LogWriter: log lines on their way out, written by a thread of its own.

Whoever reads the other end of a pipe may be slow, or stand still; nobody's request waits for that. What does not fit into
memory meanwhile is dropped, and the next line that gets out is followed by one that tells how many were.
"""

import logging
import os
import queue
import threading
from collections.abc import Callable
from contextlib import suppress

MOST_LINES = 10_000
"""Lines that wait to be written."""
_MOST_TOGETHER = 200
_LAST_SECONDS = 1


def write_to_stderr(data: bytes) -> None:
    """Write it all, past the buffer of sys.stderr, whose lock a write that stands still would keep. A closed end is fine."""
    rest = memoryview(data)
    with suppress(OSError):
        while rest:
            rest = rest[os.write(2, rest) :]


class LogWriter(logging.Handler):
    """A handler that never waits. ``close`` waits a moment for what is still to be written, and not for ever."""

    def __init__(self, write: Callable[[bytes], None] = write_to_stderr, most_lines: int = MOST_LINES) -> None:
        super().__init__()
        self._write = write
        self._most_lines = most_lines
        self._records: queue.SimpleQueue[logging.LogRecord | None] = queue.SimpleQueue()
        self._dropped = 0
        self._is_closed = False
        self._thread = threading.Thread(target=self._work, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """As logging.Handler says, under its lock."""
        if self._records.qsize() < self._most_lines:
            self._records.put(record)
        else:
            self._dropped += 1

    def close(self) -> None:
        """As logging.Handler says."""
        if not self._is_closed:
            self._is_closed = True
            self._records.put(None)
            self._thread.join(_LAST_SECONDS)
        super().close()

    def _work(self) -> None:
        is_open = True
        while is_open:
            records = [self._records.get()]
            with suppress(queue.Empty):
                while len(records) < _MOST_TOGETHER:
                    records.append(self._records.get_nowait())
            is_open = None not in records
            lines = [self.format(record) for record in records if record is not None]
            self._write("".join(f"{line}\n" for line in (*lines, *self._loss())).encode("utf-8", "backslashreplace"))

    def _loss(self) -> list[str]:
        self.acquire()
        dropped, self._dropped = self._dropped, 0
        self.release()
        said = {"levelno": logging.WARNING, "levelname": "WARNING", "msg": f"event=dropped lines={dropped}"}
        return [self.format(logging.makeLogRecord(said))] if dropped else []
