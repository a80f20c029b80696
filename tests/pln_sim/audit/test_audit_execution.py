"""Here, in a pool of processes and on a real Dask cluster: the same report; and no report with a gap when a worker dies."""

import multiprocessing
import os
import select
import signal
import subprocess
import sys
from dataclasses import replace
from io import BytesIO

import pytest

from meter_emu.sts.keys.key_store import KeyStore
from pln_sim.audit.errors import AuditStopped
from pln_sim.audit.execution import audit_here, audit_in_processes, audit_on_cluster
from pln_sim.audit.lines import AuditedLines
from pln_sim.audit.mismatch import Mismatch
from pln_sim.audit.report import compile_report
from pln_sim.audit.source import Source

DRNS = [f"{number:011d}" for number in range(40)]


@pytest.fixture(scope="module")
def content(audit_tools):
    """Forty good rows, each in a piece of its own, and some that are not."""
    seller_class, file_of, _ = audit_tools
    seller = seller_class(KeyStore.empty())
    rows = [seller.row(drn) for drn in DRNS]
    rows[10:10] = [seller.row(DRNS[1], "9" * 20), b"no row\n", seller.row(DRNS[2], seller.token(DRNS[3], tenths=1))]
    return file_of([*rows, rows[0]])


@pytest.fixture(scope="module")
def job(audit_tools):
    return audit_tools[2](KeyStore.empty())


def lines_of(content):
    return AuditedLines(BytesIO(content), piece_bytes=227)


@pytest.fixture(scope="module")
def expected(content, job):
    lines = lines_of(content)
    report = compile_report(lines, audit_here(lines, job), 10)
    assert set(report.counts) == {
        Mismatch.NOT_A_TOKEN,
        Mismatch.MALFORMED_ROW,
        Mismatch.WRONG_KEY,
        Mismatch.REPEATED_TOKEN,
    }
    return report


def then(pieces, number, act):
    """The pieces; before one of them is handed out, something happens."""
    for count, piece in enumerate(pieces):
        if count == number:
            act()
        yield piece


def test_a_pool_gives_the_same_report(content, job, expected):
    lines = lines_of(content)
    assert compile_report(lines, audit_in_processes(lines, job, 2), 10) == expected
    assert not multiprocessing.active_children()


def test_a_worker_process_that_dies_ends_the_audit_in_one_line(content, job):
    def kill():
        os.kill(multiprocessing.active_children()[0].pid, signal.SIGKILL)

    lines = lines_of(content)
    with pytest.raises(AuditStopped, match=r"^a worker process died, .*with fewer --workers$"):
        compile_report(lines, audit_in_processes(then(lines, 20, kill), job, 2), 10)
    assert not multiprocessing.active_children()


@pytest.fixture
def on_disk(tmp_path, content):
    """The same as a file on the disk."""
    path = tmp_path / "file.txt"
    path.write_bytes(content)
    return path


@pytest.fixture
def read(on_disk):
    """Its lines, which say where they are; ``seen_as`` is where others look for it."""
    with on_disk.open("rb") as file:

        def lines(seen_as=None):
            file.seek(0)
            source = Source.of(on_disk, file)
            return AuditedLines(file, piece_bytes=227, source=replace(source, path=str(seen_as)) if seen_as else source)

        yield lines


def test_workers_read_the_file_themselves(read, on_disk, content, job, expected, tmp_path):
    lines = read()
    works = [(piece.range.offset, piece.range.read() == piece.octets) for piece in lines]
    assert len(works) > 40
    assert all(is_right for _, is_right in works)
    assert works[0][0] == content.index(b"\n") + 1
    lines = read()
    assert compile_report(lines, audit_in_processes(lines, job, 2), 10) == expected


@pytest.mark.parametrize("change", ["grows", "is replaced", "is gone"])
@pytest.mark.parametrize("execute", [audit_here, lambda lines, job: audit_in_processes(lines, job, 2)])
def test_a_file_that_changes_meanwhile_is_refused(read, on_disk, job, change, execute, content):
    def act():
        if change == "grows":
            with on_disk.open("ab") as file:
                file.write(b"x")
        else:
            on_disk.unlink()
        if change == "is replaced":
            on_disk.write_bytes(content)

    lines = read()
    reports = execute(then(lines, 20, act), job)
    if execute is audit_here and change != "grows":
        assert len(compile_report(lines, reports, 10).examples) > 0  # it reads the old file, to which nothing has happened
        return
    with pytest.raises(AuditStopped, match=rf"^{on_disk} was changed while it was audited: audit it again when it is"):
        compile_report(lines, reports, 10)
    assert not multiprocessing.active_children()


