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
def virtual_meter_number() -> str:
    """The number of virtual_meter. Override it for another."""
    return "12345678911"


@pytest.fixture
def virtual_meter(request: pytest.FixtureRequest, meter_home: Path, virtual_meter_number: str) -> "Iterator[VirtualMeter]":
    """A new meter, with the published test keys, at a port; help(virtual_meter) tells what a test can do with it."""
    from meter_emu.shell.errors import AddressError
    from meter_emu.testing.virtual_meter import virtual_meter_at

    link = request.config.getoption("--virtual-meter-link")
    try:
        with virtual_meter_at(link, meter_home, virtual_meter_number) as meter:
            yield meter
    except AddressError as error:
        raise pytest.fail.Exception(f"--virtual-meter-link: {error}", pytrace=False) from None


@pytest.fixture
def pln_gateway(meter_home: Path) -> "Iterator[PlnGateway]":
    """A running gateway that sells power for meter 12345678911 and others; help(pln_gateway) tells what a test can do."""
    from meter_emu.testing.pln_gateway import running_gateway

    with running_gateway(meter_home) as gateway:
        yield gateway
