"""An address that cannot be had is told in one line that names it and says what to do."""

import asyncio
import resource
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from pln_sim.gateway.descriptors import allow_connections
from pln_sim.gateway.listening import listen


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


def test_many_may_come_at_once():
    """While the loop does something else, the system takes them."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(listen(lambda reader, writer: None, "127.0.0.1", 0, 100))
    address = server.sockets[0].getsockname()
    with ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(socket.create_connection(address, timeout=10))
    server.close()
    loop.close()


@pytest.mark.parametrize(("soft", "hard", "raised"), [(256, 4096, 4096), (4096, 4096, None), (256, -1, 1024), (-1, -1, None)])
def test_as_many_files_as_connections(monkeypatch, soft, hard, raised):
    limits = []
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda kind, wanted: limits.append(wanted))
    allow_connections(1000)
    assert limits == ([] if raised is None else [(raised, hard)])


def test_more_connections_than_files_are_refused(pln_sim, tmp_path, monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (256, 1024))
    line = pln_sim.complaint("gateway", "--connections", 1001, "--db", tmp_path / "x.db", exit_code=1)
    assert "this process may open 1024 files (ulimit -Hn), so --connections can be 1000 at most, not 1001" in line
    assert not (tmp_path / "x.db").exists()
