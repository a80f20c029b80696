"""The meter: a token accepted and on the disk, and the whole command that does it."""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from comparison import time_of

from meter_emu.meter import KeyRegister, Meter, State
from meter_emu.store import Entry, Store
from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers import Drn
from meter_emu.sts.tokens import Token, TokenType, encode

DRN = Drn("12345678911")
NOW = 1_795_336_300


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        durable_token(Path(folder))
        whole_process(Path(folder))


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
