"""Vending keys, decoder keys, and how the one makes the other (IEC 62055-41 6.5).

secret.py       VendingKey and DecoderKey, which no print shows
generation.py   DKGA02, DKGA03, DKGA04
published.py    the compliance tests' keys and the default parameters
key_store.py    what a utility knows of its keys and meters
"""

from importlib import import_module
from typing import TYPE_CHECKING

from meter_emu.sts.keys.secret import DecoderKey, VendingKey

if TYPE_CHECKING:
    from meter_emu.sts.keys.generation import DecoderKeyGenerationAlgorithm, KeyParameters, generate_decoder_key
    from meter_emu.sts.keys.published import TEST_VENDING_KEYS, default_parameters

__all__ = [
    "TEST_VENDING_KEYS",
    "DecoderKey",
    "DecoderKeyGenerationAlgorithm",
    "KeyParameters",
    "VendingKey",
    "default_parameters",
    "generate_decoder_key",
]
_LATE = {
    "TEST_VENDING_KEYS": "published",
    "DecoderKeyGenerationAlgorithm": "generation",
    "KeyParameters": "generation",
    "default_parameters": "published",
    "generate_decoder_key": "generation",
}


def __getattr__(name: str) -> object:
    """A meter has a key and makes none, so what makes them is not loaded before somebody asks for it."""
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
