"""EA11 against a plain MISTY1, written after the pseudo code of RFC 2994 section 2."""

import hashlib

from hypothesis import given, settings
from hypothesis import strategies as st

from meter_emu.sts.ciphers.misty1 import Misty1
from meter_emu.sts.ciphers.misty1_tables import S7, S9


def fi(value: int, key: int) -> int:
    d9, d7 = value >> 7, value & 0x7F
    d9 = S9[d9] ^ d7
    d7 = (S7[d7] ^ d9) & 0x7F
    d7 ^= key >> 9
    d9 ^= key & 0x1FF
    d9 = S9[d9] ^ d7
    return d7 << 9 | d9


def expanded_key(key: bytes) -> list[int]:
    ek = [key[2 * i] * 256 + key[2 * i + 1] for i in range(8)]
    return ek + [fi(ek[i], ek[(i + 1) % 8]) for i in range(8)]


def fo(value: int, k: int, ek: list[int]) -> int:
    t0, t1 = value >> 16, value & 0xFFFF
    t0 ^= ek[k]
    t0 = fi(t0, ek[(k + 5) % 8 + 8])
    t0 ^= t1
    t1 ^= ek[(k + 2) % 8]
    t1 = fi(t1, ek[(k + 1) % 8 + 8])
    t1 ^= t0
    t0 ^= ek[(k + 7) % 8]
    t0 = fi(t0, ek[(k + 3) % 8 + 8])
    t0 ^= t1
    t1 ^= ek[(k + 4) % 8]
    return t1 << 16 | t0


def fl(value: int, k: int, ek: list[int]) -> int:
    d0, d1 = value >> 16, value & 0xFFFF
    if k % 2 == 0:
        d1 ^= d0 & ek[k // 2]
        d0 ^= d1 | ek[(k // 2 + 6) % 8 + 8]
    else:
        d1 ^= d0 & ek[((k - 1) // 2 + 2) % 8 + 8]
        d0 ^= d1 | ek[((k - 1) // 2 + 4) % 8]
    return d0 << 16 | d1


def plain_encrypt(key: bytes, block: int) -> int:
    ek = expanded_key(key)
    d0, d1 = block >> 32, block & 0xFFFFFFFF
    for k in range(0, 8, 2):
        d0 = fl(d0, k, ek)
        d1 = fl(d1, k + 1, ek)
        d1 ^= fo(d0, k, ek)
        d0 ^= fo(d1, k + 1, ek)
    d0 = fl(d0, 8, ek)
    d1 = fl(d1, 9, ek)
    return d1 << 32 | d0


@settings(max_examples=100)
@given(st.binary(min_size=16, max_size=16), st.integers(0, 2**64 - 1))
def test_the_folded_tables_do_what_the_functions_say(key, block):
    misty = Misty1(key)
    assert misty.encrypt(block) == plain_encrypt(key, block)
    assert misty.decrypt(misty.encrypt(block)) == block


def test_the_reference_itself_against_the_rfc():
    key = bytes.fromhex("00112233445566778899aabbccddeeff")
    assert " ".join(f"{part:04x}" for part in expanded_key(key)[8:]) == "cf51 8e7f 5e29 673a cdbc 07d6 bf35 5e11"
    assert plain_encrypt(key, 0x0123456789ABCDEF) == 0x8B1DA5F56AB3D07C
    assert plain_encrypt(key, 0xFEDCBA9876543210) == 0x04B68240B13BE95D


def test_the_tables_are_those_of_the_rfc():
    assert hashlib.sha256(S7).hexdigest() == "2ef2f333a517fe3bf0d0d4afd2c1d4b743ce2eb4eacd4b65b5e6dbcd4ca733e7"
    octets = b"".join(value.to_bytes(2, "big") for value in S9)
    assert hashlib.sha256(octets).hexdigest() == "3921809db7e7b172acd29dbb6e5478d750782b890b2bc1a232139399ab31c7c6"
