"""The files in docs/reconciliation.md are files that would be taken."""

import re
from pathlib import Path

from pln_sim.reconciliation.columns import TRANSACTIONS, Transaction
from pln_sim.reconciliation.data_file import DataFile
from pln_sim.reconciliation.log_file import LogEntry

PAGE = Path(__file__).parents[3] / "docs" / "reconciliation.md"


def shown(beginning: str) -> str:
    """The block of the page that begins so."""
    (block,) = re.findall(rf"^```text\n({beginning}.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return str(block)


def test_the_ftr_and_its_control_file(tmp_path: Path) -> None:
    path = tmp_path / "10000D3-53502-20261123.ftr"
    path.write_text(shown("DT"))
    (tmp_path / f"{path.name}.ctl").write_text(shown(r"\d{32}\|"))
    ((row,),) = DataFile(path, TRANSACTIONS, "10000D3")
    sold = Transaction.of(row)
    assert (sold.meter, sold.amount, sold.lighting_tax, sold.power_purchase) == ("14100000042", 5_000_000, 145_700, 4_854_300)
    assert sold.energy == 3370


def test_the_line_of_the_log() -> None:
    entry = LogEntry.of(shown(r"\d{14}\|\w{32}\|9").encode())
    assert (entry.meter, entry.amount, entry.stream[:4]) == ("99000300030", 5_000_000, b"2220")
