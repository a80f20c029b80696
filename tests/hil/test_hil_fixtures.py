"""virtual_meter and pln_gateway, as a test that uses them sees them."""

from decimal import Decimal

import pytest

from firmware_proto.client import Client, PortSettings
from meter_emu.testing.pln_gateway import NotSold, PlnGateway, Suspect

CUSTOMER = (1, "00000000")


@pytest.fixture
def client(virtual_meter):
    with Client(PortSettings(virtual_meter.port)) as client:
        client.sign_on(virtual_meter.number)
        client.enter_programming()
        client.give_password(*CUSTOMER)
        yield client


def value(client, address, place=0):
    return client.read(address)[place].value


def test_the_port_shows_what_hands_do(virtual_meter, client):
    virtual_meter.press(virtual_meter.issue_token("12.5") + "<E>")
    assert value(client, "0-0:19.10.0") == "12.5000"
    virtual_meter.load_watts = 1000
    virtual_meter.clock.advance(hours=2)
    assert (value(client, "1-0:1.7.0"), value(client, "1-0:1.8.0")) == ("1.000", "2.0000")
    assert (virtual_meter.consumed_kwh, virtual_meter.credit_kwh, virtual_meter.load_watts) == (2, Decimal("10.5"), 1000)
    virtual_meter.tamper()
    assert value(client, "0-0:96.56.0") == "1"
    virtual_meter.tamper(is_there=False)
    virtual_meter.cut_power()
    assert (value(client, "0-0:96.60.1"), virtual_meter.lcd) == ("0", ("", ""))
    virtual_meter.restore_power()
    assert (value(client, "0-0:96.7.21"), virtual_meter.lcd[1]) == ("1", "PERIKSA")


def test_hands_see_what_the_port_does(virtual_meter, client):
    client.write("0-0:19.40.0", virtual_meter.issue_token(3))
    assert virtual_meter.display.lines[0].strip() == "BENAR"
    virtual_meter.clock.advance(seconds=5)
    assert virtual_meter.lcd == ("3.00 kWh", "")


def test_every_token_is_another(virtual_meter):
    tokens = [virtual_meter.issue_token(1) for _ in range(5)]
    for token in tokens:
        virtual_meter.press(token + "<E>")
    assert virtual_meter.credit_kwh == 5


def test_the_clock_stands_until_it_is_moved_and_does_not_run_back(virtual_meter):
    assert virtual_meter.clock.now == virtual_meter.clock.now
    with pytest.raises(ValueError, match="does not run back"):
        virtual_meter.clock.advance(minutes=-1)


def test_what_cannot_be_is_an_error_and_changes_nothing(virtual_meter):
    before = virtual_meter.meter
    for watts, error in {-1: ValueError, 1.5: TypeError, 10**9: ValueError}.items():
        with pytest.raises(error):
            virtual_meter.load_watts = watts
    with pytest.raises(ValueError, match="'lid' is no tamper: terminal-cover, meter-cover"):
        virtual_meter.tamper("lid")
    assert virtual_meter.meter == before


def test_short_codes(virtual_meter):
    assert virtual_meter.press("75<E>").lines[0].strip() == virtual_meter.number


def test_the_gateway_sells(pln_gateway, virtual_meter):
    sale = pln_gateway.buy(virtual_meter.number, rupiah=20_000)
    assert [sold.serial for sold in pln_gateway.sales] == [sale.serial]
    virtual_meter.press(sale.token + "<E>")
    assert virtual_meter.credit_kwh == Decimal(sale.kwh) / 10


def test_the_gateway_refuses_whom_it_does_not_know(pln_gateway):
    with pytest.raises(Suspect, match=r"^suspect, no reply in 0\.05 s$"):
        pln_gateway.buy("99000300030", 20_000, wait=0.05)
    with pytest.raises(NotSold, match="0015 ERROR - Unknown Meter SN") as refused:
        pln_gateway.buy("04176855916", rupiah=20_000)
    assert refused.value.code == "0015"
    pln_gateway.add_customer("04176855916")
    assert pln_gateway.buy("04176855916", rupiah=20_000).meter == "04176855916"


def test_what_the_command_line_refuses_is_refused_here(virtual_meter):
    for kwh in (0, "0.0", -1, 10**8, "0.05", "much"):
        with pytest.raises(ValueError, match=r"kwh must be|amount"):
            virtual_meter.issue_token(kwh=kwh)


def test_a_slip_of_the_pen_is_an_error(virtual_meter):
    with pytest.raises(AttributeError):
        virtual_meter.lod_watts = 3
    with pytest.raises(AttributeError):
        virtual_meter.clock.now = 3
    with pytest.raises(TypeError, match=r"advance\(seconds=60\)"):
        virtual_meter.clock.advance(60)
    virtual_meter.clock.advance(seconds=60)


def test_what_pytest_prints_of_them_is_short_and_has_no_keys(virtual_meter):
    assert repr(virtual_meter) == f"<VirtualMeter 12345678911 at {virtual_meter.port}>"
    assert repr(virtual_meter.meter) == "<Meter 12345678911, 0 kWh left, relay open, at 2026-01-01 08:00:00>"
    assert repr(virtual_meter.clock) == "<Clock at 2026-01-01 08:00:00>"


class TestAnotherNumber:
    @pytest.fixture
    def virtual_meter_number(self):
        return "04176855916"

    def test_the_meter_has_it(self, virtual_meter, client):
        assert (virtual_meter.number, value(client, "0-0:96.1.0")) == ("04176855916", "04176855916")
        virtual_meter.press(virtual_meter.issue_token(kwh=2) + "<E>")
        assert virtual_meter.credit_kwh == 2


@pytest.mark.parametrize("rupiah", ["50.000", 50.0, True])
def test_an_amount_is_a_whole_number(tmp_path, rupiah):
    with pytest.raises(TypeError, match="rupiah is a whole number like 50_000"):
        PlnGateway(tmp_path, "127.0.0.1", 1).buy("12345678911", rupiah=rupiah)


def test_a_lost_reply_is_waited_for_as_long_as_the_test_says(pln_gateway):
    assert len(pln_gateway.buy("99000300014", rupiah=20_000, wait=0.5).token) == 20
