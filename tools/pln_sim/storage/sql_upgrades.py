"""SqlUpgrades: the vouchers and upgrades of a vending database, beside its customers and its ledger of TIDs.

So contract, voucher and tokens are on disk together or not at all. That a voucher is used is said by the upgrade that names it;
the tables take each voucher and each order once.
"""

from meter_emu.sts.numbers.drn import Drn
from pln_sim.storage.connection import SqlPart
from pln_sim.storage.rows import columns_of, insert, row_of, select, value_of
from pln_sim.upgrade.records import Upgrade
from pln_sim.upgrade.voucher import Voucher

PAGE = 200
"""Upgrades that are read at once."""
_SELECT_VOUCHER = select("voucher", columns_of(Voucher))
_INSERT_VOUCHER = insert("voucher", columns_of(Voucher))
_SELECT_UPGRADE = select("upgrade", columns_of(Upgrade))
_INSERT_UPGRADE = insert("upgrade", columns_of(Upgrade))


class SqlUpgrades(SqlPart):
    """A part of SqlStorage."""

    def voucher(self, code: str) -> Voucher | None:
        """As Storage says."""
        return self._voucher("code = ?", code)

    def voucher_for(self, purchase: str) -> Voucher | None:
        """As Storage says."""
        return self._voucher("purchase = ?", purchase)

    def add_voucher(self, voucher: Voucher) -> None:
        """As Storage says."""
        self._connection.execute(_INSERT_VOUCHER, row_of(voucher))

    def upgrade_by(self, voucher: str) -> Upgrade | None:
        """As Storage says."""
        row = self._connection.execute(f"{_SELECT_UPGRADE} WHERE voucher = ?", (voucher,)).fetchone()
        return value_of(Upgrade, row) if row else None

    def upgrades_of(self, meter: Drn) -> list[Upgrade]:
        """As Storage says."""
        statement = f"{_SELECT_UPGRADE} WHERE meter = ? ORDER BY serial DESC"
        return [value_of(Upgrade, row) for row in self._connection.execute(statement, (meter,)).fetchall()]

    def upgrades_behind(self, serial: int) -> list[Upgrade]:
        """As Storage says."""
        statement = f"{_SELECT_UPGRADE} WHERE serial > ? ORDER BY serial LIMIT {PAGE:d}"
        return [value_of(Upgrade, row) for row in self._connection.execute(statement, (serial,)).fetchall()]

    def meters_of_upgrade_token(self, token: str) -> list[Drn]:
        """As Storage says."""
        statement = "SELECT DISTINCT meter FROM upgrade_token JOIN upgrade USING (serial) WHERE token = ? ORDER BY meter"
        return [Drn(meter) for (meter,) in self._connection.execute(statement, (token,)).fetchall()]

    def tariff_index(self, meter: Drn) -> str | None:
        """As Storage says."""
        statement = "SELECT ti FROM upgrade WHERE meter = ? ORDER BY serial DESC LIMIT 1"
        row = self._connection.execute(statement, (meter,)).fetchone()
        return str(row[0]) if row else None

    def next_upgrade_serial(self) -> int:
        """As Storage says."""
        (newest,) = self._connection.execute("SELECT max(serial) FROM upgrade").fetchone()
        return (newest or 0) + 1

    def add_upgrade(self, upgrade: Upgrade) -> None:
        """As Storage says."""
        self._connection.execute(_INSERT_UPGRADE, row_of(upgrade))
        tokens = [(token, upgrade.serial) for token in upgrade.tokens]
        self._connection.executemany("INSERT INTO upgrade_token VALUES (?, ?)", tokens)

    def _voucher(self, condition: str, value: str) -> Voucher | None:
        row = self._connection.execute(f"{_SELECT_VOUCHER} WHERE {condition}", (value,)).fetchone()
        return value_of(Voucher, row) if row else None
