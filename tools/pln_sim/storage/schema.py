"""The tables of the vending database, in the SQL that SQLite and PostgreSQL share.

INTEGER is for what fits 31 bits, BIGINT for money; days and moments are text as in ISO 8601; 0 and 1 stand for false and true.
A reference lies in ``reference`` until something is bought with it; from then on it is the sale's, and nowhere else.
"""

from typing import NamedTuple


class Table(NamedTuple):
    """One table."""

    name: str
    body: str
    """Columns and constraints."""
    has_row_number: bool = False
    """Whether SQLite numbers its rows; one that is looked up by its primary key alone needs no number."""


_DAYS_AND_POWER = "first TEXT NOT NULL, last TEXT, va_from INTEGER NOT NULL, va_to INTEGER NOT NULL"

TABLES = (
    Table("used_tid", """
        meter TEXT NOT NULL,
        base_date TEXT NOT NULL,
        tid INTEGER NOT NULL CHECK (tid BETWEEN 0 AND 16777215),
        PRIMARY KEY (meter, base_date, tid)
    """),
    Table("reference", """
        number TEXT PRIMARY KEY,
        switcher_id TEXT NOT NULL,
        bank_code TEXT NOT NULL,
        meter TEXT NOT NULL,
        paid BIGINT NOT NULL CHECK (paid > 0),
        expires_at TEXT NOT NULL,
        is_dead INTEGER NOT NULL CHECK (is_dead IN (0, 1))
    """),
    Table("sale", """
        serial INTEGER PRIMARY KEY,
        reference TEXT NOT NULL UNIQUE,
        switcher_id TEXT NOT NULL,
        bank_code TEXT NOT NULL,
        merchant_category TEXT NOT NULL,
        trace_number TEXT NOT NULL,
        receipt_reference TEXT NOT NULL,
        local_time TEXT NOT NULL,
        sold_at TEXT NOT NULL,
        settled_on TEXT NOT NULL,
        meter TEXT NOT NULL,
        name TEXT NOT NULL,
        tariff TEXT NOT NULL,
        va INTEGER NOT NULL,
        paid BIGINT NOT NULL,
        admin BIGINT NOT NULL,
        stamp_duty BIGINT NOT NULL,
        vat BIGINT NOT NULL,
        ppj BIGINT NOT NULL,
        instalment BIGINT NOT NULL,
        stroom BIGINT NOT NULL,
        kwh INTEGER NOT NULL CHECK (kwh > 0),
        base_date TEXT NOT NULL,
        tid INTEGER NOT NULL,
        token TEXT NOT NULL,
        CHECK (paid = admin + stamp_duty + vat + ppj + instalment + stroom)
    """, has_row_number=True),
    # Kept beside the sales, since adding up a busy meter's month for each sale would take longer and longer.
    Table("month", """
        meter TEXT NOT NULL,
        month TEXT NOT NULL,
        kwh BIGINT NOT NULL,
        PRIMARY KEY (meter, month)
    """),
    Table("customer", """
        meter TEXT PRIMARY KEY,
        idpel TEXT NOT NULL,
        name TEXT NOT NULL,
        tariff TEXT NOT NULL,
        va INTEGER NOT NULL,
        ppj INTEGER,
        town TEXT,
        instalment BIGINT NOT NULL,
        instalment_until TEXT
    """),
    Table("switching", "id TEXT PRIMARY KEY"),
    Table("bank_code", "switching TEXT NOT NULL REFERENCES switching, code TEXT NOT NULL, PRIMARY KEY (switching, code)"),
    Table("product", "pan TEXT PRIMARY KEY"),
    Table("setting", """
        cut_off TEXT NOT NULL,
        cut_off_seconds INTEGER NOT NULL,
        reference_seconds INTEGER NOT NULL,
        minimum BIGINT NOT NULL,
        maximum BIGINT NOT NULL
    """, has_row_number=True),
    Table("tariff_rate", f"{_DAYS_AND_POWER}, tariff TEXT NOT NULL, rupiah_per_kwh BIGINT NOT NULL", has_row_number=True),
    Table("tariff_vat", f"{_DAYS_AND_POWER}, percent INTEGER NOT NULL, above_va INTEGER NOT NULL", has_row_number=True),
    Table("tariff_stamp_duty", f"{_DAYS_AND_POWER}, above BIGINT NOT NULL, rupiah BIGINT NOT NULL", has_row_number=True),
    Table("tariff_rounding", f"{_DAYS_AND_POWER}, unit INTEGER NOT NULL, direction TEXT NOT NULL", has_row_number=True),
    Table("tariff_limit",
          f"{_DAYS_AND_POWER}, minimum BIGINT NOT NULL, maximum BIGINT NOT NULL, hours INTEGER NOT NULL", has_row_number=True),
    Table("tariff_lighting_tax", f"{_DAYS_AND_POWER}, name TEXT NOT NULL", has_row_number=True),
    Table("tariff_town", f"{_DAYS_AND_POWER}, name TEXT NOT NULL, percent INTEGER NOT NULL", has_row_number=True),
    # How often registry and customers changed, so that a process can keep them in memory.
    Table("revision", "registry INTEGER NOT NULL, customers INTEGER NOT NULL", has_row_number=True),
)  # fmt: skip
DECISION = Table(
    "decision",
    """
    reference TEXT PRIMARY KEY,
    switcher_id TEXT NOT NULL,
    reconciled_on TEXT NOT NULL,
    result INTEGER NOT NULL CHECK (result BETWEEN 3 AND 6),
    row TEXT NOT NULL,
    reason TEXT NOT NULL
""",
)
"""What reconciliation decided."""
VOUCHER = Table(
    "voucher",
    """
    code TEXT PRIMARY KEY,
    meter TEXT NOT NULL,
    purchase TEXT NOT NULL UNIQUE,
    promotion TEXT NOT NULL,
    price BIGINT NOT NULL CHECK (price > 0),
    va_to INTEGER NOT NULL,
    issued_at TEXT NOT NULL,
    valid_until TEXT NOT NULL
""",
)
"""E-vouchers for an upgrade."""
UPGRADE = Table(
    "upgrade",
    """
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
""",
    has_row_number=True,
)
"""Contracts that were changed, and the tokens that tell the meter."""
UPGRADE_TOKEN = Table(
    "upgrade_token", "token TEXT NOT NULL, serial INTEGER NOT NULL REFERENCES upgrade, PRIMARY KEY (token, serial)"
)
"""The upgrades that made a token: each section of a key change, and the power limit."""
_TOKEN_DIGITS, _MOST_TOKENS = 20, 5
FURTHER = (
    "CREATE INDEX sale_of_day ON sale (settled_on, switcher_id, serial)",
    "CREATE INDEX reference_of_age ON reference (expires_at)",
    "INSERT INTO revision VALUES (0, 0)",
)
"""What else makes a new database."""


