"""From an order to a slip on the screen: the bill, the TID, the token and the sale, in one transaction, then the print.

So two sales at once, here or through a gateway, cannot pass the month's ceiling together, and a crash leaves neither a TID nor
a sale behind, or both. They are on disk before the token is shown.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from time import time

import click

from meter_emu.shell import console
from meter_emu.shell.key_file import key_store_for
from meter_emu.sts.numbers import Drn, TokenIdentifier
from meter_emu.sts.tokens import TokenType
from meter_emu.sts.tokens.layout import RANDOM_NUMBERS
from pln_sim.cli.database import opened
from pln_sim.cli.token_issue import decoder_keys, sta_tables
from pln_sim.cli.token_request import TokenRequest
from pln_sim.storage import COUNTER, SECRET_BYTES, Sale, Storage, reference_number
from pln_sim.upgrade.key_history import present_card
from pln_sim.vending.bill import Bill, Refusal
from pln_sim.vending.customer import Customer, Customers, customer_of, read_customers
from pln_sim.vending.generator import issue
from pln_sim.vending.ledger import free
from pln_sim.vending.money import format_kwh, format_rupiah
from pln_sim.vending.slip import Slip, as_json, as_text
from pln_sim.vending.tariff import Tariffs, read_tariffs

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
    slip = _sell(request, order)
    if request.as_json:
        console.echo_json(as_json(slip))
    else:
        click.echo(as_text(slip))


def _sell(request: TokenRequest, order: Order) -> Slip:
    # All that a file or an option can be wrong in is looked at before the database is made.
    customers = read_customers(order.customers) if order.customers else None
    tariffs = read_tariffs(order.tariffs) if order.tariffs else None
    store = key_store_for(order.drn, request.key_parameters, request.key_file, request.home)
    known_card = store.card(order.drn).changed(**request.key_parameters)
    decoder_keys(store, known_card)
    tables = sta_tables(request, known_card)
    wanted = TokenIdentifier.at(request.at, known_card.parameters.base_date)

    def sell(storage: Storage) -> Slip:
        if not storage.is_loaded():
            from pln_sim.gateway.configuration import load_built_in

            load_built_in(storage)
        customer = _customer(order, storage, customers)
        rules = tariffs or storage.registry().tariffs
        today = request.at.date()
        lighting_tax = rules.lighting_tax(today)
        bill = _bill(order, customer, today, rules, bought=storage.bought_in_month(order.drn, today))
        card = present_card(store, order.drn, storage.upgrades_of(order.drn)).changed(**request.key_parameters)
        cipher = store.key_of(card).decoder_key.cipher(tables)
        (tid,) = free(storage, card, wanted)
        amount = {"amount": bill.kwh}
        issued = issue(card, cipher, TokenType.ELECTRICITY_CREDIT, amount, tid, secrets.randbelow(RANDOM_NUMBERS))
        sale = Sale(
            serial=storage.next_serial(),
            reference=reference_number(int(time()), secrets.token_bytes(SECRET_BYTES)),
            switcher_id=COUNTER,
            bank_code="",
            merchant_category="",
            trace_number="",
            receipt_reference="",
            local_time=request.at,
            sold_at=request.at,
            settled_on=storage.registry().settlement_date(request.at),
            meter=order.drn,
            name=customer.name,
            tariff=customer.tariff,
            va=customer.va,
            paid=bill.paid,
            admin=bill.admin,
            stamp_duty=bill.stamp_duty,
            vat=bill.vat,
            ppj=bill.ppj,
            instalment=bill.instalment,
            stroom=bill.stroom,
            kwh=bill.kwh,
            base_date=card.parameters.base_date.value,
            tid=int(tid),
            token=issued.digits,
        )
        storage.add_sale(sale)
        return Slip(
            customer=customer,
            bill=bill,
            token=sale.token,
            reference=sale.reference,
            sold_at=sale.sold_at,
            lighting_tax=lighting_tax,
        )

    with opened(request.db, request.home) as depot:
        return depot.run(sell)


def _customer(order: Order, storage: Storage, customers: Customers | None) -> Customer:
    """The customer of the meter, as known and as said."""
    if customers is None:
        known = storage.customer(order.drn) or _tester(order.drn)
        customers = {order.drn: known} if known else {}
    customer = customer_of(order.drn, customers)
    if order.tariff is not None:
        customer = replace(customer, tariff=order.tariff[0], va=order.tariff[1])
    if order.ppj is not None:
        customer = replace(customer, ppj=order.ppj, town=None)
    if order.instalment is not None:
        customer = replace(customer, instalment=order.instalment, instalment_until=None)
    return customer


def _tester(drn: Drn) -> Customer | None:
    """The customer of a test meter that is built in, as the gateway takes it."""
    from pln_sim.gateway.configuration import built_in_configuration

    test_meter = built_in_configuration().test_meters.get(drn)
    return test_meter.customer if test_meter else None


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
