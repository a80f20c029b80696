"""Steps killed between any two changes of the disk, and processes killed at any time: run again, the day ends the same."""

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


class Killed(BaseException):
    """The process ends here."""


class Fuse:
    """Kills at the n-th change of the disk."""

    def __init__(self, left):
        self.left = left

    def around(self, function):
        def burning(*arguments, **options):
            if self.left == 0:
                raise Killed
            self.left -= 1
            return function(*arguments, **options)

        return burning


def changes_of_the_disk(monkeypatch, fuse, world):
    decides = [(kind, "decide") for kind in (world.GatewayDecisions, world.SwitchingDecisions)]
    for owner, name in ((Path, "replace"), (Path, "unlink"), *decides):
        monkeypatch.setattr(owner, name, fuse.around(getattr(owner, name)))
    # Power cuts are not what is tested here, so nothing waits for the disk.
    monkeypatch.setattr(os, "fsync", fuse.around(lambda _: None))


def test_killed_between_any_two_changes_of_the_disk(mixed_day, world, tmp_path):
    mixed_day.run()
    right, ledger = mixed_day.snapshot(), mixed_day.ledger("gateway")
    kills = 0
    while True:
        folder = tmp_path / f"{kills}"
        folder.mkdir()
        day = world.BusinessDay(folder)
        day.gateway, day.switching, day.log = mixed_day.gateway, mixed_day.switching, mixed_day.log
        with pytest.MonkeyPatch.context() as patch:
            changes_of_the_disk(patch, Fuse(kills), world)
            try:
                day.run()
            except Killed:
                kills += 1
            else:
                break
        results = day.run()
        assert {name: content for name, content in day.snapshot().items() if not name.endswith(".part")} == right
        assert day.ledger("gateway") == day.ledger("switching") == ledger
        assert results[-1].transfer == results[-2].transfer
    assert kills > 30


@pytest.mark.soak
def test_processes_killed_at_any_time(tmp_path, mixed_day, world):
    """`pln-sim recon day`, killed after a random time, again and again, then left alone."""
    from tests.pln_sim.reconciliation.test_reconciliation_cli import DATE, fill, snapshot

    fill(tmp_path / "right", world, mixed_day.gateway, mixed_day.switching, mixed_day.log)
    command = [Path(sys.executable).with_name("pln-sim"), "recon", "day", *DATE, "--home"]
    told = subprocess.run([*command, tmp_path / "right"], capture_output=True, check=True).stdout
    draw = random.Random(5)
    for number in range(10):
        home = tmp_path / f"{number}"
        fill(home, world, mixed_day.gateway, mixed_day.switching, mixed_day.log)
        for _ in range(4):
            process = subprocess.Popen([*command, home], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(draw.uniform(0.15, 0.6))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        assert subprocess.run([*command, home], capture_output=True, check=True).stdout == told
        files = {name: content for name, content in snapshot(home / "files").items() if not name.endswith(".part")}
        assert files == snapshot(tmp_path / "right" / "files")
        assert not list((home / "reconciliation").rglob(".groups-*"))
        shutil.rmtree(home)
