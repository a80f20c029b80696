"""Decoder keys of many meters at once: each is the key that the meter gets alone."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meter_emu.sts.bulk.keys import decoder_keys, pans
from meter_emu.sts.ciphers import EncryptionAlgorithm
from meter_emu.sts.errors import StsError
from meter_emu.sts.keys import DecoderKeyGenerationAlgorithm, KeyParameters, VendingKey, generate_decoder_key
from meter_emu.sts.numbers import (
    BaseDate,
    Drn,
    KeyRevisionNumber,
    KeyType,
    MeterPan,
    SupplyGroupCode,
    TariffIndex,
)

LENGTHS = {"02": 8, "03": 16, "04": 20}
short_drns = st.integers(0, 10**11 - 1).map("{:011d}".format)
long_drns = st.integers(0, 10**13 - 1).map("{:013d}".format)


@st.composite
def vending(draw):
    """A vending key and parameters that go with it."""
    dkga = draw(st.sampled_from(sorted(LENGTHS)))
    return (
        VendingKey(draw(st.binary(min_size=LENGTHS[dkga], max_size=LENGTHS[dkga]))),
        KeyParameters(
            pan=MeterPan.of(Drn(draw(short_drns | long_drns))),
            sgc=SupplyGroupCode(draw(st.integers(0, 999_999).map("{:06d}".format))),
            ti=TariffIndex(draw(st.integers(0, 99).map("{:02d}".format))),
            kt=draw(st.sampled_from(KeyType)),
            krn=KeyRevisionNumber(draw(st.integers(1, 9))),
            base_date=draw(st.sampled_from(BaseDate)),
            ea=EncryptionAlgorithm(draw(st.sampled_from(["07", "11"] if dkga == "04" else ["07", "09"]))),
            dkga=DecoderKeyGenerationAlgorithm(dkga),
        ),
    )


def matrix(texts):
    return np.frombuffer("".join(texts).encode(), dtype=np.uint8).reshape(len(texts), -1)


@given(st.lists(short_drns, min_size=1, max_size=30))
def test_every_pan(drns):
    assert [pan.tobytes().decode() for pan in pans(matrix(drns))] == [MeterPan.of(Drn(drn)) for drn in drns]


@given(vending(), st.lists(short_drns | long_drns, min_size=1, max_size=10))
def test_every_key(vending, drns):
    vending_key, parameters = vending
    numbers = [MeterPan.of(Drn(drn)) for drn in drns]
    made = decoder_keys(vending_key, parameters, matrix(numbers))
    assert [key.tobytes() for key in made] == [
        generate_decoder_key(vending_key, replace(parameters, pan=pan)).octets for pan in numbers
    ]


@pytest.mark.parametrize(("dkga", "ea", "length"), [("01", "07", 8), ("02", "11", 8), ("04", "09", 20), ("04", "11", 8)])
def test_what_makes_no_key_alone_makes_none_of_many(dkga, ea, length):
    parameters = KeyParameters(
        pan=MeterPan("600727000000000009"),
        sgc=SupplyGroupCode("123456"),
        ti=TariffIndex("01"),
        kt=KeyType.UNIQUE,
        krn=KeyRevisionNumber(1),
        base_date=BaseDate.BASE_1993,
        ea=EncryptionAlgorithm(ea),
        dkga=DecoderKeyGenerationAlgorithm(dkga),
    )
    vending_key = VendingKey(bytes(length))
    with pytest.raises(StsError) as alone:
        generate_decoder_key(vending_key, parameters)
    with pytest.raises(type(alone.value), match=str(alone.value).split(":")[0]):
        decoder_keys(vending_key, parameters, matrix([parameters.pan]))
