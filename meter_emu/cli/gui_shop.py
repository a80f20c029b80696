"""The shop behind the window: where the two sides meet. Its price list, its till, and what came of a purchase as a slip."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from meter_emu.cli.gui_gateway import NoGateway
from meter_emu.cli.gui_till import Busy, Till
from meter_emu.shell.console import now
from meter_emu.shell.errors import FileError
from meter_emu.sts.errors import StsError
from meter_emu.sts.numbers import Drn
from meter_gui.shop import NothingDue, Offer, Refusal, Shop, Slip

if TYPE_CHECKING:
    from pln_sim.gateway.messages import Amount
    from pln_sim.switching.purchase import Result

PRICE_LIST = "PL"
CLEARANCE_SECONDS = 30
EXPECTED = (FileError, StsError, NoGateway, Busy, OSError)
"""What can go wrong, each told in one line."""


def shop_at(home: str, gateway: str | None) -> Shop:
    """The shop whose files are in ``home``. ``gateway`` is the HOST:PORT of one that is running on this machine; a usage
    error for another text."""
    from pln_sim.cli.buy_order import gateway_at
    from pln_sim.switching.journal import TakenOver

    till = Till(home, None if gateway is None else gateway_at(gateway, allow_remote=False))

    def buy(drn: str, cents: int) -> Slip | Refusal:
        try:
            return _told(till, till.buy(drn, cents))
        except (*EXPECTED, TakenOver) as error:
            return Refusal(str(error))

    def due(drn: str) -> Slip | Refusal | NothingDue:
        try:
            answers = [_told(till, result) for result in till.due(drn)]
        except EXPECTED as error:
            return Refusal(str(error))
        slips = [answer for answer in answers if isinstance(answer, Slip)]
        return next(iter([*slips, *answers]), NothingDue())

    def keyed_in(slip: Slip) -> None:
        with suppress(*EXPECTED):  # Then the slip is shown once more, which is better than never.
            till.told(slip.number)

    def clear_tamper(drn: str) -> Slip | Refusal:
        try:
            return _clear_tamper(home, Drn(drn))
        except (*EXPECTED, subprocess.TimeoutExpired) as error:
            return Refusal(str(error))

    return Shop(_offers(), buy, due, keyed_in, clear_tamper)


def _offers() -> tuple[Offer, ...]:
    """The voucher guide's price list of today."""
    from pln_sim.reseller.prices import built_in_prices

    prices, today = built_in_prices(), now().date()
    nominals = {price.code: price.nominal for price in prices.prices if price.holds_on(today)}
    return tuple(Offer(*offer, nominals[offer.code]) for offer in prices.offers(today, PRICE_LIST))


def _told(till: Till, result: "Result") -> Slip | Refusal:
    """What the customer is told. With a refusal that is done; a slip has to get to the meter first."""
    answer = _answer(result)
    if isinstance(answer, Refusal) and not result.is_open:
        till.told(result.serial)
    return answer


def _answer(result: "Result") -> Slip | Refusal:
    """The receipt of what was bought, or why nothing was."""
    from pln_sim.vending.money import format_kwh, format_rupiah
    from pln_sim.vending.slip import TITLE
    from pln_sim.vending.tariff import built_in_tariffs

    sale = result.sale
    if sale is None:
        return Refusal(f"{result.outcome.value}: {'; '.join(_reasons(result)) or 'the window was killed before it asked'}")

    def money(amount: "Amount | None") -> str:
        return "" if amount is None else format_rupiah(amount.in_units(2))

    lines = (
        ("NO METER", result.order.meter),
        ("NAMA", (sale.subscriber_name or "").strip()),
        ("TARIF/DAYA", f"{(sale.segmentation or '').strip()}/{sale.power_category or 0:09}VA"),
        ("RP BAYAR", format_rupiah(result.order.amount)),
        ("RP STROOM/TOKEN", money(sale.power_purchase)),
        ("JML KWH", "" if sale.energy is None else format_kwh(sale.energy.in_units(1))),
        (built_in_tariffs().lighting_tax(now().date()), money(sale.lighting_tax)),
        ("PPN", money(sale.value_added_tax)),
        ("ANGSURAN", money(sale.instalment)),
        ("METERAI", money(sale.stamp_duty)),
        ("ADMIN BANK", money(sale.admin_charge)),
    )
    return Slip(TITLE, tuple((label, value) for label, value in lines if value), sale.token, result.serial, result.order.amount)


def _reasons(result: "Result") -> Iterator[str]:
    """Why there is no token, and what comes next."""
    from pln_sim.gateway.messages import ResponseCode
    from pln_sim.switching.purchase import Outcome

    if result.code is not None and result.code != ResponseCode.SUCCESSFUL:
        meaning = ResponseCode(result.code).meaning if result.code in set(ResponseCode) else ""
        yield f"{result.code} {meaning}".rstrip()
    if result.why:
        yield result.why
    if result.is_open:
        yield "the gateway is asked again when a window opens"
    elif result.outcome is Outcome.SUSPECT:
        yield f"reconciliation decides on reference {result.pln_reference}"


def _clear_tamper(home: str, drn: Drn) -> Slip | Refusal:
    command = [sys.executable, "-m", "pln_sim", "--home", home, "token", "clear-tamper", drn, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=CLEARANCE_SECONDS)
    if done.returncode:
        return Refusal(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no token could be made")
    made = json.loads(done.stdout)
    return Slip("CLEAR TAMPER", (("NO METER", drn), ("TID", str(made["tid"]))), made["token"])
