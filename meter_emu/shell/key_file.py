"""The key file: a KeyStore on disk as TOML. Secrets lie in it, so one that others can read is refused."""

import os
import stat

from meter_emu.sts.errors import FormatError, StsError
from meter_emu.sts.keys.key_store import KeyStore

DEFAULT_NAME = "keys.toml"
MAXIMUM_BYTES = 16 * 1024 * 1024
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_key_file(path: str | os.PathLike[str]) -> KeyStore:
    """The store in ``path``. FormatError, one line that names the file, if it is open to others or says something wrong.

    OSError if it cannot be read at all.
    """
    import tomllib

    with open(path, "rb") as file:
        status = os.fstat(file.fileno())
        if status.st_mode & _OTHERS:
            mode = stat.S_IMODE(status.st_mode)
            raise FormatError(f"key file {path} can be read by others (mode {mode:04o}): run chmod 600 {path}")
        content = file.read(MAXIMUM_BYTES + 1)
    if len(content) > MAXIMUM_BYTES:
        raise FormatError(f"key file {path} is larger than {MAXIMUM_BYTES} bytes")
    try:
        return KeyStore.from_document(tomllib.loads(content.decode("utf-8")))
    except StsError as error:
        raise FormatError(f"key file {path}: {error}", field=error.field) from None
    except (ValueError, RecursionError):
        # The parser's own message may quote the line, and on that line may stand a key.
        raise FormatError(f"key file {path} is not TOML") from None


def key_store(option: str | None, home: str | os.PathLike[str]) -> KeyStore:
    """The store a command works with: the file it was given, else the home's own, else the published test keys alone."""
    if option is not None:
        return read_key_file(option)
    own = os.path.join(home, DEFAULT_NAME)
    return read_key_file(own) if os.path.exists(own) else KeyStore.empty()
