"""Many tokens at once: each of them gets the answer of the single decoder, whatever it is and whatever stands beside it."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meter_emu.sts.bulk.arrays import SLICE
from meter_emu.sts.bulk.cipher import bulk_cipher, cipher_of
from meter_emu.sts.bulk.codec import Refusal, decode_all, decoded_amount
from meter_emu.sts.bulk.crc import has_right_crc
from meter_emu.sts.ciphers import SAMPLE_TABLES, EncryptionAlgorithm, StaTables
from meter_emu.sts.errors import StsError
from meter_emu.sts.keys import DecoderKey
from meter_emu.sts.numbers.transfer_amount import decode_amount
from meter_emu.sts.rows import answer, decoder_key_of
from meter_emu.sts.tokens import Token, TokenType, decode, encode
from meter_emu.sts.tokens.codec import join
from meter_emu.sts.tokens.crc import crc_field
from meter_emu.sts.tokens.layout import LAYOUTS

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "sts.json").read_text())
OTHER_TABLES = StaTables(
    permutation=tuple(random.Random(1).sample(range(64), 64)),
    substitution=(tuple(random.Random(2).sample(range(16), 16)), tuple(random.Random(3).sample(range(16), 16))),
)
algorithms = st.sampled_from(list(EncryptionAlgorithm))
numbers = st.integers(0, 10**20 - 1).map("{:020d}".format)
texts = st.text(max_size=25) | st.text("0123456789٠١x\udc80 ", min_size=20, max_size=20)
blocks = st.tuples(st.sampled_from(LAYOUTS), st.integers(0, 2**44 - 1))


def key_of(algorithm, seed):
    return DecoderKey(algorithm, random.Random(seed).randbytes(algorithm.key_length))


def token_of(layout, bits):
    """A token of any kind with any bits between subclass and CRC."""
    front = layout.subclass << 44 | bits
    return Token(layout, front << 16 | crc_field(layout.token_class.value, front))


def single(digits, cipher):
    try:
        return decode(digits, cipher)
    except StsError as error:
        return type(error), error.field


FIELD = {Refusal.WRONG_CRC: "crc", Refusal.NO_SUBCLASS: "subclass"}


def bulk(decoded, index):
    refusal = Refusal(decoded.refusal[index])
    return (refusal.error, FIELD.get(refusal, "token")) if refusal else decoded.token(index)


@given(
    algorithm=algorithms,
    seed=st.integers(0, 2**32),
    own=st.lists(blocks, max_size=8),
    others=st.lists(blocks, max_size=3),
    corrupted=st.lists(st.tuples(blocks, st.integers(0, 19), st.integers(1, 9)), max_size=4),
    rest=st.lists(numbers | texts, max_size=8),
    shuffle=st.randoms(use_true_random=False),
)
def test_every_token_is_decoded_as_if_it_were_alone(algorithm, seed, own, others, corrupted, rest, shuffle):
    key, tables = key_of(algorithm, seed), shuffle.choice([OTHER_TABLES, SAMPLE_TABLES])
    cipher = key.cipher(tables)
    tokens = [encode(token_of(*block), cipher) for block in own]
    tokens += [encode(token_of(*block), key_of(algorithm, seed + 1).cipher(tables)) for block in others]
    for block, place, more in corrupted:
        digits = encode(token_of(*block), cipher)
        tokens.append(digits[:place] + str((int(digits[place]) + more) % 10) + digits[place + 1 :])
    tokens += rest
    shuffle.shuffle(tokens)
    decoded = decode_all(tokens, cipher_of(key, tables))
    assert len(decoded) == len(tokens)
    assert [bulk(decoded, index) for index in range(len(tokens))] == [single(token, cipher) for token in tokens]


@given(algorithm=algorithms, seeds=st.lists(st.integers(0, 2**32), min_size=2, max_size=70), bits=st.integers(0, 2**44 - 1))
def test_every_token_can_have_a_key_of_its_own(algorithm, seeds, bits):
    keys = [key_of(algorithm, seed) for seed in seeds]
    tokens = [encode(token_of(LAYOUTS[seed % 8], bits ^ seed), key.cipher()) for key, seed in zip(keys, seeds, strict=True)]
    octets = np.frombuffer(b"".join(key.octets for key in keys), dtype=np.uint8).reshape(len(keys), -1)
    decoded = decode_all(tokens, bulk_cipher(algorithm, octets))
    assert [decoded.token(index) for index in range(len(keys))] == [
        decode(token, key.cipher()) for token, key in zip(tokens, keys, strict=True)
    ]


@pytest.mark.parametrize("algorithm", [EncryptionAlgorithm.STA, EncryptionAlgorithm.MISTY1])
@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 127, SLICE - 1, SLICE, SLICE + 1, 2 * SLICE + 70])
@pytest.mark.parametrize("has_own_keys", [False, True])
def test_any_number_of_blocks(algorithm, count, has_own_keys):
    generator = np.random.default_rng(count)
    blocks = generator.integers(0, 2**64, count, dtype=np.uint64)
    keys = generator.integers(0, 256, (count if has_own_keys else 1, algorithm.key_length), dtype=np.uint8)
    plain = bulk_cipher(algorithm, keys).decrypt(blocks)
    assert len(plain) == count
    for index in {*range(0, count, 4099), *range(max(0, count - 70), count)}:
        key = keys[index if has_own_keys else 0].tobytes()
        assert int(plain[index]) == algorithm.cipher(key).decrypt(int(blocks[index]))


@pytest.mark.parametrize("algorithm", [EncryptionAlgorithm.STA, EncryptionAlgorithm.MISTY1])
def test_every_published_token(algorithm):
    rows = [row for row in VECTORS["rows"] if "expected_token" in row and row.get("ea") == algorithm.value]
    assert rows
    keys = b"".join(decoder_key_of(row).octets for row in rows)
    cipher = bulk_cipher(algorithm, np.frombuffer(keys, dtype=np.uint8).reshape(len(rows), -1))
    decoded = decode_all([row["expected_token"] for row in rows], cipher)
    for index, row in enumerate(rows):
        alone = answer(row | {"op": "decode", "token": row["expected_token"]}, show_keys=True)
        assert decoded.token(index).token_type == row["token_type"] == alone["decoded"]["token_type"]
        assert f"{decoded.token(index).crc:04x}" == alone["decoded"]["crc"]


@pytest.mark.parametrize("algorithm", list(EncryptionAlgorithm))
def test_each_refusal(algorithm):
    key = key_of(algorithm, 1)
    no_subclass = join(0, key.cipher().encrypt(15 << 60 | crc_field(0, 15 << 44)))
    good = encode(Token.build(TokenType.CLEAR_CREDIT, rnd=0, tid=1, register=0), key.cipher())
    changed = good[:-1] + str((int(good[-1]) + 1) % 10)
    tokens = [good, "1" * 19 + "x", str(2**66), f"{2**66 - 1:020d}", changed, no_subclass]
    decoded = decode_all(tokens, cipher_of(key))
    assert decoded.refusal.tolist() == list(Refusal)
    for index, token in enumerate(tokens[1:], 1):
        with pytest.raises(Refusal(index).error):
            decode(token, key.cipher())


def test_what_a_credit_token_says():
    key = key_of(EncryptionAlgorithm.STA, 1)
    credit = Token.build(TokenType.ELECTRICITY_CREDIT, rnd=1, tid=2**24 - 1, amount=20_000)
    water = Token.build(TokenType.WATER_CREDIT, rnd=1, tid=7, amount=1)
    decoded = decode_all([encode(token, key.cipher()) for token in (credit, water)] + ["1"], cipher_of(key))
    assert decoded.is_token.tolist() == [True, True, False]
    assert decoded.is_of(TokenType.ELECTRICITY_CREDIT).tolist() == [True, False, False]
    assert decoded.tid[:2].tolist() == [2**24 - 1, 7]
    assert decoded.amount[:2].tolist() == [20_004, 1]
    with pytest.raises(KeyError):
        decoded.token(2)


def test_every_amount():
    assert decoded_amount(np.arange(1 << 16)).tolist() == [decode_amount(field) for field in range(1 << 16)]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2**48 - 1)), min_size=1, max_size=20), st.integers(1, 2**16 - 1))
def test_the_checksum_and_no_other_one_is_right(fronts, difference):
    classes = np.array([token_class for token_class, _ in fronts], dtype=np.uint8)
    right = np.array([front << 16 | crc_field(token_class, front) for token_class, front in fronts], dtype=np.uint64)
    assert has_right_crc(classes, right).all()
    assert not has_right_crc(classes, right ^ np.uint64(difference)).any()
