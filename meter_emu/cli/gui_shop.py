"""The shop behind the window: where the two sides meet. It buys as ``pln-sim buy`` does, through a gateway that is running, or
through one of its own that runs for as long as the purchase takes.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from meter_emu.shell.errors import FileError
from meter_emu.sts.errors import StsError
from meter_emu.sts.numbers import Drn
from meter_gui.shop import Refusal, Shop, Slip

if TYPE_CHECKING:
    from pln_sim.gateway.messages import Amount
    from pln_sim.switching.link import Address
    from pln_sim.switching.purchase import Result

CENTS = 100
WAIT_SECONDS = 20.0
"""For each reply of a gateway; the document wants 20 to 40."""
STOP_SECONDS = 30
READY = "listening on "
SWITCHING = ("10000D3", "0110000", "6015")
"""Switching, bank and merchant as which the window buys: those of `pln-sim buy`."""


class NoGateway(Exception):
    """The gateway of our own did not begin; its last words."""


def shop_at(home: str, gateway: str | None) -> Shop:
    """The shop whose files are in ``home``. ``gateway`` is the HOST:PORT of one that is running on this machine; a usage
    error for another text."""
    from pln_sim.cli.buy_order import gateway_at

    address = None if gateway is None else gateway_at(gateway, allow_remote=False)

    def buy(drn: str, rupiah: int) -> Slip | Refusal:
        try:
            if address is not None:
                return _buy(home, address, drn, rupiah)
            _know_customer(home, Drn(drn))
            with _gateway_of_our_own(home) as own:
                return _buy(home, own, drn, rupiah)
        except (FileError, StsError, NoGateway, OSError) as error:
            return Refusal(str(error))

    def clear_tamper(drn: str) -> Slip | Refusal:
        try:
            return _clear_tamper(home, Drn(drn))
        except (FileError, StsError, OSError) as error:
            return Refusal(str(error))

    return Shop(buy, clear_tamper)


def _buy(home: str, gateway: "Address", drn: str, rupiah: int) -> Slip | Refusal:
    from pln_sim.switching.client import Client
    from pln_sim.switching.journal import FILE_NAME, Journal, TakenOver
    from pln_sim.switching.purchase import Switching

    switching = Switching(*SWITCHING)
    with Journal(Path(home) / FILE_NAME) as journal, Client(journal, gateway, switching, WAIT_SECONDS) as client:
        try:
            result = client.buy(drn, rupiah * CENTS)
        except TakenOver as error:
            return Refusal(str(error))
        if not result.is_open:
            client.told(result)
    return _slip(result)


def _slip(result: "Result") -> Slip | Refusal:
    """The receipt of what was bought, or why nothing was."""
    from pln_sim.gateway.messages import ResponseCode
    from pln_sim.vending.money import format_kwh, format_rupiah
    from pln_sim.vending.slip import TITLE
    from pln_sim.vending.tariff import built_in_tariffs

    sale = result.sale
    if sale is None:
        meanings = [ResponseCode(result.code).meaning] if result.code in set(ResponseCode) else []
        reasons = [result.code or "", *meanings, result.why]
        open_still = ["run `pln-sim buy --resume`"] if result.is_open else []
        return Refusal(f"{result.outcome.value}: {' '.join(filter(None, [*reasons, *open_still]))}")

    def money(amount: "Amount | None") -> str:
        return "" if amount is None else format_rupiah(amount.in_units(2))

    lines = (
        ("NO METER", result.order.meter),
        ("NAMA", (sale.subscriber_name or "").strip()),
        ("TARIF/DAYA", f"{(sale.segmentation or '').strip()}/{sale.power_category or 0:09}VA"),
        ("RP BAYAR", format_rupiah(result.order.amount)),
        ("RP STROOM/TOKEN", money(sale.power_purchase)),
        ("JML KWH", "" if sale.energy is None else format_kwh(sale.energy.in_units(1))),
        (built_in_tariffs().lighting_tax(date.today()), money(sale.lighting_tax)),
        ("PPN", money(sale.value_added_tax)),
        ("ANGSURAN", money(sale.instalment)),
        ("METERAI", money(sale.stamp_duty)),
        ("ADMIN BANK", money(sale.admin_charge)),
    )
    return Slip(TITLE, tuple((label, value) for label, value in lines if value), sale.token)


def _know_customer(home: str, drn: Drn) -> None:
    """See to it that our own gateway knows the meter, as the utility does that installs one."""
    from pln_sim.cli.database import opened
    from pln_sim.gateway.configuration import load_built_in
    from pln_sim.storage import Storage
    from pln_sim.vending.customer import customer_of

    def know(storage: Storage) -> None:
        if not storage.is_loaded():
            load_built_in(storage)
        if storage.customer(drn) is None:
            storage.change_customer(customer_of(drn, {}))

    with opened(None, Path(home)) as depot:
        depot.run(know)


@contextmanager
def _gateway_of_our_own(home: str) -> Iterator["Address"]:
    """A gateway as a process, on a port that is free, for as long as the context lasts. NoGateway if it does not begin."""
    from pln_sim.switching.link import Address

    command = [sys.executable, "-m", "pln_sim", "--home", home, "gateway", "--listen", "127.0.0.1:0", "--log-level", "warning"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            if not ready.startswith(READY):
                process.terminate()
                _, words = process.communicate(timeout=STOP_SECONDS)
                raise NoGateway(words.strip().splitlines()[-1] if words.strip() else "the gateway did not begin")
            yield Address.parse(ready.removeprefix(READY).strip())
        finally:
            process.terminate()
            try:
                process.communicate(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _clear_tamper(home: str, drn: Drn) -> Slip | Refusal:
    command = [sys.executable, "-m", "pln_sim", "--home", home, "token", "clear-tamper", drn, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=STOP_SECONDS)
    if done.returncode:
        return Refusal(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no token could be made")
    made = json.loads(done.stdout)
    return Slip("CLEAR TAMPER", (("NO METER", drn), ("TID", str(made["tid"]))), made["token"])
