"""Storage and Depot: what gateway, ``vend`` and ``token`` ask of the vending database, whichever kind it is.

A Depot runs jobs; a job is handed the Storage of the transaction it runs in. Whatever one transaction reads stays true until
it ends, since transactions exclude each other, over all processes: so what a job decides from what it has read is right, and
a job needs no thought of others. A job may be run anew when the first try came to nothing, so it has no effect but its writes.
What a job writes that may not be is the job's error, whether at once or when the job has returned.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime
from types import TracebackType
from typing import Protocol, Self, TypeVar

from meter_emu.sts.numbers.drn import Drn
from meter_emu.sts.numbers.token_identifier import TokenIdentifier
from pln_sim.reconciliation.decision import Decision
from pln_sim.storage.records import Reference, Sale
from pln_sim.storage.registry import Registry
from pln_sim.upgrade.records import Upgrade
from pln_sim.upgrade.voucher import Voucher
from pln_sim.vending.customer import Customer, Customers
from pln_sim.vending.tariff import Tariffs

T = TypeVar("T")


class UpgradeStorage(Protocol):
    """The part of Storage that knows vouchers and upgrades."""

    def voucher(self, code: str) -> Voucher | None:
        """The voucher with a code."""

    def voucher_for(self, purchase: str) -> Voucher | None:
        """The voucher that an order in the marketplace has yielded."""

    def add_voucher(self, voucher: Voucher) -> None:
        """Remember a voucher. An error if its code or its order is known."""

    def upgrade_by(self, voucher: str) -> Upgrade | None:
        """The upgrade that used the voucher with a code."""

    def upgrades_of(self, meter: Drn) -> list[Upgrade]:
        """A meter's upgrades, the newest first."""

    def upgrades_behind(self, serial: int) -> list[Upgrade]:
        """The next upgrades of all meters, some hundred, with serials above one."""

    def meters_of_upgrade_token(self, token: str) -> list[Drn]:
        """Whose upgrades made a token."""

    def tariff_index(self, meter: Drn) -> str | None:
        """The tariff index of a meter's key since its last upgrade; None for the one that the key file says."""

    def next_upgrade_serial(self) -> int:
        """One more than the newest upgrade's; 1 for the first."""

    def add_upgrade(self, upgrade: Upgrade) -> None:
        """Remember an upgrade. An error, and nothing remembered, if its voucher was used before."""


class Storage(UpgradeStorage, Protocol):
    """What can be asked and written in one transaction."""

    def is_loaded(self) -> bool:
        """Whether there is a registry; a new database has none."""

    def load(self, registry: Registry, customers: Customers) -> None:
        """Put these in the place of the registry and all customers."""

    def registry(self) -> Registry:
        """Who may buy what, by which rules. Only of a database that is loaded."""

    def change_tariffs(self, tariffs: Tariffs) -> None:
        """Put these in the place of the registry's tariffs."""

    def customer(self, meter: Drn) -> Customer | None:
        """Whose meter it is; None for an unknown one."""

    def change_customer(self, customer: Customer) -> None:
        """From now on this is the customer of the meter, new or changed. Every process knows at its next transaction."""

    def reference(self, number: str) -> Reference | None:
        """The reference with a number; None if no inquiry was given it, or it expired long ago and bought nothing."""

    def add_reference(self, reference: Reference) -> None:
        """Remember what an inquiry was given."""

    def bury(self, number: str) -> None:
        """From now on the reference is dead."""

    def forget_references(self, before: datetime, most: int) -> int:
        """Forget the oldest of the references that expired before a moment and bought nothing; how many that were."""

    def sale(self, reference: str) -> Sale | None:
        """What was sold with a reference; None if nothing was."""

    def next_serial(self) -> int:
        """One more than the newest sale's; 1 for the first."""

    def bought_in_month(self, meter: Drn, on: date) -> int:
        """Tenths of a kWh sold to a meter in the calendar month of a day."""

    def add_sale(self, sale: Sale) -> None:
        """Remember a sale; its TID is taken, its reference used. An error, and nothing remembered, if either was before."""

    def sales_of(self, meter: Drn, most: int) -> list[Sale]:
        """What a meter was sold, the newest first."""

    def sale_of_token(self, token: str) -> Sale | None:
        """The sale of a token, whoever bought it; None if nobody did."""

    def meters(self, most: int) -> list[Drn]:
        """The customers' meters, in the order of their numbers."""

    def count_in_month(self, meter: str, on: date, kwh: int) -> None:
        """Add tenths of a kWh, or take them away, where a decision says that they were bought or not."""

    def decision(self, reference: str) -> Decision | None:
        """What reconciliation decided of a reference; None if nothing."""

    def add_decision(self, decision: Decision) -> None:
        """Remember a decision. An error, and nothing remembered, if there was one before."""

    def decisions(self, switcher_id: str, reconciled_on: date, behind: str) -> list[Decision]:
        """The next decisions of a reconciliation, some hundred, with references above ``behind``."""

    def free_tids(self, meter: Drn, base_date: str, wanted: TokenIdentifier, count: int = 1) -> list[TokenIdentifier]:
        """The first TIDs from ``wanted`` on that no token of the meter has; fewer than ``count`` if no more are left."""

    def take_tids(self, meter: Drn, base_date: str, tids: Sequence[TokenIdentifier]) -> None:
        """From now on tokens have them. An error, and none is taken, if one was before."""


class Depot(Protocol):
    """A vending database, open. A context manager; one object serves one thread.

    FileError, one line that names the database and says what to do, whenever it cannot be used.
    """

    def take_turn(self) -> None:
        """Wait until it is this depot's turn to write; the next ``run_together`` need not wait then. For whoever has more
        jobs by that time than there are now. FileError as for any other."""

    def run_together(self, jobs: Sequence[Callable[[Storage], T]], about: Collection[str] = ()) -> list[T | Exception]:
        """Run the jobs one by one in one transaction, which is on disk when this returns: what each returned, or the error
        it raised, whose own writes are undone. FileError if the transaction as a whole fails; then nothing is written.

        ``about`` are the meters and references they will ask about. Whoever names them saves time, and nothing else changes.
        """

    def run(self, job: Callable[[Storage], T]) -> T:
        """What one job returns, in a transaction of its own. Any error of the job, and then nothing is written."""
        (result,) = self.run_together([job])
        if isinstance(result, Exception):
            raise result
        return result

    def sales(self, settled_on: date | None = None, switcher_id: str | None = None) -> Iterator[Sale]:
        """The sales in the order of their serials, of one settlement date or all, of one switching or all. What is sold
        meanwhile comes last; memory holds a page of them, however many there are."""

    def decided(self, references: Collection[str]) -> dict[str, Decision]:
        """What reconciliation decided of some references, those of a page of sales, without waiting for anyone."""

    def upgrades(self) -> Iterator[Upgrade]:
        """The upgrades of all meters in the order of their serials, a page of them at a time."""
        serial = 0

        def read(storage: Storage) -> list[Upgrade]:
            return storage.upgrades_behind(serial)

        while page := self.run(read):
            yield from page
            serial = page[-1].serial

    def close(self) -> None:
        """Let go of it. What was returned before is on disk already."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
