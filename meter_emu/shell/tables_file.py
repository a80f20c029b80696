"""The tables file: another set of STA tables, as JSON, for EA07 (see sts/ciphers/sta_tables.py for what stands in it)."""

import os

from meter_emu.shell.input_file import read_file
from meter_emu.sts.ciphers.sta_tables import StaTables
from meter_emu.sts.errors import FormatError

MAXIMUM_BYTES = 64 * 1024


def read_tables_file(path: str | os.PathLike[str]) -> StaTables:
    """The tables in ``path``. FormatError, one line that names the file, if it says something wrong.

    FileError if it cannot be read at all.
    """
    content = read_file(path, "tables file", MAXIMUM_BYTES)
    try:
        return StaTables.from_json(content.decode("utf-8-sig"))
    except FormatError as error:
        raise FormatError(f"tables file {path}: {error}", field=error.field) from None
    except UnicodeDecodeError:
        raise FormatError(f"tables file {path} is not UTF-8") from None
