"""SqlEnquiries: what those ask who sell nothing, the help desk and the audit."""

from meter_emu.sts.numbers.drn import Drn
from pln_sim.storage.connection import SqlPart
from pln_sim.storage.records import Sale
from pln_sim.storage.rows import columns_of, select, value_of

_SELECT_SALE = select("sale", columns_of(Sale))


class SqlEnquiries(SqlPart):
    """A part of SqlStorage."""

    def sales_of(self, meter: Drn, most: int) -> list[Sale]:
        """As Storage says."""
        self.put()
        serials = "SELECT serial FROM used_tid WHERE meter = ?"
        statement = f"{_SELECT_SALE} WHERE serial IN ({serials}) ORDER BY serial DESC LIMIT ?"
        return [value_of(Sale, row) for row in self._connection.execute(statement, (meter, most)).fetchall()]

    def sale_of_token(self, token: str) -> Sale | None:
        """As Storage says."""
        self.put()
        statement = f"{_SELECT_SALE} WHERE token = ? ORDER BY serial DESC LIMIT 1"
        row = self._connection.execute(statement, (token,)).fetchone()
        return value_of(Sale, row) if row else None

    def meters(self, most: int) -> list[Drn]:
        """As Storage says."""
        rows = self._connection.execute("SELECT meter FROM customer ORDER BY meter LIMIT ?", (most,)).fetchall()
        return [Drn(meter) for (meter,) in rows]
