"""``enter`` and ``press``: the main job, from the first call on a new machine."""

import pytest


def test_the_first_command_installs_the_default_meter_and_says_so(meter_emu, home):
    answer = meter_emu("status", "--json")
    assert answer.code == 0
    assert answer.json["meter"] == "12345678911"
    assert (answer.json["ea"], answer.json["base_date"], answer.json["sgc"]) == ("11", "2014", "123457")
    assert "installing 12345678911" in answer.err
    assert "test keys" in answer.err
    assert meter_emu("status").err == ""


def test_a_token_is_accepted_once(meter_emu, credit_token):
    token = credit_token(1000, 325)
    answer = meter_emu("enter", token, "--json")
    assert answer.code == 0
    assert answer.json == {
        "accepted": True,
        "result_code": 1,
        "token_result": "Accept",
        "authentication_result": "Authentic",
        "validation_result": "Valid",
        "token_type": "electricity_credit",
        "lcd": ["BENAR", "32.50 kWh", "32.50 kWh"],
        "credit_added_kwh": "32.5",
        "credit_kwh": "32.5",
        "meter": "12345678911",
    }
    again = meter_emu("enter", token, "--json")
    assert again.code == 1
    assert (again.json["result_code"], again.json["validation_result"], again.json["lcd"]) == (10, "UsedError", ["USED"])
    assert again.json["credit_kwh"] == "32.5"


def test_text_says_why_a_token_is_refused(meter_emu, credit_token):
    assert meter_emu("enter", credit_token(1000)).out.splitlines()[0] == "BENAR"
    answer = meter_emu("enter", credit_token(1000))
    assert answer.out.splitlines() == ["USED", "refused: the token was used already (UsedError, result code 10)"]


@pytest.mark.parametrize("written", ["{0} {1} {2} {3} {4}", "{0}-{1}-{2}-{3}-{4}", " {0}{1}  {2}{3}\t{4}\n"])
def test_spaces_and_dashes_are_welcome(meter_emu, credit_token, written):
    token = credit_token(1000)
    assert meter_emu("enter", written.format(*(token[i : i + 4] for i in range(0, 20, 4)))).code == 0


def test_groups_need_no_quotes(meter_emu, credit_token):
    token = credit_token(1000)
    assert meter_emu("enter", *(token[i : i + 4] for i in range(0, 20, 4))).code == 0


def test_a_dash_reads_standard_input(process, credit_token):
    token = credit_token(1000)
    assert process("enter", "-", stdin=f"{token[:10]} {token[10:]}\n").code == 0
    assert process("enter", "-", stdin="").code == 2
    assert process("enter", "-", stdin="1" * 5000).code == 2


@pytest.mark.parametrize(
    ("token", "code", "lcd"),
    [
        ("1", 6, "SALAH"),
        ("1234567890123456789", 6, "SALAH"),
        ("123456789012345678901", 6, "SALAH"),
        ("73786976294838206464", 6, "SALAH"),
        ("99999999999999999999", 6, "SALAH"),
        ("12345678901234567890", 13, "SALAH"),
    ],
)
def test_digits_that_are_no_token_are_refused_by_the_meter(meter_emu, token, code, lcd):
    answer = meter_emu("enter", token, "--json")
    assert answer.code == 1
    assert (answer.json["result_code"], answer.json["lcd"]) == (code, [lcd])


@pytest.mark.parametrize("token", ["", "  ", "1234567890123456789x", "٠١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦٧٨٩", "12345.7890123456789"])
def test_what_no_keypad_has_is_wrong_usage_in_one_line(meter_emu, home, token):
    answer = meter_emu("enter", token)
    assert answer.code == 2
    assert answer.out == ""
    assert len(answer.err.splitlines()) == 1
    assert not home.exists()


def test_another_meters_token(meter_emu, credit_token):
    meter_emu("install", "04176855916")
    answer = meter_emu("enter", credit_token(1000), "--json")
    assert (answer.code, answer.json["authentication_result"], answer.json["meter"]) == (1, "CRCError", "04176855916")


def test_keys_can_be_pressed_with_several_calls(meter_emu, credit_token):
    token = credit_token(1000, 50)
    at = ("--at", "2026-11-22T09:00:00")
    answer = meter_emu("press", token[:7], "--json", *at)
    assert answer.json["lines"] == [f"{token[:4]}-{token[4:7]}", "7"]
    assert meter_emu("press", "9<B>" + token[7:12], "--json", *at).json["digits_entered"] == 12
    answer = meter_emu("press", token[12:] + "<E>", "--json", "--at", "2026-11-22T09:00:19")
    assert answer.code == 0
    assert answer.json["token"]["lcd"] == ["BENAR", "5.00 kWh", "5.00 kWh"]


def test_a_line_left_alone_is_cleared(meter_emu):
    meter_emu("press", "123", "--at", "2026-11-22T09:00:00")
    assert meter_emu("press", "4", "--json", "--at", "2026-11-22T09:00:20").json["lines"][1] == "1"


def test_the_21st_digit_beeps(meter_emu):
    answer = meter_emu("press", "123456789012345678901", "--json")
    assert (answer.json["digits_entered"], answer.json["beep"]) == (20, True)


def test_a_short_code(meter_emu):
    assert meter_emu("press", "75<E>").out.splitlines()[0].startswith("12345678911")
    assert meter_emu("press", "99<E>").out.splitlines()[0].startswith("----")


@pytest.mark.parametrize("keys", ["12a", "<X>", "<B", "٣"])
def test_keys_that_are_none(meter_emu, keys):
    answer = meter_emu("press", keys)
    assert answer.code == 2
    assert "is no key" in answer.err


def test_a_meter_without_power(meter_emu, credit_token):
    meter_emu("power", "off")
    answer = meter_emu("enter", credit_token(1000), "--json")
    assert (answer.code, answer.json["result_code"], answer.json["lcd"]) == (1, 0, [])
    assert "no power" in meter_emu("press", "37<E>").out
    meter_emu("power", "on")
    assert meter_emu("enter", credit_token(1000)).code == 0


def test_no_key_is_ever_shown(meter_emu, process, credit_token, new_meter):
    secret = new_meter().state.key.decoder_key.octets.hex()
    said = ""
    for arguments in (
        ("install", "12345678911"),
        ("enter", credit_token(1000), "--json"),
        ("status", "--json"),
        ("status",),
        ("history", "--json"),
        ("meters", "--json"),
        ("press", "16<E>", "--json"),
        ("install", "12345678911"),
    ):
        answer = meter_emu(*arguments)
        said += answer.out + answer.err
    assert secret[:8] not in said.lower()
    assert "abababab" not in said.lower()


@pytest.mark.parametrize("count", [4, 19, 21])
def test_a_token_of_another_length_is_told_its_length(meter_emu, count):
    meter_emu("install", "12345678911")
    answer = meter_emu("enter", "1" * count)
    assert answer.code == 1
    assert f"a token has 20 digits, not {count}; it counts as a wrong token" in answer.out
