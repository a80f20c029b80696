"""Log lines of the reseller, in the gateway's form. No PIN, no text of a message, no token."""

import logging

from pln_sim.gateway.log import line

LOGGER = logging.getLogger("pln_sim.reseller")


def info(event: str, **values: object) -> None:
    """Log an event that belongs to the day's work."""
    LOGGER.info(line(event, **values))


def warning(event: str, **values: object) -> None:
    """Log an event that someone should look at."""
    LOGGER.warning(line(event, **values))


def to_stderr(level: str) -> None:
    """Write the log to stderr from now on."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("at=%(asctime)s level=%(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S"))
    LOGGER.handlers[:] = [handler]
    LOGGER.setLevel(level.upper())
    LOGGER.propagate = False
