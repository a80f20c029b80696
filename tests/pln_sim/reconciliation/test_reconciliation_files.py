"""Data files and control files: the document's own examples, what is read leniently, and every way a file can be wrong."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meter_emu.shell.errors import FileError
from pln_sim.reconciliation.columns import SUSPECTS, TRANSACTIONS, Transaction
from pln_sim.reconciliation.data_file import DataFile, read_control_file, transactions, write_data_file
from pln_sim.reconciliation.errors import BrokenFile, NotPublished
from pln_sim.reconciliation.totals import Control

SWITCHER, BANK = "10000D3", "0110000"
FIRST_DAY = date(2008, 7, 25)
NAME = "10000D3-53502-20080728.txt"
AMOUNTS = "000050000000|0000000000|0000300000|0000659735|0002199115|0024850000|000021991150|0000023300"
EXAMPLE = [
    f"20080725110511|10000D3|6015|42F92924B6274C2588F2985DF0B780B4|5BB033B188CD4274A89CF6F9B14FE88D|04176855916|{AMOUNTS}"
    "|01234567890123456789|0110000",
    f"20080725121501|10000D3|6015|E4FDFC9D688B55E4A55747E89FCFC34B|0243A2610D0BA604350C95612DA22D18|07022752971|{AMOUNTS}"
    "|01234567890123456789|0110000",
    f"20080725121511|10000D3|6015|31384A17FDCF7804659E2072931F009F|B7199141CEFB1604D163336C6B5A2D91|01325938973|{AMOUNTS}"
    "|01234567890123456789|0110000",
]
HEADER = (
    "DT|SWITCHERID|MERCHANT|REFNUM|SREFNUM|METERNUM|TRAN_AMOUNT|ADMIN|RP_STAMPDUTY|RP_VAT|RP_PLT|RP_CPI|PP|PU|TOKEN|BANKCODE"
)
CHECKSUM = (
    f"20080725000000|10000D3|0000|{3:032}|{'0' * 32}|{'0' * 11}|000150000000|0000000000|0000900000|0001979205|0006597345"
    f"|0074550000|000065973450|0000069900|{'0' * 20}|0110000"
)


@pytest.fixture
def example(tmp_path):
    """The document's example, three purchases, with its control file."""
    path = tmp_path / NAME
    path.write_text("\n".join([HEADER, *EXAMPLE, CHECKSUM, ""]))
    (tmp_path / f"{NAME}.ctl").write_text(f"{3:032}|000150000000\n")
    return path


def rows_of(path, **options):
    return [row for rows in DataFile(path, TRANSACTIONS, SWITCHER, **options) for row in rows]


def test_the_documents_example_is_read(example):
    first, *_, last = transactions(example)
    assert (first.local_time, first.meter, first.amount, first.energy) == ("20080725110511", "04176855916", 50_000_000, 23_300)
    assert last.reference == "31384A17FDCF7804659E2072931F009F"
    assert read_control_file(example) == Control(3, 150_000_000)


def test_the_documents_example_is_written(example, tmp_path):
    copy = tmp_path / "copy" / NAME
    copy.parent.mkdir()
    rows = [Transaction.of(f"{row}\n".encode()).row for row in EXAMPLE]
    totals = write_data_file(copy, TRANSACTIONS, [rows[:2], rows[2:]], SWITCHER, FIRST_DAY, BANK)
    assert copy.read_bytes() == example.read_bytes()
    assert copy.with_name(f"{NAME}.ctl").read_bytes() == example.with_name(f"{NAME}.ctl").read_bytes()
    assert totals.control == Control(3, 150_000_000)


def test_amounts_of_10_digits_and_other_line_ends_are_read(example):
    strict = rows_of(example)
    content = example.read_text()
    example.write_text(content.replace("|000050000000|", "|0050000000|"))
    assert rows_of(example) == strict
    example.write_text(content.replace("\n", "\r\n"))
    assert rows_of(example) == strict
    example.write_text(content.rstrip("\n"))
    assert rows_of(example) == strict
    example.write_text(content.replace("0" * 20 + "|0110000", "0" * 24 + "|0110000"))  # as the document's example has it
    assert rows_of(example) == strict


@pytest.mark.parametrize(("old", "new", "line", "column", "reason"), [
    ("DT|", "DATE|", 1, "", "the first line must be the header row"),
    ("20080725121501", "20081325121501", 3, "DT", "must be a moment, CCYYMMDDhhmmss, not '20081325121501'"),
    ("10000D3|6015|E4", "10000D4|6015|E4", 3, "SWITCHERID", "must be 10000D3"),
    ("6015|E4", "60x5|E4", 3, "MERCHANT", "must be 4 digits"),
    ("E4FDFC9D", "E4FDFC9", 3, "REFNUM", "must be 32 letters or digits"),
    ("0243A261", "0243-261", 3, "SREFNUM", "must be letters or digits"),
    ("07022752971", "0702275297x", 3, "METERNUM", "must be digits"),
    ("07022752971|000050000000", "07022752971|00050000000", 3, "TRAN_AMOUNT", "must be 10 or 12 digits"),
    ("07022752971|000050000000|", "07022752971|000050000000|-", 3, "ADMIN", "must be 10 digits"),
    ("07022752971|000050000000|", "07022752971|000050000000||", 3, "", "there are 17 columns, not 16"),
    ("07022752971|000050000000|", "07022752971|000050000001|", 5, "TRAN_AMOUNT", "the rows add up to 150000001"),
    ("|0001979205|", "|0001979206|", 5, "RP_VAT", "the rows add up to 1979205"),
    (f"{3:032}", f"{4:032}", 5, "REFNUM", "the number of transactions is 3"),
    ("20080725000000", "20080725000001", 5, "DT", "CCYYMMDD000000"),
    ("10000D3|0000", "10000D3|0001", 5, "MERCHANT", "zeros"),
    (CHECKSUM, "", 4, "DT", "is the file cut off?"),
    (CHECKSUM, CHECKSUM[:100], 5, "", "the last line must be the checksum row"),
])  # fmt: skip
def test_what_is_wrong_is_told_with_file_line_and_column(example, old, new, line, column, reason):
    content = example.read_text()
    assert old in content
    example.write_text(content.replace(old, new, 1).rstrip("\n") + "\n")
    with pytest.raises(BrokenFile) as caught:
        rows_of(example)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert reason in str(caught.value)
    assert str(caught.value).startswith(f"{example}, line {line}")