def test_what_is_no_file_has_no_place_to_be_read_from(tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with open(os.open(fifo, os.O_RDWR), "rb", buffering=0) as file:
        assert Source.of(fifo, file) is None
    deleted = tmp_path / "deleted"
    deleted.touch()
    with deleted.open("rb") as file:
        deleted.unlink()
        assert Source.of(deleted, file) is None


SCRIPT = """
import multiprocessing, sys
from meter_emu.sts.ciphers import SAMPLE_TABLES
from meter_emu.sts.keys.key_store import KeyStore
from pln_sim.audit.checks import Job
from pln_sim.audit.execution import audit_in_processes
from pln_sim.audit.key_ring import KeyRing
from pln_sim.audit.lines import Piece

def pieces():
    while True:
        yield Piece(1, b"no row\\n")

if __name__ == "__main__":
    reports = audit_in_processes(pieces(), Job(KeyRing.of(KeyStore.empty()), SAMPLE_TABLES, 5, 1), 1)
    next(reports)
    print(multiprocessing.active_children()[0].pid, flush=True)
    sys.stdin.read()
"""


def test_workers_end_with_the_process_they_work_for(tmp_path):
    script = tmp_path / "endless.py"
    script.write_text(SCRIPT)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, script], text=True, **pipes) as parent:
        worker = os.pidfd_open(int(parent.stdout.readline()))
        try:
            parent.kill()
            assert select.select([worker], [], [], 30)[0], "the worker outlived its parent"
        finally:
            os.close(worker)


class Cluster:
    """A scheduler and its workers, each a process of its own, on loopback."""

    def __init__(self, folder):
        command = [
            sys.executable,
            "-m",
            "distributed.cli.dask_scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
        ]
        self.scheduler = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=folder)
        heard = (line.partition("Scheduler at:")[2].strip() for line in self.scheduler.stderr)
        self.address = next(filter(None, heard))
        self.folder = folder
        self.workers = []

    def start_worker(self):
        command = [sys.executable, "-m", "distributed.cli.dask_worker", self.address, "--no-nanny", "--nthreads", "1"]
        options = ["--no-dashboard", "--host", "127.0.0.1", "--local-directory", str(self.folder)]
        self.workers.append(subprocess.Popen([*command, *options], stderr=subprocess.DEVNULL, cwd=self.folder))

    def close(self):
        for process in [*self.workers, self.scheduler]:
            process.kill()
            process.wait()
        self.scheduler.stderr.close()


@pytest.fixture
def cluster(tmp_path):
    started = Cluster(tmp_path)
    yield started
    started.close()


def test_a_cluster_gives_the_same_report_and_does_again_what_a_killed_worker_took_along(cluster, content, job, expected):
    cluster.start_worker()
    cluster.start_worker()
    lines = lines_of(content)
    assert compile_report(lines, audit_on_cluster(lines, job, cluster.address), 10) == expected
    lines = lines_of(content)
    pieces = then(lines, 20, cluster.workers[0].kill)
    assert compile_report(lines, audit_on_cluster(pieces, job, cluster.address), 10) == expected


def test_a_cluster_whose_workers_do_not_see_the_file_gets_its_bytes(cluster, read, job, expected, tmp_path):
    cluster.start_worker()
    for seen_as in (None, tmp_path / "elsewhere"):
        lines = read(seen_as)
        assert compile_report(lines, audit_on_cluster(lines, job, cluster.address), 10) == expected


def test_a_cluster_without_workers_is_one_line(cluster, content, job, monkeypatch):
    monkeypatch.setattr("pln_sim.audit.execution.CONNECT_SECONDS", 0.5)
    with pytest.raises(AuditStopped, match=r"^the scheduler at tcp://\S+ has no workers: start some with"):
        list(audit_on_cluster(lines_of(content), job, cluster.address))


def test_a_cluster_whose_workers_all_die_is_one_line(cluster, content, job, monkeypatch):
    monkeypatch.setattr("pln_sim.audit.execution.PATIENCE_SECONDS", 0.5)
    cluster.start_worker()
    lines = lines_of(content)
    with pytest.raises(AuditStopped, match=r"^the (scheduler|cluster) at tcp://\S+ (has no workers left|failed)"):
        compile_report(lines, audit_on_cluster(then(lines, 20, cluster.workers[0].kill), job, cluster.address), 10)


def test_nobody_at_the_address_is_one_line(content, job, monkeypatch):
    monkeypatch.setattr("pln_sim.audit.execution.CONNECT_SECONDS", 0.5)
    with pytest.raises(AuditStopped, match=r"^no Dask scheduler answers at tcp://127.0.0.1:1 "):
        list(audit_on_cluster(lines_of(content), job, "tcp://127.0.0.1:1"))
