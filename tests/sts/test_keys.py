"""Decoder keys: the worked examples with what stands between, the algorithms no row pins, and what never shows a key."""

import hashlib
import hmac

import pytest
from Crypto.Cipher import DES
from hypothesis import given
from hypothesis import strategies as st

from meter_emu.sts.ciphers import EncryptionAlgorithm
from meter_emu.sts.ciphers import des as des_module
from meter_emu.sts.ciphers.des import Des
from meter_emu.sts.ciphers.sta import Sta
from meter_emu.sts.errors import FormatError, FunctionError
from meter_emu.sts.keys import (
    TEST_VENDING_KEYS,
    DecoderKey,
    DecoderKeyGenerationAlgorithm,
    KeyParameters,
    VendingKey,
    default_parameters,
    generate_decoder_key,
    generation,
)
from meter_emu.sts.keys.check_value import key_check_value
from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers import BaseDate, Drn, KeyRevisionNumber, KeyType, MeterPan, SupplyGroupCode, TariffIndex
from meter_emu.sts.tokens import Token, TokenType, decode, encode

VK_02 = "abababababababab"
VK_04 = "abababababababab949494949494949401234567"
PAN_OF_13_DIGITS = "000001000000000082"


def parameters(dkga="02", ea="07", pan="600727000000000009", sgc="123456", kt=2, base_date="1993"):
    return KeyParameters(
        pan=MeterPan(pan),
        sgc=SupplyGroupCode(sgc),
        ti=TariffIndex("01"),
        kt=KeyType(kt),
        krn=KeyRevisionNumber(1),
        base_date=BaseDate(base_date),
        ea=EncryptionAlgorithm(ea),
        dkga=DecoderKeyGenerationAlgorithm(dkga),
    )


def key_hex(vending_key, chosen):
    return generate_decoder_key(VendingKey.from_hex(vending_key), chosen).octets.hex()


@pytest.fixture
def des_blocks(monkeypatch):
    """The (input, output) blocks of every DES encryption, in hexadecimal."""
    seen = []
    encrypt = Des.encrypt

    def watched(self, block):
        result = encrypt(self, block)
        seen.append((f"{block:016x}", f"{result:016x}"))
        return result

    monkeypatch.setattr(des_module.Des, "encrypt", watched)
    return seen


def test_worked_example_a_dkga02_step_by_step(des_blocks):
    assert key_hex(VK_02, parameters()) == "e653341f9d5bf36f"
    assert des_blocks == [("2151356011ffffff", "6ca9aad4270fa73b")]
    assert int("0072700000000000", 16) ^ int("2123456011ffffff", 16) == int("2151356011ffffff", 16)


def test_worked_example_a_the_key_of_the_first_round_of_sta():
    turned = int("e653341f9d5bf36f", 16) ^ 2**64 - 1
    assert f"{(turned >> 12 | turned << 52) & 2**64 - 1:016x}" == "c9019accbe062a40"


def test_worked_example_a_the_token():
    sta = Sta(bytes.fromhex("e653341f9d5bf36f"))
    token = Token.build(TokenType.ELECTRICITY_CREDIT, rnd=5, tid=5871715, amount=1)
    assert f"{token.block:016x}" == "05599863000119e6"
    assert f"{sta.encrypt(token.block):016x}" == "a94eba51793d8fbd"
    assert encode(token, sta) == "67540125520408448957"


@pytest.mark.parametrize(
    ("pan", "kt", "pan_block"),
    [
        ("600727111111111153", 0, "0072711111111115"),
        ("600727111111111153", 1, "0072711111111115"),
        ("600727111111111153", 2, "0072711111111115"),
        ("600727111111111153", 3, "0072700000000000"),
        (PAN_OF_13_DIGITS, 2, "0000100000000008"),
        (PAN_OF_13_DIGITS, 3, "0000000000000000"),
    ],
)
def test_dkga02_takes_sixteen_digits_of_the_pan_and_blanks_the_meter_for_a_common_key(pan, kt, pan_block, des_blocks):
    key = key_hex("0abc12def3456789", parameters(pan=pan, kt=kt))
    block = int(pan_block, 16) ^ int(f"{kt}123456011ffffff", 16)
    ((seen, _),) = des_blocks
    assert seen == f"{block:016x}"
    vending_key = bytes.fromhex("0abc12def3456789")
    encrypted = int.from_bytes(DES.new(vending_key, DES.MODE_ECB).encrypt(block.to_bytes(8, "big")), "big")
    assert int(key, 16) == encrypted ^ block ^ int.from_bytes(vending_key, "big")


def test_dkga02_uses_the_parity_bits_of_the_vending_key_in_its_last_step():
    even, odd = (int(key_hex(key, parameters()), 16) for key in ("abababababababab", "aaababababababab"))
    assert even ^ odd == 1 << 56


