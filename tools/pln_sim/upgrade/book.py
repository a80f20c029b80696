"""Book: what the vending database remembers of vouchers and upgrades, in the transaction of whoever asks.

It lies beside the customers and the ledger of TIDs, so that contract, voucher and tokens are on disk together or not at all.
That a voucher is used is said by the upgrade that names it; the table takes each voucher and each order once.

A meter's tariff index is that of its last upgrade, whatever a key file says: the key is in the meter.
"""

from meter_emu.sts.numbers.drn import Drn
from pln_sim.storage import Storage
from pln_sim.storage.rows import columns_of, insert, row_of, select, value_of
from pln_sim.storage.sql_storage import Connection, SqlStorage
from pln_sim.upgrade.records import Upgrade
from pln_sim.upgrade.voucher import Voucher
from pln_sim.vending.customer import Customer

TABLES = (
    """CREATE TABLE IF NOT EXISTS voucher (
           code TEXT PRIMARY KEY,
           meter TEXT NOT NULL,
           purchase TEXT NOT NULL UNIQUE,
           promotion TEXT NOT NULL,
           price BIGINT NOT NULL CHECK (price > 0),
           va_to INTEGER NOT NULL,
           issued_at TEXT NOT NULL,
           valid_until TEXT NOT NULL
       )""",
    """CREATE TABLE IF NOT EXISTS upgrade (
           serial INTEGER PRIMARY KEY,
           meter TEXT NOT NULL,
           made_at TEXT NOT NULL,
           old_tariff TEXT NOT NULL,
           old_va INTEGER NOT NULL,
           old_ti TEXT NOT NULL,
           tariff TEXT NOT NULL,
           va INTEGER NOT NULL CHECK (va > old_va),
           ti TEXT NOT NULL,
           fee BIGINT NOT NULL,
           paid BIGINT NOT NULL CHECK (paid BETWEEN 0 AND fee),
           voucher TEXT UNIQUE REFERENCES voucher (code),
           base_date TEXT NOT NULL,
           tid INTEGER NOT NULL,
           digits TEXT NOT NULL
       )""",
    "CREATE INDEX IF NOT EXISTS upgrade_of_meter ON upgrade (meter, serial)",
)
_MOST_KNOWN = 4096
_SELECT_VOUCHER = select("voucher", columns_of(Voucher))
_SELECT_UPGRADE = select("upgrade", columns_of(Upgrade))


def prepare(storage: Storage) -> None:
    """Make the tables where they are not there yet."""
    for statement in TABLES:
        connection_of(storage).execute(statement)


def tariff_index(storage: Storage, meter: str) -> str | None:
    """The tariff index of a meter's key since its last upgrade; None for the one that the key file says."""
    statement = "SELECT ti FROM upgrade WHERE meter = ? ORDER BY serial DESC LIMIT 1"
    row = connection_of(storage).execute(statement, (str(meter),)).fetchone()
    return str(row[0]) if row else None


class TariffIndexes:
    """The tariff indexes of meters, for a process that sells to many: each is read once for a customer.

    A storage hands out the same customer until any customer is changed by anyone, as every upgrade changes one; then it hands
    out another object, and the index is read anew.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[Customer, str | None]] = {}

    def of(self, storage: Storage, customer: Customer) -> str | None:
        """As ``tariff_index``."""
        known = self._known.get(customer.meter)
        if known is None or known[0] is not customer:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[customer.meter] = customer, tariff_index(storage, customer.meter)
        return known[1]


class Book:
    """Vouchers and upgrades, as the transaction of a storage sees them."""

    def __init__(self, storage: Storage) -> None:
        self._connection = connection_of(storage)
        prepare(storage)

    def voucher(self, code: str) -> Voucher | None:
        """The voucher with a code."""
        row = self._connection.execute(f"{_SELECT_VOUCHER} WHERE code = ?", (code,)).fetchone()
        return value_of(Voucher, row) if row else None

    def voucher_for(self, purchase: str) -> Voucher | None:
        """The voucher that an order in the marketplace has yielded."""
        row = self._connection.execute(f"{_SELECT_VOUCHER} WHERE purchase = ?", (purchase,)).fetchone()
        return value_of(Voucher, row) if row else None

    def add_voucher(self, voucher: Voucher) -> None:
        """Remember a voucher. An error if its code or its order is known."""
        self._connection.execute(insert("voucher", columns_of(Voucher)), row_of(voucher))

    def user_of(self, code: str) -> Upgrade | None:
        """The upgrade that used a voucher."""
        row = self._connection.execute(f"{_SELECT_UPGRADE} WHERE voucher = ?", (code,)).fetchone()
        return value_of(Upgrade, row) if row else None

    def upgrades_of(self, meter: str) -> list[Upgrade]:
        """A meter's upgrades, the last one first."""
        statement = f"{_SELECT_UPGRADE} WHERE meter = ? ORDER BY serial DESC"
        return [value_of(Upgrade, row) for row in self._connection.execute(statement, (str(meter),)).fetchall()]

    def meters_of_token(self, token: str) -> list[Drn]:
        """Whose upgrade made a token."""
        rows = self._connection.execute("SELECT meter FROM upgrade WHERE digits LIKE ?", (f"%{token}%",)).fetchall()
        return [Drn(meter) for (meter,) in rows]

    def next_serial(self) -> int:
        """One more than the newest upgrade's."""
        (newest,) = self._connection.execute("SELECT max(serial) FROM upgrade").fetchone()
        return (newest or 0) + 1

    def add_upgrade(self, upgrade: Upgrade) -> None:
        """Remember an upgrade. An error if its voucher was used before."""
        self._connection.execute(insert("upgrade", columns_of(Upgrade)), row_of(upgrade))


def connection_of(storage: Storage) -> Connection:
    """What statements are put to in the transaction of a storage."""
    # Storage offers no way yet to tables that are another part's own; this is the one place that reaches behind it.
    assert isinstance(storage, SqlStorage)
    return storage._connection
