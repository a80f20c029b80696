"""What every encryption algorithm here offers: one 64-bit block in, one out, the key worked out once."""

from typing import Protocol


class BlockCipher(Protocol):
    """A cipher with its key inside. Blocks are integers; bit 0 is the least significant."""

    def encrypt(self, block: int) -> int:
        """The encrypted block."""

    def decrypt(self, block: int) -> int:
        """The plain block."""
