"""The key check value: lets two sides see that they hold the same decoder key without showing it.

It is the first 3 bytes of the zero block encrypted with the key, the usual practice with block ciphers; the STS itself
defines none for decoder keys.

>>> from meter_emu.sts.ciphers import EncryptionAlgorithm
>>> key_check_value(DecoderKey.from_hex(EncryptionAlgorithm.STA, "e653341f9d5bf36f"))
'149dc1'
"""

from meter_emu.sts.ciphers.sta_tables import SAMPLE_TABLES, StaTables
from meter_emu.sts.keys.secret import DecoderKey


def key_check_value(key: DecoderKey, tables: StaTables = SAMPLE_TABLES) -> str:
    """Six hexadecimal digits; with EA07 they depend on the tables too."""
    return f"{key.cipher(tables).encrypt(0):016x}"[:6]
