"""Speed, as ratios against yardsticks measured in the same run; `make bench` prints them. Nothing here passes or fails.

Machines differ and drift, so subject and yardstick take turns and the medians of their rounds are compared.
"""

import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from Crypto.Cipher import DES

from meter_emu.meter import KeyRegister, Meter, State
from meter_emu.store import Entry, Store
from meter_emu.sts.ciphers import BlockCipher
from meter_emu.sts.ciphers.misty1 import Misty1
from meter_emu.sts.ciphers.sta import Sta
from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers import Drn
from meter_emu.sts.tokens import Token, TokenType, decode, encode

ROUNDS = 9
DRN = Drn("12345678911")
NOW = 1_795_336_300
Work = Callable[[], int]
"""Does some of the work and says how many times."""


def main() -> None:
    print(f"{'what':<46}{'rate':>12}  {'yardstick':<42}{'rate':>12}  {'ratio':>6}  aim")
    with tempfile.TemporaryDirectory() as folder:
        codec()
        durable_token(Path(folder))
        whole_process(Path(folder))


def codec() -> None:
    """A whole token, string to value and back, the key at hand, beside one DES block with a fresh key object."""
    key, block = bytes(range(8)), bytes(8)

    def des() -> int:
        for _ in range(4000):
            DES.new(key, DES.MODE_ECB).decrypt(block)
        return 4000

    ciphers: tuple[tuple[str, BlockCipher, str], ...] = (
        ("EA07", Sta(bytes.fromhex("e653341f9d5bf36f")), "0.6"),
        ("EA11", Misty1(bytes.fromhex("f94b6ed353c3bfdb113e2d3a7ea3c41d")), "0.4"),
    )
    for name, cipher, aim in ciphers:
        tokens = [random_token() for _ in range(4000)]
        digits = [encode(token, cipher) for token in tokens]
        rate(f"decode {name}", decoding(digits, cipher), "DES block decrypt, fresh key", des, f">= {aim}")
        rate(f"encode {name}", encoding(tokens, cipher), "DES block decrypt, fresh key", des, f">= {aim}")


def random_token() -> Token:
    values = {"rnd": random.randrange(16), "tid": random.randrange(2**24), "amount": random.randrange(1, 16384)}
    return Token.build(TokenType.ELECTRICITY_CREDIT, **values)


def decoding(digits: list[str], cipher: BlockCipher) -> Work:
    def work() -> int:
        for token in digits:
            decode(token, cipher)
        return len(digits)

    return work


def encoding(tokens: list[Token], cipher: BlockCipher) -> Work:
    def work() -> int:
        for token in tokens:
            encode(token, cipher)
        return len(tokens)

    return work


def durable_token(folder: Path) -> None:
    """One accepted token, on the disk, beside one bare commit with the same settings."""
    keys = KeyStore.empty()
    card = keys.card(DRN)
    key = KeyRegister.install(card, keys.key_of(card).decoder_key)
    tids = iter(range(1000, 10**7))
    store = Store(folder / "meters.db")
    store.install(Meter(State(drn=DRN, clock=NOW, key=key)), Entry(NOW, "installed", {}))
    bare = sqlite3.connect(folder / "bare.db", isolation_level=None)
    bare.execute("PRAGMA journal_mode = WAL")
    bare.execute("PRAGMA synchronous = FULL")
    bare.execute("CREATE TABLE row (value INTEGER)")

    def enter() -> int:
        for _ in range(200):
            values = {"rnd": 0, "tid": next(tids), "amount": 1}
            token = encode(Token.build(TokenType.ELECTRICITY_CREDIT, **values), key.cipher)
            assert store.change(DRN, lambda meter, token=token: act(meter, token))
        return 200

    def act(meter: Meter, token: str) -> tuple[Meter, list[Entry], bool]:
        after, outcome = meter.enter(token, NOW)
        return after, [Entry(NOW, "token", {"token": token, "result_code": int(outcome.result_code)})], outcome.accepted

    def commit() -> int:
        for number in range(200):
            bare.execute("BEGIN IMMEDIATE")
            bare.execute("INSERT INTO row VALUES (?)", (number,))
            bare.execute("COMMIT")
        return 200

    time_of("accepted token, durable", enter, "bare SQLite commit", commit, "<= 3")
    store.close()
    bare.close()


def whole_process(folder: Path) -> None:
    """``meter-emu enter`` from the shell and back, beside a Python that does nothing."""
    environment = os.environ | {"METER_EMU_HOME": str(folder / "home")}
    commands = Path(sys.executable)
    pass_ = [sys.executable, "-c", "pass"]
    rounds = 25

    def run(command: list[str]) -> str:
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    run([str(commands.with_name("meter-emu")), "install", DRN])
    made = run([str(commands.with_name("pln-sim")), "token", "credit", DRN, "--kwh", "1", "--count", str(rounds + 1), "--json"])
    tokens = iter([json.loads(row)["token"] for row in made.splitlines()])

    def enter() -> int:
        run([str(commands.with_name("meter-emu")), "enter", next(tokens)])
        return 1

    def nothing() -> int:
        run(pass_)
        return 1

    time_of("meter-emu enter, accepted, a whole process", enter, "python -c pass", nothing, "<= 6", rounds=rounds)


def rate(name: str, subject: Work, yardstick_name: str, yardstick: Work, aim: str) -> None:
    """Print how many a second, and the ratio of the rates."""
    subject_seconds, yardstick_seconds = seconds(subject, yardstick, ROUNDS)
    ratio = yardstick_seconds / subject_seconds
    line(name, f"{1 / subject_seconds:,.0f}/s", yardstick_name, f"{1 / yardstick_seconds:,.0f}/s", ratio, aim)


def time_of(name: str, subject: Work, yardstick_name: str, yardstick: Work, aim: str, rounds: int = ROUNDS) -> None:
    """Print how long one takes, and the ratio of the times."""
    subject_seconds, yardstick_seconds = seconds(subject, yardstick, rounds)
    ratio = subject_seconds / yardstick_seconds
    line(name, f"{subject_seconds * 1000:.2f} ms", yardstick_name, f"{yardstick_seconds * 1000:.2f} ms", ratio, aim)


def line(name: str, figure: str, yardstick_name: str, yardstick_figure: str, ratio: float, aim: str) -> None:
    print(f"{name:<46}{figure:>12}  {yardstick_name:<42}{yardstick_figure:>12}  {ratio:6.2f}  {aim}", flush=True)


def seconds(subject: Work, yardstick: Work, rounds: int) -> tuple[float, float]:
    """The median time for one, of each, the two taking turns after a round that does not count."""
    times: tuple[list[float], list[float]] = [], []
    for number in range(rounds + 1):
        for work, taken in zip((subject, yardstick), times, strict=True):
            began = time.perf_counter()
            count = work()
            if number:
                taken.append((time.perf_counter() - began) / count)
    return statistics.median(times[0]), statistics.median(times[1])


if __name__ == "__main__":
    main()
