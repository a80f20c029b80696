"""The published keys of the STS compliance tests, and the parameters a meter gets when nothing else is said.

They protect nothing: every command that uses them says "test keys".

>>> default_parameters(Drn("12345678911")).sgc
'123457'
"""

from meter_emu.sts.ciphers.algorithm import EncryptionAlgorithm
from meter_emu.sts.keys.generation import DecoderKeyGenerationAlgorithm, KeyParameters
from meter_emu.sts.keys.secret import VendingKey
from meter_emu.sts.numbers.base_date import BaseDate
from meter_emu.sts.numbers.drn import Drn
from meter_emu.sts.numbers.key_parameters import KeyRevisionNumber, KeyType, SupplyGroupCode, TariffIndex
from meter_emu.sts.numbers.meter_pan import MeterPan

TEST_VENDING_KEYS = {
    DecoderKeyGenerationAlgorithm.DKGA02: VendingKey.from_hex("abababababababab"),
    DecoderKeyGenerationAlgorithm.DKGA04: VendingKey.from_hex("abababababababab949494949494949401234567"),
}
"""By DKGA; DKGA01 and DKGA03 have no published test key."""

TEST_SUPPLY_GROUPS = (SupplyGroupCode("123456"), SupplyGroupCode("123457"))
"""The groups of the compliance tests: the published keys are theirs."""


def default_parameters(drn: Drn) -> KeyParameters:
    """DKGA04, EA11, base date 2014, SGC 123457, TI 01, KRN 1, a unique key."""
    return KeyParameters(
        pan=MeterPan.of(drn),
        sgc=SupplyGroupCode("123457"),
        ti=TariffIndex("01"),
        kt=KeyType.UNIQUE,
        krn=KeyRevisionNumber(1),
        base_date=BaseDate.BASE_2014,
        ea=EncryptionAlgorithm.MISTY1,
        dkga=DecoderKeyGenerationAlgorithm.DKGA04,
    )
