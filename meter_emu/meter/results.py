"""What a meter can say of a token: the enumerations of IEC 62055-41 7.1.3 to 7.1.5, and the "last token result" register.

Each check answers with one of its own enumeration; the first that is not content decides, and the later ones are not
asked. The register holds one number for all of them.

>>> ResultCode.of(ValidationResult.USED_ERROR), ResultCode.of(TokenResult.ACCEPT).accepts
(<ResultCode.USED_ERROR: 10>, True)
"""

from enum import IntEnum, StrEnum


class TokenResult(StrEnum):
    """What became of the token: its form and its execution (7.1.5)."""

    ACCEPT = "Accept"
    FIRST_KCT = "1stKCT"
    SECOND_KCT = "2ndKCT"
    THIRD_KCT = "3rdKCT"
    FOURTH_KCT = "4thKCT"
    OVERFLOW_ERROR = "OverflowError"
    KEY_TYPE_ERROR = "KeyTypeError"
    FORMAT_ERROR = "FormatError"
    RANGE_ERROR = "RangeError"
    FUNCTION_ERROR = "FunctionError"


class AuthenticationResult(StrEnum):
    """Whether the token was made for this meter (7.1.3)."""

    AUTHENTIC = "Authentic"
    CRC_ERROR = "CRCError"
    MFR_CODE_ERROR = "MfrCodeError"


class ValidationResult(StrEnum):
    """Whether an authentic token may still be used (7.1.4)."""

    VALID = "Valid"
    OLD_ERROR = "OldError"
    USED_ERROR = "UsedError"
    KEY_EXPIRED_ERROR = "KeyExpiredError"
    DDTK_ERROR = "DDTKError"


class Refusal(StrEnum):
    """Why the meter did not look at the token at all."""

    LOCKED_OUT = "LockedOut"
    TAMPERED = "Tampered"
    NO_POWER = "NoPower"


Verdict = TokenResult | AuthenticationResult | ValidationResult | Refusal


class ResultCode(IntEnum):
    """The "last token result" register."""

    NONE = 0
    """No token yet."""
    ACCEPT = 1
    FIRST_KEY_CHANGE_TOKEN = 2
    OTHER_KEY_CHANGE_TOKEN = 3
    OVERFLOW_ERROR = 4
    KEY_TYPE_ERROR = 5
    FORMAT_ERROR = 6
    RANGE_ERROR = 7
    FUNCTION_ERROR = 8
    OLD_ERROR = 9
    USED_ERROR = 10
    KEY_EXPIRED_ERROR = 11
    DDTK_ERROR = 12
    CRC_ERROR = 13
    MFR_CODE_ERROR = 14
    LOCKED_OUT = 15
    TAMPERED = 16

    @staticmethod
    def of(verdict: Verdict) -> "ResultCode":
        """The register's number for the check that decided."""
        return _CODES[verdict]

    @property
    def accepts(self) -> bool:
        """Whether the token was taken, wholly or as a part of a key change."""
        return self in (ResultCode.ACCEPT, ResultCode.FIRST_KEY_CHANGE_TOKEN, ResultCode.OTHER_KEY_CHANGE_TOKEN)


_CODES: dict[Verdict, ResultCode] = {
    Refusal.NO_POWER: ResultCode.NONE,
    TokenResult.ACCEPT: ResultCode.ACCEPT,
    TokenResult.FIRST_KCT: ResultCode.FIRST_KEY_CHANGE_TOKEN,
    TokenResult.SECOND_KCT: ResultCode.OTHER_KEY_CHANGE_TOKEN,
    TokenResult.THIRD_KCT: ResultCode.OTHER_KEY_CHANGE_TOKEN,
    TokenResult.FOURTH_KCT: ResultCode.OTHER_KEY_CHANGE_TOKEN,
    TokenResult.OVERFLOW_ERROR: ResultCode.OVERFLOW_ERROR,
    TokenResult.KEY_TYPE_ERROR: ResultCode.KEY_TYPE_ERROR,
    TokenResult.FORMAT_ERROR: ResultCode.FORMAT_ERROR,
    TokenResult.RANGE_ERROR: ResultCode.RANGE_ERROR,
    TokenResult.FUNCTION_ERROR: ResultCode.FUNCTION_ERROR,
    ValidationResult.OLD_ERROR: ResultCode.OLD_ERROR,
    ValidationResult.USED_ERROR: ResultCode.USED_ERROR,
    ValidationResult.KEY_EXPIRED_ERROR: ResultCode.KEY_EXPIRED_ERROR,
    ValidationResult.DDTK_ERROR: ResultCode.DDTK_ERROR,
    AuthenticationResult.CRC_ERROR: ResultCode.CRC_ERROR,
    AuthenticationResult.MFR_CODE_ERROR: ResultCode.MFR_CODE_ERROR,
    Refusal.LOCKED_OUT: ResultCode.LOCKED_OUT,
    Refusal.TAMPERED: ResultCode.TAMPERED,
}
