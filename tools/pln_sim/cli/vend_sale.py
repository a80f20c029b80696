"""From an order to a slip on the screen: the bill, the TID, the token and the record, in this order, then the print.

The month's purchases are locked from the bill to the record, so that two sales at once cannot pass the ceiling together.
TID and purchase are on disk before the token is shown; a crash in between wastes a TID at worst.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import click

from meter_emu.shell import console
from meter_emu.shell.home import make_home
from meter_emu.shell.key_file import key_store
from meter_emu.sts.numbers import Drn, TokenIdentifier
from meter_emu.sts.tokens import TokenType
from pln_sim.cli.token_issue import RANDOM_NUMBERS, decoder_keys, token_cipher
from pln_sim.cli.token_request import TokenRequest
from pln_sim.vending import ledger, purchases
from pln_sim.vending.bill import Bill, Refusal
from pln_sim.vending.customer import Customer, customer_of, read_customers
from pln_sim.vending.generator import issue
from pln_sim.vending.ledger import Ledger
from pln_sim.vending.money import format_kwh, format_rupiah
from pln_sim.vending.purchases import Purchase, Purchases
from pln_sim.vending.slip import Slip, as_json, as_text
from pln_sim.vending.tariff import Tariffs, built_in_tariffs, read_tariffs

REFERENCE_BYTES = 16
REASONS = {
    Refusal.BELOW_MINIMUM: "{paid} is below the minimum purchase of {minimum}",
    Refusal.ABOVE_MAXIMUM: "{paid} is above the maximum purchase of {maximum}, or more than a token can carry",
    Refusal.ABOVE_CEILING: "{paid} would pass the {ceiling} kWh that {customer} may buy in a calendar month{bought}",
    Refusal.NOTHING_LEFT: "admin charge, stamp duty and instalment leave nothing of {paid} for power",
}
"""What a customer is told."""


@dataclass(frozen=True)
class Order:
    """What is bought, and what was said that differs from what is known of the customer."""

    drn: Drn
    paid: int
    """Cents, all charges included."""
    admin: int = 0
    instalment: int | None = None
    tariff: tuple[str, int] | None = None
    """Class and VA."""
    ppj: int | None = None
    """Hundredths of a percent."""
    customers: Path | None = None
    tariffs: Path | None = None


def print_sale(request: TokenRequest, order: Order) -> None:
    """Sell a token and print its slip. Failure if the rules refuse, StsError or FileError if something said is wrong."""
    tariffs = read_tariffs(order.tariffs) if order.tariffs else built_in_tariffs()
    slip = _sell(request, order, _customer(order), tariffs)
    if request.as_json:
        console.echo_json(as_json(slip))
    else:
        click.echo(as_text(slip))


def _customer(order: Order) -> Customer:
    """The customer of the meter, as known and as said."""
    customer = customer_of(order.drn, read_customers(order.customers) if order.customers else {})
    if order.tariff is not None:
        customer = replace(customer, tariff=order.tariff[0], va=order.tariff[1])
    if order.ppj is not None:
        customer = replace(customer, ppj=order.ppj, town=None)
    if order.instalment is not None:
        customer = replace(customer, instalment=order.instalment, instalment_until=None)
    return customer


def _sell(request: TokenRequest, order: Order, customer: Customer, tariffs: Tariffs) -> Slip:
    store = key_store(request.key_file, request.home)
    card = store.card(order.drn).changed(**request.key_parameters)
    (key,) = decoder_keys(store, card)
    cipher = token_cipher(request, key)
    wanted = TokenIdentifier.at(request.at, card.parameters.base_date)
    today = request.at.date()
    lighting_tax = tariffs.lighting_tax(today)
    # What could not be sold in any month is refused before a file is made.
    _bill(order, customer, today, tariffs, bought=0)
    reference = secrets.token_hex(REFERENCE_BYTES).upper()
    make_home(request.home)
    with (
        Purchases(request.home / purchases.FILE_NAME) as record,
        Ledger(request.home / ledger.FILE_NAME) as tids,
        record.transaction(),
    ):
        bill = _bill(order, customer, today, tariffs, bought=record.bought_in_month(order.drn, today))
        (tid,) = tids.reserve(card, wanted)
        amount = {"amount": bill.kwh}
        issued = issue(card, cipher, TokenType.ELECTRICITY_CREDIT, amount, tid, secrets.randbelow(RANDOM_NUMBERS))
        record.add(Purchase(reference, order.drn, request.at, bill.paid, bill.kwh, issued.digits))
    return Slip(
        customer=customer,
        bill=bill,
        token=issued.digits,
        reference=reference,
        sold_at=request.at,
        lighting_tax=lighting_tax,
    )


def _bill(order: Order, customer: Customer, on: date, tariffs: Tariffs, bought: int) -> Bill:
    """The bill; Failure, with the reason in a line, if there is none."""
    bill = customer.bill(order.paid, on, tariffs, admin=order.admin, bought=bought)
    if isinstance(bill, Bill):
        return bill
    limit = tariffs.limit(on)
    reason = REASONS[bill].format(
        paid=format_rupiah(order.paid),
        minimum=format_rupiah(limit.minimum),
        maximum=format_rupiah(limit.maximum),
        customer=customer.tariff_and_power,
        ceiling=format_kwh(limit.ceiling(customer.va)),
        bought=f"; {format_kwh(bought)} kWh of it are bought" if bought else "",
    )
    raise console.Failure(f"not sold: {reason}")
