"""The day's clock: one moment for all processes of the day, that goes on by itself and jumps from scene to scene.

It lies in a file, so that a process that runs already sees a jump as well.

>>> from tempfile import TemporaryDirectory
>>> with TemporaryDirectory() as folder:
...     clock = DayClock(Path(folder) / "clock")
...     clock.jump(datetime(2026, 11, 20, 6, 0))
...     clock.jump(datetime(2026, 11, 20, 5, 0))  # it never runs back
...     str(clock.now())[:16]
'2026-11-20 06:00'
"""

import os
import time
from datetime import datetime, timedelta
from pathlib import Path


class DayClock:
    """The clock in a file. The one who made the file moves it; the others read it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        """The day's local time, to the second."""
        moment, set_at = self._path.read_text("ascii").split()
        passed = timedelta(seconds=max(0.0, time.time() - float(set_at)))
        return (datetime.fromisoformat(moment) + passed).replace(microsecond=0)

    def jump(self, moment: datetime) -> None:
        """From now on it is ``moment``, unless it is later already."""
        if self._path.exists():
            moment = max(moment, self.now())
        part = self._path.with_name(f".{self._path.name}.part")
        part.write_text(f"{moment.isoformat()} {time.time()!r}", "ascii")
        os.replace(part, self._path)