@pytest.mark.parametrize("content", ["", "3|1", f"{3:032}|000150000001\n", f"{2:032}|000150000000\n", "x" * 200])
def test_a_control_file_that_disagrees(example, content):
    example.with_name(f"{NAME}.ctl").write_text(content)
    with pytest.raises(BrokenFile, match="control file"):
        rows_of(example)


def test_without_a_control_file(example):
    example.with_name(f"{NAME}.ctl").unlink()
    with pytest.raises(NotPublished, match=r"must not be read: there is no .*\.txt\.ctl"):
        rows_of(example)
    assert len(rows_of(example, without_control=True)) == 3


def test_the_line_of_an_error_far_down(tmp_path):
    """Behind the first piece that is read at once."""
    rows = [Transaction.of(f"{EXAMPLE[0]}\n".encode())._replace(reference=f"{number:032}").row for number in range(12_000)]
    path = tmp_path / NAME
    write_data_file(path, TRANSACTIONS, [rows], SWITCHER, FIRST_DAY, BANK)
    assert rows_of(path) == rows
    content = path.read_bytes()
    path.write_bytes(content.replace(f"{9_999:032}".encode(), b"-" * 32))
    with pytest.raises(BrokenFile) as caught:
        rows_of(path)
    assert (caught.value.line, caught.value.column) == (10_001, "REFNUM")
    path.write_bytes(content.replace(b"\n", b" "))
    with pytest.raises(BrokenFile, match="header row"):
        rows_of(path)
    path.write_bytes(content[:300] + content[300:].replace(b"\n", b" "))
    with pytest.raises(BrokenFile, match="no end"):
        rows_of(path)


def test_sums_too_large_for_their_columns_are_written_whole(tmp_path):
    most = Transaction.of(f"{EXAMPLE[0]}\n".encode())._replace(amount=10**12 - 1, admin_charge=10**10 - 1)
    rows = [most._replace(reference=f"{number:032}").row for number in range(3)]
    path = tmp_path / NAME
    write_data_file(path, TRANSACTIONS, [rows], SWITCHER, FIRST_DAY, BANK)
    assert rows_of(path) == rows
    assert read_control_file(path).amount == 3 * (10**12 - 1)


def test_a_row_that_does_not_fit_is_never_written(tmp_path):
    row = Transaction.of(f"{EXAMPLE[0]}\n".encode())._replace(admin_charge=10**10).row
    with pytest.raises(ValueError, match="wide"):
        write_data_file(tmp_path / NAME, TRANSACTIONS, [[row]], SWITCHER, FIRST_DAY, BANK)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FileError, match="cannot be written"):
        write_data_file(tmp_path / "x" / NAME, TRANSACTIONS, [], SWITCHER, FIRST_DAY, BANK)


letters = st.text("0123456789ABCDEFabcxyz", min_size=32, max_size=32)
cents, many_cents = st.integers(0, 10**10 - 1), st.integers(0, 10**12 - 1)
transaction = st.builds(
    Transaction, st.just("20080725110511"), st.just(SWITCHER), st.from_regex(r"[0-9]{4}", fullmatch=True).filter(str.isascii),
    letters, st.text("0123456789AZ", min_size=1, max_size=32), st.text("0123456789", min_size=1, max_size=11), many_cents,
    cents, cents, cents, cents, cents, many_cents, cents, st.text("0123456789", min_size=20, max_size=20), st.just(BANK),
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(transaction, max_size=6), st.booleans(), st.data())
def test_what_is_written_is_read_and_every_cut_is_noticed(tmp_path, written, is_suspect, data):
    layout, prefix = (SUSPECTS, b"1|") if is_suspect else (TRANSACTIONS, b"")
    path = tmp_path / NAME
    rows = [prefix + each.row for each in written]
    write_data_file(path, layout, [rows], SWITCHER, FIRST_DAY, BANK)
    file = DataFile(path, layout, SWITCHER)
    assert [row for batch in file for row in batch] == rows
    assert [Transaction.of(row[len(prefix) :]) for row in rows] == written
    content = path.read_bytes()
    kept = data.draw(st.integers(0, len(content) - 2))
    path.write_bytes(content[:kept])
    with pytest.raises(BrokenFile):
        list(DataFile(path, layout, SWITCHER))
