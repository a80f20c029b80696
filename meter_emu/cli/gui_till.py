"""The till of the window's shop: buys as ``pln-sim buy`` does, and loses nothing, whenever the window is killed.

A purchase is in the switching's journal before its message leaves. One that a killed window left open is finished by advice
when the next window opens, and a token counts as told only when the meter has got it: until then every window shows its slip.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from meter_emu.cli.gui_gateway import gateway_of_our_own
from meter_emu.shell.lock import alone
from meter_emu.sts.numbers import Drn

if TYPE_CHECKING:
    from pln_sim.switching.client import Client
    from pln_sim.switching.journal import Journal
    from pln_sim.switching.link import Address
    from pln_sim.switching.purchase import Result

LOCK_NAME = "window.lock"
WAIT_SECONDS = 20.0
"""For each reply of a gateway; the document wants 20 to 40."""
SWITCHING = ("10000D3", "0110000", "6015")
"""Switching, bank and merchant as which the window buys: those of `pln-sim buy`."""
MARK = "WINDOW"
"""What the receipt references of the window's purchases begin with."""
OWN_MARK = MARK + "OWN"
"""The same of those at a gateway of its own, which any later one with that database can finish."""
REFERENCE_LENGTH = 32


class Busy(Exception):
    """Another window is at the till."""


class Till:
    """Buys for the meters of one home; ``gateway`` is one that is running, None for one of our own. Every method raises
    FileError, NoGateway, StsError or OSError, one line, when something cannot be used."""

    def __init__(self, home: str, gateway: "Address | None") -> None:
        from pln_sim.switching.journal import FILE_NAME

        self._home = home
        self._gateway = gateway
        self._path = Path(home) / FILE_NAME

    def buy(self, drn: str, cents: int) -> "Result":
        """Power for a meter. Busy, or TakenOver by `pln-sim buy --resume`."""
        with self._alone() as is_alone:
            if not is_alone:
                raise Busy("another window is buying: once more in a moment")
            if self._gateway is None:
                _know_customer(self._home, Drn(drn))
            mark = OWN_MARK if self._gateway is None else MARK
            with (
                self._gateway_for_one() as gateway,
                self._journal() as journal,
                self._client(journal, gateway, mark) as client,
            ):
                return client.buy(drn, cents)

    def due(self, drn: str) -> "list[Result]":
        """What was bought for a meter and nobody was told of: what can be finished is finished first."""
        if not self._path.exists():
            return []
        with self._journal() as journal:
            results = journal.untold()
            with self._alone() as is_alone:
                if is_alone:  # What is open was left so: no other window is at it.
                    self._finish(journal)
                    results = [*journal.untold(), *(purchase.result for purchase in journal.open_purchases())]
        return [result for result in results if result.order.meter == drn and result.order.receipt_reference.startswith(MARK)]

    def told(self, serial: int) -> None:
        """The customer has got what came of a purchase."""
        with self._journal() as journal:
            journal.set_told(serial)

    def _finish(self, journal: "Journal") -> None:
        from pln_sim.switching.link import Address

        own = journal.gateways_of_open(OWN_MARK)
        if own:
            with gateway_of_our_own(self._home) as gateway, self._client(journal, gateway, OWN_MARK) as client:
                for begun_at in own:
                    list(client.resume(Address.parse(begun_at)))
        for begun_at in sorted({*journal.gateways_of_open(MARK)} - {*own}):
            gateway = Address.parse(begun_at)
            if _is_there(gateway):
                with self._client(journal, gateway, MARK) as client:
                    list(client.resume())

    def _alone(self) -> "AbstractContextManager[bool]":
        return alone(Path(self._home) / LOCK_NAME)

    @contextmanager
    def _gateway_for_one(self) -> "Iterator[Address]":
        if self._gateway is not None:
            yield self._gateway
        else:
            with gateway_of_our_own(self._home) as own:
                yield own

    def _journal(self) -> "Journal":
        from pln_sim.switching.journal import Journal

        return Journal(self._path)

    def _client(self, journal: "Journal", gateway: "Address", mark: str) -> "Client":
        from pln_sim.switching.client import Client
        from pln_sim.switching.purchase import Switching

        return Client(journal, gateway, Switching(*SWITCHING), WAIT_SECONDS, reference=_references(mark))


def _references(mark: str) -> Callable[[], str]:
    from pln_sim.switching.client import new_reference

    return lambda: (mark + new_reference())[:REFERENCE_LENGTH]


def _is_there(gateway: "Address") -> bool:
    """Whether one listens. A client that resumes would wait long for one that does not."""
    from pln_sim.switching.link import Link, LinkError

    try:
        Link(gateway, WAIT_SECONDS).close()
    except LinkError:
        return False
    return True


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
