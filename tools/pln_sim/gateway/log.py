"""Log lines: key=value, one line an event, nothing in it that a peer could forge a line with. No token, no reference, no key.

>>> line("answered", mti="2200", code="0000", trace="12 x=1", fault=None)
'event=answered mti=2200 code=0000 trace="12 x=1"'
"""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager

from pln_sim.gateway.log_writer import LogWriter

LOGGER = logging.getLogger("pln_sim.gateway")
_PLAIN = re.compile(r"[\w.,:/+@\-\[\]]+", re.ASCII)


def line(event: str, **values: object) -> str:
    """One line. What is None is left out; what could be misread is quoted."""
    pairs = {"event": event} | {key: value for key, value in values.items() if value is not None}
    return " ".join(f"{key}={_written(str(value))}" for key, value in pairs.items())


def tells(level: int) -> bool:
    """Whether events of a level are logged; for whoever would go to some trouble to tell one."""
    return LOGGER.isEnabledFor(level)


def info(event: str, **values: object) -> None:
    """Log an event that belongs to the day's work."""
    if LOGGER.isEnabledFor(logging.INFO):
        LOGGER.info(line(event, **values))


def warning(event: str, **values: object) -> None:
    """Log an event that someone should look at."""
    LOGGER.warning(line(event, **values))


def debug(event: str, **values: object) -> None:
    """Log what only a developer wants, tokens and all."""
    if LOGGER.isEnabledFor(logging.DEBUG):
        LOGGER.debug(line(event, **values))


@contextmanager
def to_stderr(level: str) -> Iterator[None]:
    """Write the log to stderr meanwhile."""
    with closing(LogWriter()) as handler:
        handler.setFormatter(logging.Formatter("at=%(asctime)s level=%(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S"))
        LOGGER.handlers[:] = [handler]
        LOGGER.setLevel(level.upper())
        LOGGER.propagate = False
        try:
            yield
        finally:
            LOGGER.handlers.clear()
            LOGGER.propagate = True


def _written(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else json.dumps(text)
