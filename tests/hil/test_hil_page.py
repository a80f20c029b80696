"""The page docs/hil.md is true: its test is the file that runs here, in a pytest of its own, at a TCP port and at a pty."""

import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "test_hil.py"


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-W", "error", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def test_the_example_runs(tmp_path: Path) -> None:
    (tmp_path / EXAMPLE.name).write_text(EXAMPLE.read_text())
    done = run_pytest(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout


def test_the_page_shows_it() -> None:
    shown = re.search(r"^```python\n(.*?)^```$", (ROOT / "docs" / "hil.md").read_text(), re.MULTILINE | re.DOTALL)
    assert shown
    assert shown[1] == EXAMPLE.read_text()
    assert len([line for line in shown[1].splitlines() if line and not line.startswith(('"', "import"))]) <= 20


def test_the_page_names_every_member_and_option() -> None:
    from meter_emu.cli.serve import serve
    from meter_emu.testing.virtual_meter import VirtualMeter

    page = (ROOT / "docs" / "hil.md").read_text()
    members = {name for name in vars(VirtualMeter) if not name.startswith("_")} | {"port", "number", "clock"}
    assert [name for name in sorted(members) if f"`{name}" not in page] == []
    options = {option for parameter in serve.params for option in parameter.opts} - {"--home"}
    assert [option for option in sorted(options) if option not in page] == []


def test_the_plugin_is_light() -> None:
    """In everybody's test runs it is loaded, used or not."""
    program = "import sys, pytest; before = set(sys.modules); import meter_emu.pytest_plugin; print(*set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert set(done.stdout.split()) == {"meter_emu", "meter_emu.pytest_plugin"}


def test_an_unknown_link_is_an_error_of_that_test_alone(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_one(virtual_meter):\n    pass\n\n\ndef test_two():\n    pass\n")
    done = run_pytest(tmp_path, "--virtual-meter-link", str(tmp_path / "nothing"))
    assert "1 passed, 1 error" in done.stdout
    said = [line for line in done.stdout.splitlines() if "cannot be used: No such file or directory" in line]
    assert said[0].startswith(f"--virtual-meter-link: {tmp_path / 'nothing'} cannot be used")
    assert "server_thread" not in done.stdout


def test_the_gateway_ends_with_a_test_run_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import os, signal\n\n"
        "def test_one(pln_gateway):\n"
        "    open('address', 'w').write(str(pln_gateway.port))\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert run_pytest(tmp_path).returncode == -signal.SIGKILL
    port = int((tmp_path / "address").read_text())
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return
        time.sleep(0.05)
    pytest.fail("the gateway goes on listening")


@pytest.mark.parametrize("link", ["tcp", "pty"])
def test_it_listens_where_it_is_told(tmp_path: Path, link: str) -> None:
    from meter_emu.testing.virtual_meter import virtual_meter_at

    with virtual_meter_at(link, tmp_path) as meter:
        assert meter.port.startswith("socket://127.0.0.1:" if link == "tcp" else "/dev/pts/")
