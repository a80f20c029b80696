"""The names of the files of one reconciliation (section 5): AAAAAAA-53502-CCYYMMDD and what kind of file it is.

The date is the reconciliation date, as the terms and the examples of the document have it, not the transaction day of its
legend. The last file is ``.fcn``; the ``.fcf`` of one heading is a slip of the pen.

>>> names = Names("10000D3", date(2008, 7, 28))
>>> names.file(Kind.TRANSACTION), control_of(names.file(Kind.FINAL))
('10000D3-53502-20080728.txt', '10000D3-53502-20080728.fcn.ctl')
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum

from meter_emu.sts.errors import FormatError

PREPAID = "53502"
_SWITCHER_ID = re.compile(r"[0-9A-Za-z]{7}")


class Kind(Enum):
    """The files of a reconciliation, by the ends of their names."""

    TRANSACTION = ".txt"
    """What the gateway sold."""
    SWITCHING = ".ftr"
    """What the switching sold."""
    RECONCILIATION = ".rcn"
    """The collecting agent's suspects."""
    LOG = ".log"
    """The message streams of the suspects."""
    DISCREPANCIES = ".discrepancies"
    """Ours: transactions both sold, but not alike."""
    FINAL = ".fcn"
    """PLN's verdict on the suspects."""


@dataclass(frozen=True)
class Names:
    """A reconciliation of one switching. FormatError for a switcher id that is none."""

    switcher_id: str
    reconciled_on: date

    def __post_init__(self) -> None:
        if not _SWITCHER_ID.fullmatch(self.switcher_id):
            raise FormatError(f"a switcher id is 7 letters or digits, not {self.switcher_id[:20]!r}", field="switcher_id")

    def file(self, kind: Kind) -> str:
        """The name of a file."""
        day = self.reconciled_on
        return f"{self.switcher_id}-{PREPAID}-{day.year:04}{day:%m%d}{kind.value}"


def control_of(name: str) -> str:
    """The name of the control file of a file."""
    return f"{name}.ctl"
