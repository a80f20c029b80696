"""The codes of attachment A with the document's words for them: message types, actions, response codes, merchants.

Each is a str, so it compares and prints as the digits on the wire.

>>> ResponseCode("0031").meaning, ResponseCode.SUCCESSFUL == "0000"
('ERROR - Unregistered Bank Code', True)
>>> ActionCode.ECHO_TEST, f"{MerchantCategory('6015')} = {MerchantCategory('6015').meaning}"
(<ActionCode.ECHO_TEST: '301'>, '6015 = Kiosk')
"""

from enum import StrEnum
from typing import Self


class Code(StrEnum):
    """Digits that stand for something; ``meaning`` says for what. ValueError for digits that no member has."""

    meaning: str

    def __new__(cls, digits: str, meaning: str = "") -> Self:
        """A member from its row in the table."""
        member = str.__new__(cls, digits)
        member._value_ = digits
        member.meaning = meaning
        return member

    __hash__ = str.__hash__
    """Equal to its digits, so found where they are; an Enum's own would be that of its name."""


class Mti(Code):
    """Message Type Identifier."""

    NETWORK_REQUEST = "2800", "Network Management Request"
    NETWORK_RESPONSE = "2810", "Network Management Response"
    INQUIRY_REQUEST = "2100", "Inquiry Request"
    INQUIRY_RESPONSE = "2110", "Inquiry Response"
    PURCHASE_REQUEST = "2200", "Purchase Request"
    PURCHASE_RESPONSE = "2210", "Purchase Response"
    ADVICE_REQUEST = "2220", "Purchase Advice Request"
    ADVICE_RESPONSE = "2230", "Purchase Advice Response"
    ADVICE_REPEAT_REQUEST = "2221", "Purchase Advice Repeat Request"
    ADVICE_REPEAT_RESPONSE = "2231", "Purchase Advice Repeat Response"


class ActionCode(Code):
    """What a network management request asks for. Section 3 calls the sign-on 101; table and examples say 001."""

    SIGN_ON = "001", "sign-on"
    SIGN_OFF = "002", "sign-off"
    ECHO_TEST = "301", "echo test"


class ResponseCode(Code):
    """What the gateway made of a request."""

    SUCCESSFUL = "0000", "successful"
    OTHER = "0005", "ERROR - Other"
    NEED_TO_SIGN_ON = "0011", "ERROR - Need to sign-on"
    UNKNOWN_METER = "0015", "ERROR - Unknown Meter SN"
    INVALID_MESSAGE = "0030", "ERROR - Invalid message"
    UNREGISTERED_BANK_CODE = "0031", "ERROR - Unregistered Bank Code"
    UNREGISTERED_SWITCHING = "0032", "ERROR - Unregistered Switching"
    UNREGISTERED_PRODUCT = "0033", "ERROR - Unregistered Product"
    UNREGISTERED_CLIENT = "0034", "ERROR - Unregistered Client (vending Unit) of Legacy System (please contact PLN)"
    BELOW_MINIMUM = "0041", "ERROR - Transaction amount below minimum purchase amount"
    ABOVE_MAXIMUM = "0042", "ERROR - Transaction amount exceed maximum purchase amount"
    TIMEOUT = "0068", "ERROR - Timeout"
    CUT_OFF = "0090", "Cut-off is in progress"
    NOT_FOUND = "0096", "ERROR - Transaction was not found on Legacy System"
    NOT_AS_INQUIRED = "0097", "ERROR - Switching ID and/or Bank Code is not identical with inquiry"
    INVALID_REFERENCE = "0098", "ERROR - PLN Reference Number is not valid"


class MerchantCategory(Code):
    """Where the customer stands."""

    TELLER = "6010", "Teller"
    ATM = "6011", "ATM"
    POS = "6012", "POS"
    AUTO_DEBIT = "6013", "AutoDebit/giralisasi"
    INTERNET = "6014", "Internet"
    KIOSK = "6015", "Kiosk"
    CALL_CENTER = "6016", "Phone Banking / Call Center"
    MOBILE_BANKING = "6017", "Mobile Banking"
    EDC = "6018", "EDC"
