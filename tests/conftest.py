"""What the tests of every part share: a meter's key, tokens for it, a home of its own."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from meter_emu.meter import KeyRegister, Meter, State
from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers import Drn
from meter_emu.sts.tokens import Token, TokenType, encode

settings.register_profile("project", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")

DRN = Drn("12345678911")
INSTALLED_AT = 1_795_336_200
"""2026-11-22T08:30:00 as the meter counts it."""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own: no test touches the user's."""
    folder = tmp_path / "home"
    monkeypatch.setenv("METER_EMU_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def new_meter() -> Callable[[], Meter]:
    """A meter as installed, with the published test keys and the default parameters."""
    keys = KeyStore.empty()
    card = keys.card(DRN)
    key = KeyRegister.install(card, keys.key_of(card).decoder_key)
    return lambda: Meter(State(drn=DRN, clock=INSTALLED_AT, key=key))


@pytest.fixture(scope="session")
def credit_token(new_meter: Callable[[], Meter]) -> Callable[..., str]:
    """The 20 digits of a credit token for that meter: ``credit_token(tid, tenths_of_kwh)``."""
    cipher = new_meter().state.key.cipher

    def make(tid: int, amount: int = 10) -> str:
        return encode(Token.build(TokenType.ELECTRICITY_CREDIT, rnd=0, tid=tid, amount=amount), cipher)

    return make


NOBODY = 65534


@pytest.fixture
def in_a_child(tmp_path: Path) -> Callable[..., str]:
    """``in_a_child(act)``: what ``act`` returns in a forked process that may not write where it likes, even if root runs the
    tests. ``files`` are its own; with ``is_root_too`` it keeps its rights."""

    def call(act: Callable[[], str], *, files: tuple[Path, ...] = (), is_root_too: bool = False) -> str:
        is_to_lose_its_rights = os.geteuid() == 0 and not is_root_too
        if is_to_lose_its_rights:
            for folder in (tmp_path, *tmp_path.parents[:2]):
                folder.chmod(folder.stat().st_mode | 0o055)
            for file in files:
                os.chown(file, NOBODY, NOBODY)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                if is_to_lose_its_rights:
                    os.setgid(NOBODY)
                    os.setuid(NOBODY)
                answer = act()
            except BaseException as error:
                answer = f"{type(error).__name__}: {error}"
            os.write(writer, answer.encode())
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as pipe:
            answer = pipe.read()
        os.waitpid(child, 0)
        for file in files if is_to_lose_its_rights else ():
            os.chown(file, 0, 0)
        return answer

    return call
