"""What a meter said over the wire, in words and as JSON: the table of registers knows what everything is called."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from firmware_proto.data_set import DataSet
from firmware_proto.errors import LocalProtocolError
from firmware_proto.registers import Log, find
from firmware_proto.registers.logs import PARTICULARS
from firmware_proto.registers.table import GROUPS
from firmware_proto.token_entry import Entered
from meter_emu.cli.report import refusal_line, token_report
from meter_emu.meter.access import Level
from meter_emu.meter.energy import lcd_text
from meter_emu.meter.profiles import PROFILES


class ReadLine(NamedTuple):
    """A register's values, or one line of a log."""

    data_sets: tuple[DataSet, ...]

    def as_text(self) -> str:
        """Code, values with their units, name."""
        values = "  ".join(f"{each.value} {each.unit}".rstrip() or "-" for each in self.data_sets)
        return f"{self.data_sets[0].address:<14}{values:<28}  {self._title()}".rstrip()

    def as_json(self) -> dict[str, Any]:
        """The object that ``read --json`` prints for it."""
        return {
            "register": self.data_sets[0].address,
            "name": self._title() or None,
            "values": [_value(name, each) for name, each in zip(self._names(), self.data_sets, strict=False)],
        }

    def _title(self) -> str:
        register = find(self.data_sets[0].address)
        return "" if register is None else register.title

    def _names(self) -> list[str | None]:
        register = find(self.data_sets[0].address)
        names: list[str | None] = []
        if isinstance(register, Log):
            names += register.columns
        elif register is not None:
            names += (field.title for field in register.fields)
        return names + [names[-1] if isinstance(register, Log) else None] * len(self.data_sets)


def _value(name: str | None, data_set: DataSet) -> dict[str, Any]:
    value = data_set.value
    if name == PARTICULARS:
        name, _, value = value.partition("=")
    return {"name": name, "value": value, "unit": data_set.unit or None}


def register_lines() -> Iterator[str]:
    """A line for every register: its code, who reads it and who writes it (each level may what those below it may), its name,
    and the units of its values."""
    yield f"{'code':<14}{'read':<9}{'write':<9}name (unit)"
    for register in chain.from_iterable(GROUPS.values()):
        reader, writer, units = register.level.name.lower(), "-", ""
        if not isinstance(register, Log):
            reader = Level.PUBLIC.name.lower() if register.in_readout else reader
            writer = "-" if register.setting is None else register.setting.level.name.lower()
            units = ", ".join(dict.fromkeys(field.format.unit for field in register.fields if field.format.unit))
        yield f"{register.address:<14}{reader:<9}{writer:<9}{register.title}" + (f" ({units})" if units else "")


def question(text: str) -> tuple[str, str]:
    """Address and argument of ``ADDRESS`` or ``ADDRESS(ARGUMENT)``. ProtocolError for what is neither."""
    data_set = DataSet.parse(text) if text.endswith(")") else DataSet(text, "")
    if not data_set.address:
        raise LocalProtocolError(f"{text!r} names no register", field="address")
    return data_set.address, data_set.value


def read_lines(data_sets: Iterable[DataSet]) -> list[ReadLine]:
    """Each data set with an address begins a line; those without belong to it."""
    lines: list[list[DataSet]] = []
    for data_set in data_sets:
        if data_set.address or not lines:
            lines.append([])
        lines[-1].append(data_set)
    return [ReadLine(tuple(line)) for line in lines]


def entered_lines(entered: Entered) -> list[str]:
    """What the LCD says, then why, if the token was refused."""
    outcome = entered.outcome
    lines = list(_lcd(entered))
    if outcome.credit_added:
        lines[1] = f"{lines[1]:<16}credit entered"
        lines[2] = f"{lines[2]:<16}total credit"
    return lines if outcome.accepted else [*lines, refusal_line(outcome)]


def entered_report(entered: Entered) -> dict[str, Any]:
    """The object that ``send --json`` prints: that of ``enter --json``."""
    return token_report(entered.outcome, _lcd(entered), entered.credit, entered.meter)


def _lcd(entered: Entered) -> tuple[str, ...]:
    """The texts that the meter's LCD shows one after the other."""
    outcome = entered.outcome
    texts = PROFILES[entered.profile].texts
    verdict = texts[outcome.result_code].format(seconds_left=outcome.seconds_left).replace("\n", " ")
    return (verdict, lcd_text(outcome.credit_added), lcd_text(entered.credit)) if outcome.credit_added else (verdict,)
