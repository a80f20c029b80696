"""The house of the day: a home of its own, the processes that serve in it, and the commands that are typed in it.

Every process is ``pln-sim`` itself, by the day's clock. All of them end with the house, however the day ends.
"""

import json
import os
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pln_sim.day.clock import DayClock
from pln_sim.day.errors import DayStopped

PATIENCE_SECONDS = 60
"""For a process to start or to end, on a busy machine."""
_LISTENING = "listening on "
_LAUNCHER = "pln_sim.cli.day_process"
_LONGEST_ANSWER = 8192


class Served:
    """A process that listens."""

    def __init__(self, name: str, process: "subprocess.Popen[str]", address: str) -> None:
        self.name, self.address = name, address
        self._process = process

    def kill(self) -> None:
        """kill -9: it has no time for anything."""
        self._process.kill()
        self._process.wait(PATIENCE_SECONDS)

    def terminate(self) -> None:
        """SIGTERM: it finishes what it has taken."""
        self._process.terminate()
        try:
            self._process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def end(self) -> None:
        """It is gone, and its pipe closed."""
        if self._process.poll() is None:
            self.kill()
        if self._process.stdout:
            self._process.stdout.close()


class House:
    """A context manager. ``folder`` is there and holds nothing yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir(mode=0o700)
        self.clock = DayClock(folder / "clock")
        self._served: list[Served] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for served in reversed(self._served):
            with suppress(OSError, subprocess.TimeoutExpired):
                served.end()

    def serve(self, *command: str, listen: str = "127.0.0.1:0") -> Served:
        """A process that listens, once it does. DayStopped if it never does."""
        with (self.folder / f"{command[0]}.log").open("a+", encoding="utf-8") as log:
            process = subprocess.Popen(
                [*self._program, *command, "--listen", listen],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
            assert process.stdout is not None
            line = process.stdout.readline().strip()
            served = Served(command[0], process, line.removeprefix(_LISTENING))
            self._served.append(served)
            if not line.startswith(_LISTENING):
                log.seek(0)
                raise DayStopped(f"pln-sim {' '.join(command[:2])} did not start: {_last_line(log.read())}")
        return served

    def run(self, *command: str, may_fail: bool = False) -> list[dict[str, Any]]:
        """Type a command; what it prints with --json. DayStopped if it fails and must not."""
        done = subprocess.run(
            [*self._program, *command, "--json"],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE_SECONDS,
            check=False,
        )
        if done.returncode and not may_fail:
            raise DayStopped(f"pln-sim {' '.join(command[:2])} failed: {_last_line(done.stderr)}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    @property
    def _program(self) -> list[str]:
        return [sys.executable, "-m", _LAUNCHER, str(self.folder / "clock")]

    @property
    def _environment(self) -> dict[str, str]:
        return os.environ | {"METER_EMU_HOME": str(self.home), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def ask(address: str, line: str) -> str:
    """The one line that answers a line. DayStopped if none comes."""
    host, _, port = address.rpartition(":")
    answer = b""
    try:
        with socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS) as connection:
            connection.sendall(f"{line}\n".encode("ascii"))
            while not answer.endswith(b"\n") and len(answer) < _LONGEST_ANSWER:
                piece = connection.recv(_LONGEST_ANSWER)
                if not piece:
                    break
                answer += piece
    except OSError as error:
        raise DayStopped(f"the reseller at {address} does not answer: {error.strerror or error}") from error
    return answer.decode("ascii", "replace").strip()


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1]
