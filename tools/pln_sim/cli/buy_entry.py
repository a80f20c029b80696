"""``pln-sim buy --enter``: the one place where a sold token and a meter meet. The purchase knows the keypad as a callable.

A home that is not there or has no such meter is told before anything is bought; nothing is installed in it.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from meter_emu.cli.report import outcome_lines, outcome_report
from meter_emu.cli.session import Choice, session
from meter_emu.cli.token_entry import key_in
from meter_emu.meter.results import ValidationResult
from meter_emu.shell.console import Failure
from meter_emu.store import FILE_NAME, Store
from meter_emu.sts.numbers.drn import Drn

MAYBE_BY_A_KILLED_BUY = "if a buy was killed after it had keyed this token in, the credit is on the meter already"


@dataclass(frozen=True)
class Answer:
    """What the meter said to a token: ``lines`` for a person, ``report`` for a machine."""

    accepted: bool
    lines: tuple[str, ...]
    report: dict[str, Any]


Keypad = Callable[[str, str], Answer]
"""Keys a token into the meter of a number, durably. Failure or FileError if there is no such meter."""


def keypad_in(home: str, drn: Drn | None = None) -> Keypad:
    """The keypads of the meters in a home. Failure, before anything is done, if the home or meter ``drn`` is not there."""
    _require(home, drn)

    def enter(meter: str, token: str) -> Answer:
        number = Drn(meter)
        _require(home, number)
        with session(Choice(home, number)) as at_meter:
            after, outcome = key_in(at_meter, token)
        lines = outcome_lines(after, outcome)
        if outcome.verdict is ValidationResult.USED_ERROR:
            lines.append(MAYBE_BY_A_KILLED_BUY)
        return Answer(outcome.accepted, tuple(lines), outcome_report(after, outcome))

    return enter


def _require(home: str, drn: Drn | None) -> None:
    path = os.path.join(home, FILE_NAME)
    if not os.path.isfile(path):
        raise Failure(f"no meter is installed in {home}: name the home of a meter, or run meter-emu install there first")
    if drn is None:
        return
    with Store(path) as store:
        if drn not in store.drns():
            raise Failure(f"meter {drn} is not installed in {home}: meter-emu meters --home {home} lists those that are")
