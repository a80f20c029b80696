"""A command that lives for milliseconds spends a sixth of them in the garbage collector, which finds nothing.

So the collector waits until a command has really made something, and at the end does not look at what was loaded once more.
Commands that run for long are collected as ever.
"""

import gc

YOUNG_OBJECTS = 100_000
"""About ten times what loading a command makes."""


def spare_the_collector() -> None:
    """Call before anything is imported."""
    gc.set_threshold(YOUNG_OBJECTS)


def end_quickly() -> None:
    """Call last: the interpreter's own final collections skip all that is there now."""
    gc.freeze()
