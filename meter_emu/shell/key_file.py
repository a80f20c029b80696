"""The key file: a KeyStore on disk as TOML. Secrets lie in it, so one that others can read is refused."""

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from meter_emu.shell.errors import FileError
from meter_emu.shell.input_file import read_file
from meter_emu.sts.errors import FormatError, StsError
from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers.drn import Drn

DEFAULT_NAME = "keys.toml"
MAXIMUM_BYTES = 16 * 1024 * 1024
TEST_KEYS = "test keys: these tokens are made with the published keys of the compliance tests, which protect nothing"
"""What every command says that makes tokens with them."""


def read_key_file(path: str | os.PathLike[str]) -> KeyStore:
    """The store in ``path``. FormatError, one line that names the file, if it is open to others or says something wrong.

    FileError if it cannot be read at all.
    """
    import tomllib

    content = read_file(path, "key file", MAXIMUM_BYTES, is_secret=True)
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


def key_store_for(drn: Drn, said: Mapping[str, Any], option: str | None, home: str | os.PathLike[str]) -> KeyStore:
    """The store for a command about one meter, of which options said the key parameters ``said``.

    Who gives a key file does not want test keys: a meter that the file does not name must be told by its supply group, or that
    is a FileError, and is then one the store names. With the home's own file, or none, it is the published test meter.
    """
    store = key_store(option, home)
    if option is None or drn in store.meters:
        return store
    if "sgc" not in said:
        raise FileError(f"key file {option} does not name meter {drn}: add a [[meter]] to it, or say at least --sgc and --krn")
    return replace(store, meters={**store.meters, drn: store.card(drn).changed(**said)})
