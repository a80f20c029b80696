"""EA09, DES over one block (IEC 62055-41 6.5.5).

Unverified: no published vector shows an EA09 token. This is the plain reading, key and block in natural order, one
block in ECB mode; the 2018 edition of the standard withdraws it.

>>> f"{Des(bytes.fromhex('abababababababab')).encrypt(0x2151356011FFFFFF):016x}"
'6ca9aad4270fa73b'
"""


class Des:
    """EA09 with its 8-byte key. DES ignores the low bit of each key byte."""

    def __init__(self, key: bytes) -> None:
        from Crypto.Cipher import DES

        self._cipher = DES.new(key, DES.MODE_ECB)

    def encrypt(self, block: int) -> int:
        """The encrypted 64-bit block."""
        return int.from_bytes(self._cipher.encrypt(block.to_bytes(8, "big")), "big")

    def decrypt(self, block: int) -> int:
        """The plain 64-bit block."""
        return int.from_bytes(self._cipher.decrypt(block.to_bytes(8, "big")), "big")
