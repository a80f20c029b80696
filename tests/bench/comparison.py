"""Comparison: a subject beside a yardstick measured in the same run, as a line of a table.

Machines differ and drift, so subject and yardstick take turns and the medians of their rounds are compared.
"""

import statistics
import time
from collections.abc import Callable

ROUNDS = 9
Work = Callable[[], int]
"""Does some of the work and says how many times."""


def heading() -> None:
    """Print the names of the columns."""
    print(f"{'what':<46}{'rate':>12}  {'yardstick':<42}{'rate':>12}  {'ratio':>6}  aim")


def rate(name: str, subject: Work, yardstick_name: str, yardstick: Work, aim: str) -> None:
    """Print how many a second, and the ratio of the rates."""
    subject_seconds, yardstick_seconds = seconds(subject, yardstick, ROUNDS)
    ratio = yardstick_seconds / subject_seconds
    line(name, f"{1 / subject_seconds:,.0f}/s", yardstick_name, f"{1 / yardstick_seconds:,.0f}/s", ratio, aim)


def time_of(name: str, subject: Work, yardstick_name: str, yardstick: Work, aim: str, rounds: int = ROUNDS) -> None:
    """Print how long one takes, and the ratio of the times."""
    subject_seconds, yardstick_seconds = seconds(subject, yardstick, rounds)
    ratio = subject_seconds / yardstick_seconds
    line(name, f"{subject_seconds * 1000:.2f} ms", yardstick_name, f"{yardstick_seconds * 1000:.2f} ms", ratio, aim)


def line(name: str, figure: str, yardstick_name: str, yardstick_figure: str, ratio: float, aim: str) -> None:
    """Print one line of the table."""
    print(f"{name:<46}{figure:>12}  {yardstick_name:<42}{yardstick_figure:>12}  {ratio:6.2f}  {aim}", flush=True)


def seconds(subject: Work, yardstick: Work, rounds: int) -> tuple[float, float]:
    """The median time for one, of each, the two taking turns after a round that does not count."""
    times: tuple[list[float], list[float]] = [], []
    for number in range(rounds + 1):
        for work, taken in zip((subject, yardstick), times, strict=True):
            began = time.perf_counter()
            count = work()
            if number:
                taken.append((time.perf_counter() - began) / count)
    return statistics.median(times[0]), statistics.median(times[1])
