"""The checksum against a division of polynomials, one bit at a time."""

from hypothesis import given
from hypothesis import strategies as st

from meter_emu.sts.tokens.crc import crc_field


def plain_crc_field(token_class: int, front: int) -> int:
    """CRC-16 with polynomial x^16 + x^15 + x^2 + 1, reflected, from FFFF, over seven bytes; then the bytes swapped."""
    register = 0xFFFF
    for octet in (token_class << 48 | front).to_bytes(7, "big"):
        for place in range(8):
            out = (register ^ octet >> place) & 1
            register >>= 1
            if out:
                register ^= 0xA001
    return int.from_bytes(register.to_bytes(2, "little"), "big")


@given(st.integers(0, 3), st.integers(0, 2**48 - 1))
def test_the_tables_do_what_the_division_says(token_class, front):
    assert crc_field(token_class, front) == plain_crc_field(token_class, front)


def test_the_published_values():
    assert plain_crc_field(0, 12205947027712) == crc_field(0, 12205947027712) == 49671
    assert plain_crc_field(0, 0x055998630001) == crc_field(0, 0x055998630001) == 0x19E6
    assert plain_crc_field(0, 0x0559982C0001) == crc_field(0, 0x0559982C0001) == 0x2831


@given(st.integers(0, 3), st.integers(0, 2**48 - 1), st.integers(0, 49))
def test_one_wrong_bit_is_always_seen(token_class, front, place):
    damaged = (token_class << 48 | front) ^ 1 << place
    assert crc_field(damaged >> 48, damaged & 2**48 - 1) != crc_field(token_class, front)
