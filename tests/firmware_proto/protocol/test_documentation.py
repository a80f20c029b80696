"""The page about the protocol is what the tables say."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from firmware_proto.protocol.diagram import diagram, document
from firmware_proto.protocol.states import CLIENT_TABLE, METER_TABLE, ClientState, MeterState

PAGE = Path(__file__).parents[3] / "docs" / "iec-62056-21.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == document(), "run: python -m firmware_proto document > docs/iec-62056-21.md"


ENDS = [("meter", METER_TABLE, MeterState), ("client", CLIENT_TABLE, ClientState)]


@pytest.mark.parametrize(("end", "table", "states"), ENDS)
def test_the_picture_shows_every_way(end: str, table: Any, states: Any) -> None:
    drawn = {}
    for line in diagram(end).splitlines():
        if " --> " in line and "[*]" not in line:
            way, _, symbols = line.partition(" : ")
            begin, _, to = way.strip().partition(" --> ")
            for symbol in symbols.split(" / "):
                drawn[begin, symbol] = to
    for (state, symbol), to in table.items():
        assert to.name in (drawn.get((state.name, symbol.value)), drawn.get(("ANY", symbol.value)))
    assert {name for name, _ in drawn} | set(drawn.values()) == {state.name for state in states} | {"ANY"}


def test_the_commands() -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "firmware_proto", *arguments], capture_output=True, text=True, check=False)

    assert run("diagram", "client").stdout == diagram("client") + "\n"
    wrong = run("diagram", "nobody")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