def test_worked_example_c_dkga04_step_by_step(monkeypatch):
    seen = []
    real = hmac.digest

    def watched(key, message, digest):
        seen.append(message.hex())
        return real(key, message, digest)

    monkeypatch.setattr(hmac, "digest", watched)
    assert key_hex(VK_04, parameters("04", "11", sgc="123457")) == "f94b6ed353c3bfdb113e2d3a7ea3c41d"
    expected = "04 023034 023933 023131 023031 00 04 06313233343537 0132 0131 12363030373237303030303030303030303039 00000080"
    assert seen == [expected.replace(" ", "")]
    assert len(bytes.fromhex(seen[0])) == 49
    digest = real(bytes.fromhex(VK_04), bytes.fromhex(seen[0]), hashlib.sha256).hex()
    assert digest == "f94b6ed353c3bfdb113e2d3a7ea3c41df3797b0f9cca5a5cf632a31f91d88854"


def test_dkga04_makes_unrelated_keys_for_its_two_algorithms_and_keeps_the_meter_in_a_common_key():
    short, long = (key_hex(VK_04, parameters("04", ea)) for ea in ("07", "11"))
    assert (len(short), len(long)) == (16, 32)
    assert not long.startswith(short)
    assert key_hex(VK_04, parameters("04", kt=3)) != key_hex(VK_04, parameters("04", kt=3, pan="600727111111111153"))


def test_dkga04_takes_a_pan_of_13_digits():
    assert len(key_hex(VK_04, parameters("04", "11", pan=PAN_OF_13_DIGITS))) == 32


def test_dkga01_is_refused_with_a_reason():
    with pytest.raises(FunctionError, match="DKGA01 is not offered: its cipher step is not public"):
        key_hex(VK_02, parameters("01"))


def test_dkga03_is_two_key_triple_des_and_says_that_it_is_unverified():
    first, second = "0123456789abcdef", "fedcba9876543210"
    block = int("2151356011ffffff", 16)
    one, two = (DES.new(bytes.fromhex(key), DES.MODE_ECB) for key in (first, second))
    encrypted = one.encrypt(two.decrypt(one.encrypt(block.to_bytes(8, "big"))))
    assert int(key_hex(first + second, parameters("03")), 16) == int.from_bytes(encrypted, "big") ^ block
    assert "unverified" in generation.__doc__.lower()
    assert "unverified" in generation._dkga03.__doc__.lower()


@given(st.binary(min_size=8, max_size=8), st.integers(0, 2**24 - 1), st.integers(0, 18201624))
def test_ea09_opens_what_it_made_and_says_that_it_is_unverified(octets, tid, amount):
    cipher = DecoderKey(EncryptionAlgorithm.DES, octets).cipher()
    token = Token.build(TokenType.ELECTRICITY_CREDIT, rnd=0, tid=tid, amount=amount)
    assert decode(encode(token, cipher), cipher) == token
    assert "unverified" in des_module.__doc__.lower()


@pytest.mark.parametrize(("dkga", "ea", "vending_key"), [("02", "11", VK_02), ("04", "09", VK_04), ("03", "11", VK_02 * 2)])
def test_an_ea_that_a_dkga_makes_no_key_for_is_refused(dkga, ea, vending_key):
    with pytest.raises(FunctionError, match=f"DKGA{dkga} makes no key for EA{ea}"):
        key_hex(vending_key, parameters(dkga, ea))


@pytest.mark.parametrize("vending_key", ["", "ab", VK_02 * 2, VK_04, "zz" * 8, "abababababababa", "ＡＢ" * 8])
def test_a_vending_key_of_another_form_is_refused_and_not_shown(vending_key):
    with pytest.raises(FormatError) as error:
        key_hex(vending_key, parameters())
    assert not vending_key or vending_key not in str(error.value)


def test_no_repr_shows_a_key():
    key = DecoderKey.from_hex(EncryptionAlgorithm.STA, "e653341f9d5bf36f")
    assert "e653" not in f"{key!r} {key} {VendingKey.from_hex('e653341f9d5bf36f')!r} {KeyStore.empty()!r}"


def test_the_check_value_is_the_start_of_the_encrypted_zero_block():
    key = DecoderKey.from_hex(EncryptionAlgorithm.DES, "e653341f9d5bf36f")
    assert key_check_value(key) == DES.new(key.octets, DES.MODE_ECB).encrypt(bytes(8)).hex()[:6]


def test_a_key_file_that_holds_a_published_key_is_still_using_test_keys():
    document = {"vending_key": [{"sgc": "123457", "krn": 1, "dkga": "04", "key": VK_04}]}
    store = KeyStore.from_document(document)
    assert store.key_of(store.card(Drn("12345678911"))).is_test_key
    assert default_parameters(Drn("12345678911")).dkga in TEST_VENDING_KEYS
