"""What can be wrong with an input of the codec: one family, every member named after the standard's own term.

Each error is a ``ValueError`` that knows its ``code`` (the name users and machines see), the ``field`` that is wrong and,
where it helps, the ``position`` inside it (0 = first character).

>>> try:
...     raise RangeError("KRN must be 1 to 9, not 12", field="krn")
... except StsError as error:
...     print(error.code, error.field, error)
RangeError krn KRN must be 1 to 9, not 12
"""

from typing import ClassVar


class StsError(ValueError):
    """Any input the codec cannot take. Never raised itself."""

    code: ClassVar[str]

    def __init__(self, message: str, *, field: str | None = None, position: int | None = None) -> None:
        super().__init__(message)
        self.field = field
        self.position = position


class FormatError(StsError):
    """The input is not of the form asked for: length, characters, class or subclass (TokenResult.FormatError)."""

    code = "FormatError"


class RangeError(StsError):
    """The form is right, the value lies outside what the field can hold (TokenResult.RangeError)."""

    code = "RangeError"


class FunctionError(StsError):
    """A function the standard names and this codec does not offer (TokenResult.FunctionError)."""

    code = "FunctionError"


class CRCError(StsError):
    """The checksum is wrong: mistyped digits, another key, other tables (AuthenticationResult.CRCError)."""

    code = "CRCError"


class KeyExpired(StsError):
    """The TID lies beyond the key expiry number (ValidationResult.KeyExpiredError)."""

    code = "KeyExpired"
