"""The customers in docs/gateway-reference.md are those that are built in."""

import re
import tomllib
from pathlib import Path

import pln_sim.gateway

CONFIGURATION = Path(pln_sim.gateway.__file__).with_name("gateway.toml")
PAGE = Path(__file__).parents[3] / "docs" / "gateway-reference.md"
HOURS = 720


def test_the_customers_on_the_page_are_built_in() -> None:
    rows = re.findall(r"^\| (\d{11}) \| (\w+) \| ([\d ]+) \| ([\d.]+) \| .* \| ([\d ]+) \|$", PAGE.read_text(), re.MULTILINE)
    shown = [(meter, tariff, int(va.replace(" ", "")), ppj, int(kwh.replace(" ", ""))) for meter, tariff, va, ppj, kwh in rows]
    customers = tomllib.loads(CONFIGURATION.read_text())["customer"]
    assert shown == [(each["meter"], each["tariff"], each["va"], each["ppj"], each["va"] * HOURS // 1000) for each in customers]
