"""Vending keys, decoder keys, and how the one makes the other (IEC 62055-41 6.5)."""

from meter_emu.sts.keys.generation import DecoderKeyGenerationAlgorithm, KeyParameters, generate_decoder_key
from meter_emu.sts.keys.published import TEST_VENDING_KEYS, default_parameters
from meter_emu.sts.keys.secret import DecoderKey, VendingKey

__all__ = [
    "TEST_VENDING_KEYS",
    "DecoderKey",
    "DecoderKeyGenerationAlgorithm",
    "KeyParameters",
    "VendingKey",
    "default_parameters",
    "generate_decoder_key",
]
