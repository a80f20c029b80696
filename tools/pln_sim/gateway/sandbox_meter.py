"""Test meters: each provokes one response code or one fault, as payment sandboxes have magic card numbers.

    [[test_meter]]
    meter = "99000000052"
    answer = "0005"                 # this response code ...
    at = "inquiry"                  # ... to the inquiry; "purchase": instead of selling; "sold": although it was sold

    [[test_meter]]
    meter = "99000010013"
    fault = "lost-reply"            # this fault, as in pln_sim.gateway.fault ...
    on = ["2200", "2220"]           # ... with these requests; left out: 2200

In all else a test meter is a customer's whose monthly ceiling is far away.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from meter_emu.sts.errors import FormatError
from meter_emu.sts.numbers.digits import decimal_digits
from meter_emu.sts.numbers.drn import Drn
from pln_sim.gateway.fault import Fault
from pln_sim.gateway.messages import Mti, ResponseCode
from pln_sim.gateway.messages.table import LAYOUT_OF_REPLY_TO
from pln_sim.vending.customer import Customer
from pln_sim.vending.toml_table import Column, one_of, rows, text


class Stage(Enum):
    """When a test meter's response code is given."""

    INQUIRY = "inquiry"
    PURCHASE = "purchase"
    SOLD = "sold"


_WORDS = {
    Stage.INQUIRY: "inquiry answered {code} {meaning}",
    Stage.PURCHASE: "purchase answered {code} {meaning}; nothing is sold, advice says 0096",
    Stage.SOLD: "purchase answered {code} {meaning}; yet it is sold, and advice gives the token",
}


@dataclass(frozen=True)
class TestMeter:
    """A meter number and what happens to requests for it: ``answer`` at ``at``, or ``fault`` on ``on``."""

    __test__ = False  # no test, whatever pytest thinks of the name

    meter: Drn
    answer: ResponseCode | None = None
    at: Stage = Stage.INQUIRY
    fault: Fault | None = None
    on: frozenset[Mti] = field(default=frozenset({Mti.PURCHASE_REQUEST}))

    def __post_init__(self) -> None:
        if (self.answer is None) == (self.fault is None):
            raise FormatError("say either answer or fault", field="answer")
        if self.answer is ResponseCode.SUCCESSFUL:
            raise FormatError("0000 is what every meter answers", field="answer")
        if self.answer and self.at is Stage.INQUIRY and self.answer not in LAYOUT_OF_REPLY_TO[Mti.INQUIRY_REQUEST].codes:
            raise FormatError(f"no inquiry is answered {self.answer}: say at = 'purchase'", field="at")

    @property
    def customer(self) -> Customer:
        """Whose meter it is."""
        return Customer(meter=self.meter, name="TEST METER", tariff="B2", va=200_000, ppj=300)

    def answer_at(self, stage: Stage) -> ResponseCode | None:
        """The response code it provokes at a stage, if it does."""
        return self.answer if self.at is stage else None

    def fault_on(self, mti: Mti) -> Fault | None:
        """The fault it provokes with a request, if it does."""
        return self.fault if mti in self.on else None

    @property
    def description(self) -> str:
        """What happens, in words.

        >>> TestMeter(Drn("99000010013"), fault=Fault.CUT_AFTER).description
        '2200: the request is carried out and the connection ends without a reply'
        """
        if self.fault:
            return f"{', '.join(sorted(self.on))}: {self.fault.meaning}"
        assert self.answer is not None
        return _WORDS[self.at].format(code=self.answer, meaning=self.answer.meaning)


def test_meters_from(document: Mapping[str, Any]) -> dict[Drn, TestMeter]:
    """The test meters in a parsed TOML document. FormatError, with the number of the row, for whatever is wrong."""
    found: dict[Drn, TestMeter] = {}
    for number, row in enumerate(rows(document, "test_meter", COLUMNS), 1):
        where = f"[[test_meter]] number {number}"
        if row["meter"] in found:
            raise FormatError(f"{where}: meter {row['meter']} stands there twice", field="meter")
        for name, beside in (("at", "fault"), ("on", "answer")):
            if row[name] is not None and row[beside] is not None:
                raise FormatError(f"{where}: {name} says nothing beside {beside}: leave it out", field=name)
        try:
            found[row["meter"]] = TestMeter(**{name: value for name, value in row.items() if value is not None})
        except FormatError as error:
            raise FormatError(f"{where}: {error}", field=error.field) from None
    return found


test_meters_from.__test__ = False  # type: ignore[attr-defined]


def _meter(value: object) -> Drn:
    return Drn(decimal_digits(text(value), 11, "meter number (DRN)", "meter"))


def _requests(value: object) -> frozenset[Mti]:
    known = {*LAYOUT_OF_REPLY_TO} - {Mti.NETWORK_REQUEST}
    if not isinstance(value, list) or not value or not all(isinstance(each, str) and each in known for each in value):
        raise FormatError("must be a list of 2100, 2200, 2220, 2221 in quotes")
    return frozenset(map(Mti, value))


def _or_none(read: Callable[[object], Enum]) -> Column:
    return Column(read, default=None)


COLUMNS: Mapping[str, Column] = {
    "meter": Column(_meter),
    "answer": _or_none(one_of(ResponseCode)),
    "at": _or_none(one_of(Stage)),
    "fault": _or_none(one_of(Fault)),
    "on": Column(_requests, default=None),
}
"""What stands in a row."""
