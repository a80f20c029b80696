"""What the tests of the whole road share: the two ledgers laid beside each other, and a gateway as a process."""

import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from types import SimpleNamespace

import click
import pytest

from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.tokens import decode
from pln_sim.gateway.messages import Amount
from pln_sim.switching.link import Address
from pln_sim.switching.purchase import Outcome


def differences(purchases, sales):
    """Where the ledgers do not agree, a line each: the switchings' purchases and the gateway's sales, row by row.

    A purchase that is suspect, or still open, may stand in the other ledger or not.
    """
    lines = []
    sold = {sale.reference: sale for sale in sales}
    asked = Counter(each.pln_reference for each in purchases if each.pln_reference)
    lines += [f"{reference}: {count} purchases with one reference" for reference, count in asked.items() if count > 1]
    lines += [f"{reference}: sold to nobody" for reference in sold.keys() - asked.keys()]
    for what in ("reference", "serial", "token"):
        counted = Counter(getattr(sale, what) for sale in sales)
        lines += [f"{what} {value}: sold {count} times" for value, count in counted.items() if count > 1]
    for each in purchases:
        result, sale = each.result, sold.get(each.pln_reference)
        if result.outcome is Outcome.SOLD and sale is None:
            lines.append(f"purchase {result.serial}: sold, and the gateway knows nothing of it")
        if result.outcome is Outcome.NOT_SOLD and sale is not None:
            lines.append(f"purchase {result.serial}: not sold, and the gateway sold it")
        if sale is not None:
            lines += unlike(result, sale)
    return lines


def unlike(result, sale):
    """What the two rows of one purchase say differently; without an answer the switching knows less."""
    order, switching = result.order, result.order.switching
    pairs = {
        "meter": (order.meter, sale.meter),
        "money": (order.amount, sale.paid),
        "money in parts": (
            sale.paid,
            sale.admin + sale.stamp_duty + sale.vat + sale.ppj + sale.instalment + sale.stroom,
        ),
        "switching's receipt": (order.receipt_reference, sale.receipt_reference),
        "switching": (switching.switcher_id, sale.switcher_id),
        "bank": (switching.bank_code, sale.bank_code),
        "energy on the token": (opened(sale)["amount"], sale.kwh),
    }
    if result.sale is not None:
        told = result.sale
        pairs |= {
            "token": (told.token, sale.token),
            "PLN's receipt": (told.vending_receipt, f"{sale.receipt:08}"),
            "settlement date": (told.settlement_date, sale.settled_on),
            "energy": (told.energy, Amount(sale.kwh * 10, 2)),
            "power": (told.power_purchase, Amount(sale.stroom, 2)),
            "lighting tax": (told.lighting_tax, Amount(sale.ppj, 2)),
            "VAT": (told.value_added_tax, Amount(sale.vat, 2)),
        }
    return [
        f"purchase {result.serial}: {what} {ours!r}, at the gateway {theirs!r}"
        for what, (ours, theirs) in pairs.items()
        if ours != theirs
    ]


PATIENCE = 60
"""Seconds after which a test fails instead of hanging."""


class GatewayProcess:
    """``pln-sim gateway`` as a process, at any free port."""

    def __init__(self, folder, *options, db=None):
        self.log_file = folder / "gateway.log"
        db = db or folder / "gateway.db"
        command = [sys.executable, "-m", "pln_sim", "gateway", "--listen", "127.0.0.1:0", "--db", str(db)]
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *map(str, options)],
                env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        line = self._process.stdout.readline()
        assert line.startswith("listening on "), self.log_file.read_text()
        self.pid = self._process.pid
        self.address = Address.parse(line.removeprefix("listening on ").strip())

    def connect(self):
        """A raw socket."""
        return socket.create_connection((self.address.host, self.address.port), timeout=PATIENCE)

    def end(self, number=signal.SIGTERM):
        """Its exit code."""
        self._process.send_signal(number)
        code = self._process.wait(PATIENCE)
        self._process.stdout.close()
        return code


_ciphers = {}


def opened(sale):
    """The token as the meter's own key opens it."""
    if sale.meter not in _ciphers:
        keys = KeyStore.empty()
        _ciphers[sale.meter] = keys.key_of(keys.card(sale.meter)).decoder_key.cipher()
    return decode(sale.token, _ciphers[sale.meter])


@pytest.fixture(scope="session")
def road():
    """All of the above."""
    return SimpleNamespace(**{name: value for name, value in globals().items() if not name.startswith("_")})


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    """A gateway for the tests of a module, which ends well."""
    process = GatewayProcess(tmp_path_factory.mktemp("gateway"))
    yield process
    assert process.end() == 0
    assert "event=failed" not in process.log_file.read_text()


@pytest.fixture
def tell(request, capsys):
    """Says what a long run came to; a short one is silent."""

    def say(line):
        if request.node.get_closest_marker("soak"):
            with capsys.disabled():
                click.echo(f" {line}")

    return say
