"""The numbers of IEC 62055-41, one file each: meter numbers, key parameters, base dates, token identifiers, amounts."""

from meter_emu.sts.numbers.base_date import BaseDate
from meter_emu.sts.numbers.drn import Drn
from meter_emu.sts.numbers.key_parameters import (
    KeyExpiryNumber,
    KeyRevisionNumber,
    KeyType,
    SupplyGroupCode,
    TariffIndex,
)
from meter_emu.sts.numbers.meter_pan import MeterPan
from meter_emu.sts.numbers.token_identifier import TokenIdentifier

__all__ = [
    "BaseDate",
    "Drn",
    "KeyExpiryNumber",
    "KeyRevisionNumber",
    "KeyType",
    "MeterPan",
    "SupplyGroupCode",
    "TariffIndex",
    "TokenIdentifier",
]
