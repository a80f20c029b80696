"""The log when nobody reads it: no request waits for it, and what was dropped is told."""

import logging
import os
import subprocess
import sys
import threading

from pln_sim.gateway.log_writer import LogWriter
from pln_sim.gateway.messages import read


def record(words):
    return logging.makeLogRecord({"msg": words})


def test_what_does_not_fit_is_dropped_and_told():
    written, at_work, may_go_on = [], threading.Event(), threading.Event()

    def write(data):
        at_work.set()
        may_go_on.wait(20)
        written.append(data.decode())

    writer = LogWriter(write, most_lines=3)
    writer.handle(record("first"))
    at_work.wait(20)
    for number in range(10):
        writer.handle(record(f"line {number}"))
    may_go_on.set()
    writer.close()
    assert "".join(written).splitlines() == ["first", "line 0", "line 1", "line 2", "event=dropped lines=7"]


def test_a_pipe_that_nobody_reads_holds_nobody_up(start, helpers):
    ours, theirs = os.pipe()
    gateway = start(stderr=theirs)
    os.close(theirs)
    peer = gateway.peer().sign_on()
    echo = helpers.sign_on(action="301")
    for _ in range(10):  # a pipe takes 64 KB
        peer.send(*[echo] * 100)
        assert all(read(peer.stream()).is_successful for _ in range(100))
    assert gateway.terminate() == 0
    os.close(ours)


def test_a_closed_stderr_holds_nobody_up(start):
    ours, theirs = os.pipe()
    gateway = start(stderr=theirs)
    os.close(theirs)
    os.close(ours)
    gateway.peer().sign_on()
    assert gateway.terminate() == 0


LOOP_TROUBLE = """
import asyncio
from pln_sim.gateway import log, service

async def main():
    asyncio.get_running_loop().set_exception_handler(service._log_trouble)
    asyncio.get_running_loop().call_exception_handler(
        {"message": "accept failed", "exception": OSError(24, "Too many open files, 01234567890123456789")})

with log.to_stderr("info"):
    asyncio.run(main())
"""


def test_trouble_of_the_loop_is_one_line():
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", LOOP_TROUBLE], env=environment, capture_output=True, text=True, check=True)
    (line,) = done.stderr.splitlines()
    assert line.endswith('level=WARNING event=trouble what="accept failed" error=OSError')
