"""An address that cannot be had is told in one line that names it and says what to do."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("option", ["--listen", "--metrics"])
def test_a_taken_port(tmp_path, option):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        taken = f"127.0.0.1:{holder.getsockname()[1]}"
        addresses = {"--listen": "127.0.0.1:0"} | {option: taken}
        said = [word for pair in addresses.items() for word in pair]
        script = Path(sys.executable).with_name("pln-sim")
        done = subprocess.run(
            [script, "gateway", *said, "--db", tmp_path / "vending.db"], capture_output=True, text=True, timeout=30
        )
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"pln-sim: {taken} cannot be listened on: Address already in use; name another address")
    assert "Traceback" not in done.stderr
