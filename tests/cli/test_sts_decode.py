"""``meter-emu sts decode`` and ``explain``: which tokens they take, in which form, and which they refuse."""

import pytest


@pytest.mark.parametrize(
    "words", [["5938 6323 4721 3742 6967"], ["5938-6323-4721-3742-6967"], ["5938", "6323", "4721", "3742", "6967"]]
)
@pytest.mark.parametrize("command", ["decode", "explain"])
def test_tokens_are_taken_as_they_are_printed(sts, command, words, worked):
    code, out, _ = sts(command, *words, *worked.KEY)
    assert code == 0
    assert "0.1 kWh" in out


@pytest.mark.parametrize(
    ("token", "code", "said"),
    [
        ("1234567890123456789", 2, "token must be 20 digits, not 19"),
        ("123456789012345678901", 2, "token must be 20 digits, not 21"),
        ("1234567890123456789a", 2, "character 20 is not a digit"),
        ("٠١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦٧٨٩", 2, "character 1 is not a digit"),
        ("73786976294838206464", 2, "below 2^66"),
        ("00000000000402653184", 2, "class 3, which is reserved"),
        ("59386323472137426968", 1, "the CRC is wrong"),
        ("00000000000150997585", 1, "the CRC is wrong"),
        ("-", 2, "no token on standard input"),
    ],
)
@pytest.mark.parametrize("command", ["decode", "explain"])
def test_a_token_that_is_refused_is_one_line(sts, command, token, code, said, error_lines):
    ended, out, err = sts(command, token)
    assert ended == code
    assert said in err
    assert len(error_lines(err)) == 1
    assert out == "" or (command, code) == ("explain", 1)


@pytest.mark.parametrize("command", ["decode", "explain"])
def test_octets_on_standard_input_that_are_no_text(sts, command):
    code, out, err = sts(command, "-", stdin=b"\xff" * 5000)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1


def test_an_expired_key_is_a_refusal(sts, worked):
    for command in (["decode", worked.TOKEN], ["encode", "electricity_credit", "--amount", "1", "--tid", "5871660"]):
        code, out, err = sts(*command, *worked.KEY, "--ken", "88")
        assert (code, out) == (1, "")
        assert "lies beyond key expiry number 88" in err
        assert sts(*command, *worked.KEY, "--ken", "89")[0] == 0
    assert sts("explain", worked.TOKEN, *worked.KEY, "--ken", "88")[0] == 1
