"""The documentation's page is the one that the table makes, and says everything that is in it."""

import subprocess
import sys
from pathlib import Path

from firmware_proto.error_text import ErrorText
from firmware_proto.registers import REGISTERS
from firmware_proto.registers.documentation import registers_page
from firmware_proto.registers.status_word import Status
from meter_emu.meter.last_token import TokenStatus
from meter_emu.meter.load_profile import Mark
from meter_emu.meter.profiles import PLN_TEXTS, PROFILES

PAGE = Path(__file__).parents[3] / "docs" / "registers.md"


def test_the_page_is_up_to_date():
    assert PAGE.read_text() == registers_page(), "python -m firmware_proto.registers > docs/registers.md"


def test_the_module_prints_it():
    printed = subprocess.run([sys.executable, "-m", "firmware_proto.registers"], capture_output=True, text=True, check=True)
    assert printed.stdout == registers_page()


def test_every_register_and_every_code_is_on_it():
    page = registers_page()
    rows = [line for line in page.splitlines() if line.startswith("|")]
    assert all(sum(line.startswith(f"| `{address}` |") for line in rows) == 1 for address in REGISTERS)
    assert all(f"`({error.value})`" in page for error in ErrorText)
    assert all(f"| {bit:08X} |" in page for bit in Status)
    assert all(f"| {mark:02X} |" in page for mark in Mark if mark)
    assert all(f"| {int(status)} |" in page for status in TokenStatus)


def test_what_the_lcd_says_is_the_same_on_all_brands():
    assert all(profile.texts == PLN_TEXTS for profile in PROFILES.values())
    assert "| 10 | `UsedError` | USED |" in registers_page()
