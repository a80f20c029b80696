"""What can be wrong with a file of the reconciliation: which file, which line, which column, and why.

>>> print(BrokenFile("10000D3-53502-20080728.txt", "must be 4 digits", line=2, column="MERCHANT"))
10000D3-53502-20080728.txt, line 2, MERCHANT: must be 4 digits
"""

import os

from meter_emu.shell.errors import FileError


class BrokenFile(FileError):
    """A file that does not say what the document asks of it. None of it may be used."""

    def __init__(self, file: str | os.PathLike[str], reason: str, *, line: int | None = None, column: str = "") -> None:
        place = [os.fspath(file), *([f"line {line}"] if line else []), *([column] if column else [])]
        super().__init__(f"{', '.join(place)}: {reason}")
        self.file, self.reason, self.line, self.column = os.fspath(file), reason, line, column


class NotPublished(FileError):
    """A file whose control file is not there: nobody may read it yet."""