def migrations(without_row_number: str = "") -> tuple[tuple[str, ...], ...]:
    """Each step's statements lead from the version of the step's place to the next; ``without_row_number`` is put behind a
    table that needs none. Steps are added, never changed."""
    behind = {False: without_row_number, True: ""}

    def create(table: Table, but: str = "") -> str:
        return f"CREATE TABLE {but}{table.name} ({table.body}) {behind[table.has_row_number]}"

    # Upgrades were made before there was this step, by a program that made these two tables where it needed them.
    there = "IF NOT EXISTS "

    return (
        (*map(create, TABLES), *FURTHER),
        (create(DECISION), "CREATE INDEX decision_of_day ON decision (reconciled_on, switcher_id, reference)"),
        (
            create(VOUCHER, there),
            create(UPGRADE, there),
            f"CREATE INDEX {there}upgrade_of_meter ON upgrade (meter, serial)",
            create(UPGRADE_TOKEN),
            *map(_tokens_of_upgrades, range(_MOST_TOKENS)),
            "CREATE INDEX sale_of_meter ON sale (meter, serial)",
            "CREATE INDEX sale_of_token ON sale (token)",
        ),
        # The ledger of TIDs knows a meter's sales, so that each sale need not be put into one more index.
        (
            "ALTER TABLE used_tid ADD COLUMN serial INTEGER",
            "UPDATE used_tid SET serial = (SELECT sale.serial FROM sale WHERE sale.meter = used_tid.meter "
            "AND sale.base_date = used_tid.base_date AND sale.tid = used_tid.tid)",
            "DROP INDEX sale_of_meter",
        ),
    )


def _tokens_of_upgrades(place: int) -> str:
    """Puts the token at a place of each upgrade into their table, from the text that holds all of them."""
    first = place * (_TOKEN_DIGITS + 1) + 1
    token, last = f"substr(digits, {first:d}, {_TOKEN_DIGITS:d})", first + _TOKEN_DIGITS - 1
    return f"INSERT INTO upgrade_token SELECT {token}, serial FROM upgrade WHERE length(digits) >= {last:d}"  # noqa: S608
