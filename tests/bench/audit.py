"""The audit: tokens of one key, tokens with a key each and their rows around them, and all cores."""

import contextlib
import hmac
import os
import random
import tempfile
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from codec import decoding, random_token
from comparison import Work, line, rate, seconds

from meter_emu.sts.bulk.arrays import SLICE
from meter_emu.sts.bulk.cipher import cipher_of
from meter_emu.sts.bulk.codec import decode_all
from meter_emu.sts.ciphers import SAMPLE_TABLES, EncryptionAlgorithm
from meter_emu.sts.keys import DecoderKey
from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers import Drn, TokenIdentifier
from meter_emu.sts.tokens import Token, TokenType, encode
from pln_sim.audit.checks import Job, PieceReport, audit_piece
from pln_sim.audit.execution import audit_here, audit_in_processes, audit_on_cluster
from pln_sim.audit.key_ring import KeyRing
from pln_sim.audit.lines import AuditedLines, Piece
from pln_sim.audit.source import Source
from pln_sim.reconciliation.columns import TRANSACTIONS, Transaction

Execute = Callable[[AuditedLines], Iterable[PieceReport]]
SOLD_AT = datetime(2026, 11, 22, 8, 30)
METERS = [Drn(f"{number:011d}") for number in range(SLICE)]
PIECES = 32
"""A million rows, 240 MB: the start of the processes is a small part of it."""


def main() -> None:
    one_key()
    jobs = {name: piece_and_job(*kind) for name, kind in KINDS.items()}
    for name, (piece, job) in jobs.items():
        rate(f"audit, a key for each row, {name}", auditing(piece, job), "bare hmac.digest, SHA-256", digests, ">= 0.3")
    all_cores(*jobs["DKGA04 EA11"])


KINDS = {"DKGA04 EA11": ("04", "11", "123457"), "DKGA04 EA07": ("04", "07", "123457"), "DKGA02 EA07": ("02", "07", "123456")}


def one_key() -> None:
    """Many tokens of one key, from text to numbers, beside the single decoder."""
    for algorithm in (EncryptionAlgorithm.STA, EncryptionAlgorithm.MISTY1):
        key = DecoderKey(algorithm, random.randbytes(algorithm.key_length))
        cipher, bulk = key.cipher(), cipher_of(key)
        digits = [encode(random_token(), cipher) for _ in range(4000)]
        many = digits * (2 * SLICE // len(digits))

        def decode_many(many: list[str] = many, bulk: object = bulk) -> int:
            assert decode_all(many, bulk).is_token.all()
            return len(many)

        rate(
            f"bulk decode EA{algorithm.value}, one key", decode_many, "decode, one at a time", decoding(digits, cipher), ">= 20"
        )


def piece_and_job(dkga: str, ea: str, sgc: str) -> tuple[Piece, Job]:
    """As many rows as are worked together, every one of another meter."""
    named = [{"drn": str(drn), "dkga": dkga, "ea": ea, "sgc": sgc} for drn in METERS]
    store = KeyStore.from_document({"meter": named})
    rows = b"".join(row(store, drn) for drn in METERS)
    return Piece(2, rows), Job(KeyRing.of(store), SAMPLE_TABLES, tolerance=5, most_examples=10)


def row(store: KeyStore, drn: Drn) -> bytes:
    card = store.card(drn)
    tid, tenths = TokenIdentifier.at(SOLD_AT, card.parameters.base_date), random.randrange(1, 16384)
    token = Token.build(TokenType.ELECTRICITY_CREDIT, rnd=random.randrange(16), tid=tid, amount=tenths)
    digits = encode(token, store.key_of(card).decoder_key.cipher())
    money = (50_000_000, 0, 300_000, 659_735, 2_199_115, 24_850_000, 21_991_150)
    names = (f"{random.getrandbits(128):032X}", "0" * 32, str(drn))
    return Transaction("20261122083000", "10000D3", "6015", *names, *money, 10 * tenths, digits, "0110000").row


def auditing(piece: Piece, job: Job) -> Work:
    """Lines in, report out: everything between the file and the sum."""

    def work() -> int:
        assert not audit_piece(piece, job).counts
        return SLICE

    return work


KEY, MESSAGES = os.urandom(20), [os.urandom(49) for _ in range(SLICE)]


def digests() -> int:
    for message in MESSAGES:
        hmac.digest(KEY, message, "sha256")
    return SLICE


def all_cores(piece: Piece, job: Job) -> None:
    """A pool, and a Dask cluster if there is one to be had, beside one process, from the file on. The pool's start is in it."""
    cores = os.cpu_count() or 1
    aim = f">= {0.6 * cores:.1f}, {cores} cores"

    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        file.write(TRANSACTIONS.header)
        for _ in range(PIECES):
            file.write(piece.octets)
        file.flush()
        compare_all(Path(file.name), job, cores, aim)


def compare_all(path: Path, job: Job, cores: int, aim: str) -> None:
    def work(execute: Execute) -> Work:
        def audited() -> int:
            with path.open("rb") as file:
                return counted(execute(AuditedLines(file, source=Source.of(path, file))))

        return audited

    def compare(name: str, execute: Execute, aim: str) -> None:
        ours, alone = seconds(work(execute), work(lambda lines: audit_here(lines, job)), rounds=2)
        line(name, f"{1 / ours:,.0f}/s", "audit in one process", f"{1 / alone:,.0f}/s", alone / ours, aim)

    compare("audit, all cores, pool of processes", lambda lines: audit_in_processes(lines, job, cores), aim)
    with contextlib.suppress(ModuleNotFoundError):
        from distributed import LocalCluster

        with LocalCluster(n_workers=cores, threads_per_worker=1, dashboard_address=None) as cluster:
            address = cluster.scheduler_address
            # Scheduler and client take their share of the same cores; more machines are what a cluster is for.
            compare("audit, Dask cluster on the same cores", lambda lines: audit_on_cluster(lines, job, address), "-")


def counted(reports: Iterable[PieceReport]) -> int:
    return sum(len(report.sold.lines) for report in reports)
