"""Where the pieces of a file are audited: in this process, by a pool of processes, or on a Dask cluster.

All three take the pieces and a job and yield the same reports in the same order. Who works elsewhere reads the file there, if
it can be seen from there, and else gets the bytes. A piece that is lost with a worker is done
again by the cluster; where that cannot be, AuditStopped ends the audit: there is no report with a gap in it. Twice as many
pieces as there are workers are under way at a time, so memory stays bounded.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import wait
from typing import Any, TypeVar

from pln_sim.audit.checks import Job, PieceReport, audit_piece
from pln_sim.audit.errors import AuditStopped
from pln_sim.audit.lines import Piece
from pln_sim.audit.source import Range, changed

FutureT = TypeVar("FutureT")
WorkT = TypeVar("WorkT")
PIECES_FOR_EACH_WORKER = 2
CONNECT_SECONDS = 15
"""How long a scheduler, and then its first worker, is waited for."""
PATIENCE_SECONDS = 15
"""How long a piece is waited for before it is asked whether the cluster has workers at all."""


def audit_here(pieces: Iterable[Piece], job: Job) -> Iterator[PieceReport]:
    """Audit one piece after the other in this process."""
    return (audit_piece(piece, job) for piece in pieces)


def audit_in_processes(pieces: Iterable[Piece], job: Job, workers: int) -> Iterator[PieceReport]:
    """Audit with a pool of processes. AuditStopped if one of them dies."""
    # Fresh processes, not forked ones: numpy has threads, which a fork would leave behind in an unknown state.
    context = multiprocessing.get_context("spawn")
    most = PIECES_FOR_EACH_WORKER * workers
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(job,))
    try:
        for work, future in _in_order(map(_work, pieces), lambda work: pool.submit(_audit, work), most):
            report = future.result()
            if report is None:
                assert isinstance(work, Range)
                raise AuditStopped(changed(work.source.path))
            yield report
    except BrokenProcessPool:
        raise AuditStopped(
            "a worker process died, so the audit is not complete: run it again; if memory is short, with fewer --workers"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def audit_on_cluster(pieces: Iterable[Piece], job: Job, address: str) -> Iterator[PieceReport]:
    """Audit on the cluster of a Dask scheduler, whose workers must have this package. The keys travel there.

    AuditStopped if it cannot be reached, has no workers, or fails for good. ModuleNotFoundError without `distributed`.
    """
    # As a value: it has no types to speak of.
    distributed: Any = import_module("distributed")
    try:
        client = distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise AuditStopped(f"no Dask scheduler answers at {address} ({type(error).__name__})") from None
    try:
        try:
            client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except TimeoutError:
            raise AuditStopped(f"the scheduler at {address} has no workers: start some with `dask worker {address}`") from None
        cores = sum(worker["nthreads"] for worker in client.scheduler_info(n_workers=-1)["workers"].values())
        job_there = client.scatter(job, broadcast=True, hash=False)

        sees_file = True  # as long as every worker has found the file; else the bytes go there, which takes longer

        def submit(piece: Piece) -> Any:
            return client.submit(audit_work, _work(piece) if sees_file else piece, job_there, pure=False)

        for piece, future in _in_order(pieces, submit, PIECES_FOR_EACH_WORKER * max(cores, 1)):
            report = _patiently(client, future, address)
            if report is None:
                sees_file = False
                report = _patiently(client, submit(piece), address)
                assert report is not None
            yield report
    finally:
        client.close()


def _patiently(client: Any, future: Any, address: str) -> PieceReport | None:
    """The report of a piece, however long it takes, as long as somebody can work on it."""
    while True:
        try:
            report = future.result(timeout=PATIENCE_SECONDS)
        except TimeoutError:
            if not client.scheduler_info()["workers"]:
                raise AuditStopped(f"the scheduler at {address} has no workers left, so the audit is not complete") from None
        except Exception as error:
            reason = f"a piece of the file cannot be audited there ({type(error).__name__})"
            advice = "see the workers' logs, and whether they have meter-emu[cluster]"
            raise AuditStopped(f"the cluster at {address} failed: {reason}; {advice}") from None
        else:
            assert report is None or isinstance(report, PieceReport)
            return report


def audit_work(work: Piece | Range, job: Job) -> PieceReport | None:
    """Audit a piece, or one that is read here; None if the file is not to be had here, or is not the same any more."""
    if isinstance(work, Piece):
        return audit_piece(work, job)
    octets = work.read()
    return None if octets is None else audit_piece(Piece(work.first_line, octets), job)


def _work(piece: Piece) -> Piece | Range:
    """The piece as it is handed over: where it is if that is known, since a pipe takes long for millions of bytes."""
    return piece.range or piece


def _in_order(works: Iterable[WorkT], submit: Callable[[WorkT], FutureT], most: int) -> Iterator[tuple[WorkT, FutureT]]:
    """All work with its futures, in its order, never more than ``most`` at a time."""
    under_way: deque[tuple[WorkT, FutureT]] = deque()
    for work in works:
        under_way.append((work, submit(work)))
        if len(under_way) >= most:
            yield under_way.popleft()
    yield from under_way


_job: Job | None = None
"""What this process audits with, if it is a worker of a pool."""


def _begin(job: Job) -> None:
    global _job
    _job = job
    # Whoever interrupts the audit interrupts the process that waits for this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()


def _end_with_the_parent() -> None:
    """A pool's worker would wait for work for ever when its parent is killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        with suppress(OSError):
            wait([parent.sentinel])
        os._exit(1)


def _audit(work: Piece | Range) -> PieceReport | None:
    assert _job is not None
    return audit_work(work, _job)
