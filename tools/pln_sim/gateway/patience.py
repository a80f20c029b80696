"""Patience: how long the gateway waits for its peers and its database."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """How long the server waits, in seconds, and for how many."""

    read: float = 30
    """From a message's first byte to its last, and for a peer to take a reply."""
    idle: float = 3600
    """Between two messages."""
    work: float = 20
    """Until a request is on disk; then it is answered 0068."""
    late: float = 45
    """How late a late reply is."""
    slow: float = 0.05
    """Between two bytes of a slow reply."""
    connections: int = 1000
    """How many may be open at once."""
