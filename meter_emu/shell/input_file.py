"""A file a user names: read whole, but not beyond a bound; what is wrong with it is one line that says what it was for."""

import os
import stat

from meter_emu.shell.errors import FileError
from meter_emu.sts.errors import FormatError

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_file(path: str | os.PathLike[str], name: str, maximum_bytes: int, *, is_secret: bool = False) -> bytes:
    """The content of ``path``, which errors call ``name``.

    FileError if it cannot be read; FormatError if it is too large or, where it is to be secret, open to others.
    """
    try:
        with open(path, "rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if is_secret and mode & OTHERS:
                raise FormatError(f"{name} {path} can be read by others (mode {mode:04o}): run chmod 600 {path}")
            content = file.read(maximum_bytes + 1)
    except OSError as error:
        raise FileError(f"{name} {path} cannot be read: {error.strerror}") from error
    if len(content) > maximum_bytes:
        raise FormatError(f"{name} {path} is larger than {maximum_bytes} bytes")
    return content
