"""The pytest plugin for other people's tests: ``virtual_meter``, a meter at a serial port, and ``pln_gateway``, where power is
bought. pytest loads this module in every run, so it imports nothing until a fixture is used.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from meter_emu.testing.pln_gateway import PlnGateway
    from meter_emu.testing.virtual_meter import VirtualMeter


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--virtual-meter-link``."""
    parser.getgroup("meter-emu").addoption(
        "--virtual-meter-link",
        default="tcp",
        metavar="LINK",
        help="Where virtual_meter listens: tcp (a free port on loopback), pty, or a serial device like /dev/ttyUSB0.",
    )


@pytest.fixture
def meter_home(tmp_path: Path) -> Path:
    """The folder in which virtual_meter and pln_gateway keep their files; another for every test."""
    return tmp_path / "meter-emu"


@pytest.fixture
def virtual_meter(request: pytest.FixtureRequest, meter_home: Path) -> "Iterator[VirtualMeter]":
    """Meter 12345678911, new, with the published test keys, at a port; see docs/hil.md."""
    from meter_emu.testing.virtual_meter import virtual_meter_at

    with virtual_meter_at(request.config.getoption("--virtual-meter-link"), meter_home) as meter:
        yield meter


@pytest.fixture
def pln_gateway(meter_home: Path) -> "Iterator[PlnGateway]":
    """A running gateway that sells power for meter 12345678911 and others; see docs/hil.md."""
    from meter_emu.testing.pln_gateway import running_gateway

    with running_gateway(meter_home) as gateway:
        yield gateway
