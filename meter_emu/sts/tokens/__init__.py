"""Tokens (IEC 62055-41 6.2 to 6.4): the layout table, the token value, its 20 digits, key change sets."""

from meter_emu.sts.tokens.codec import decode, encode
from meter_emu.sts.tokens.key_change import NewKey, assemble, key_change_tokens
from meter_emu.sts.tokens.layout import TokenClass, TokenType
from meter_emu.sts.tokens.token import Token

__all__ = ["NewKey", "Token", "TokenClass", "TokenType", "assemble", "decode", "encode", "key_change_tokens"]
