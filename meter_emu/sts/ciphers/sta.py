"""EA07, the standard transfer algorithm (IEC 62055-41 6.5.4): 16 rounds over a 64-bit block with a 64-bit key.

A round of the encryption substitutes 16 nibbles, each through one of two S-boxes chosen by the top bit of the key's
nibble, moves all 64 bits, and turns the key left by one. The key starts complemented and turned right by 12.
The decryption runs the rounds backwards, starts from the key as it is, and turns it right; there the lowest bit of the
key's nibble chooses, inverted, since the complement is missing.

>>> sta = Sta(bytes.fromhex("e653341f9d5bf36f"))
>>> f"{sta.encrypt(0x05599863000119E6):016x} {sta.decrypt(0xA94EBA51793D8FBD):016x}"
'a94eba51793d8fbd 05599863000119e6'
"""

from functools import cached_property

from meter_emu.sts.ciphers.sta_tables import SAMPLE_TABLES, ByteTable, Layer, StaTables

ROUNDS = 16
MASK_64 = (1 << 64) - 1
KEY_TURN = 12

Schedule = tuple[tuple[ByteTable, ...], ...]
"""For each layer of the cipher the 8 byte tables that the key chose."""


class Sta:
    """EA07 with its key (8 bytes, natural order) and its tables."""

    def __init__(self, key: bytes, tables: StaTables = SAMPLE_TABLES) -> None:
        self._key = int.from_bytes(key, "big")
        self._tables = tables

    def encrypt(self, block: int) -> int:
        """The encrypted 64-bit block."""
        return _run(self._encryption_schedule, block)

    def decrypt(self, block: int) -> int:
        """The plain 64-bit block."""
        return _run(self._decryption_schedule, block)

    @cached_property
    def _encryption_schedule(self) -> Schedule:
        key = _turn_right(self._key ^ MASK_64, KEY_TURN)
        schedule = []
        for _ in range(ROUNDS):
            schedule.append(_choose(self._tables.encryption_layer, key >> 3))
            key = _turn_right(key, 63)
        return tuple(schedule)

    @cached_property
    def _decryption_schedule(self) -> Schedule:
        tables = self._tables
        layers = [tables.decryption_layer] * (ROUNDS - 1) + [tables.inverse_substitution_layer]
        key = self._key
        schedule = [_choose(tables.inverse_permutation_layer, key)]
        for layer in layers:
            schedule.append(_choose(layer, ~key))
            key = _turn_right(key, 1)
        return tuple(schedule)


def _run(schedule: Schedule, block: int) -> int:
    # The tables of one layer fill disjoint bits, so their sum is their union, and CPython adds faster than it ors.
    for t0, t1, t2, t3, t4, t5, t6, t7 in schedule:
        b0, b1, b2, b3, b4, b5, b6, b7 = block.to_bytes(8, "little")
        block = t0[b0] + t1[b1] + t2[b2] + t3[b3] + t4[b4] + t5[b5] + t6[b6] + t7[b7]
    return block


def _choose(layer: Layer, selectors: int) -> tuple[ByteTable, ...]:
    """The byte tables for one layer: bit 8p of ``selectors`` chooses for the low nibble of byte p, bit 8p+4 for the high."""
    return tuple([tables[(selectors >> 8 * p & 1) + 2 * (selectors >> 8 * p + 4 & 1)] for p, tables in enumerate(layer)])


def _turn_right(key: int, count: int) -> int:
    return key >> count | key << 64 - count & MASK_64
