"""The codec: a whole token, string to value and back, the key at hand, beside one DES block with a fresh key object."""

import random

from comparison import Work, rate
from Crypto.Cipher import DES

from meter_emu.sts.ciphers import BlockCipher
from meter_emu.sts.ciphers.misty1 import Misty1
from meter_emu.sts.ciphers.sta import Sta
from meter_emu.sts.tokens import Token, TokenType, decode, encode


def main() -> None:
    key, block = bytes(range(8)), bytes(8)

    def des() -> int:
        for _ in range(4000):
            DES.new(key, DES.MODE_ECB).decrypt(block)
        return 4000

    ciphers: tuple[tuple[str, BlockCipher, str], ...] = (
        ("EA07", Sta(bytes.fromhex("e653341f9d5bf36f")), "0.6"),
        ("EA11", Misty1(bytes.fromhex("f94b6ed353c3bfdb113e2d3a7ea3c41d")), "0.4"),
    )
    for name, cipher, aim in ciphers:
        tokens = [random_token() for _ in range(4000)]
        digits = [encode(token, cipher) for token in tokens]
        rate(f"decode {name}", decoding(digits, cipher), "DES block decrypt, fresh key", des, f">= {aim}")
        rate(f"encode {name}", encoding(tokens, cipher), "DES block decrypt, fresh key", des, f">= {aim}")


def random_token() -> Token:
    values = {"rnd": random.randrange(16), "tid": random.randrange(2**24), "amount": random.randrange(1, 16384)}
    return Token.build(TokenType.ELECTRICITY_CREDIT, **values)


def decoding(digits: list[str], cipher: BlockCipher) -> Work:
    def work() -> int:
        for token in digits:
            decode(token, cipher)
        return len(digits)

    return work


def encoding(tokens: list[Token], cipher: BlockCipher) -> Work:
    def work() -> int:
        for token in tokens:
            encode(token, cipher)
        return len(tokens)

    return work
