"""Your token sender against a meter that is not there. ``send`` stands for the device under test: put yours in its place."""

import subprocess
import sys


def send(token, port):
    return subprocess.run([sys.executable, "-m", "meter_emu", "send", token, "--port", port]).returncode


def test_a_token_counts_once(virtual_meter):
    token = virtual_meter.issue_token(kwh=20)
    assert send(token, virtual_meter.port) == 0
    assert (virtual_meter.lcd[0], virtual_meter.credit_kwh) == ("BENAR", 20)
    assert send(token, virtual_meter.port) == 1
    assert (virtual_meter.lcd[0], virtual_meter.credit_kwh) == ("USED", 20)


def test_a_dark_house_is_lit_again(virtual_meter, pln_gateway):
    virtual_meter.press(virtual_meter.issue_token(kwh=1) + "<E>")
    virtual_meter.load_watts = 450
    virtual_meter.clock.advance(hours=3)
    assert virtual_meter.lcd == ("0.00 kWh", "KREDIT HABIS")
    assert send(pln_gateway.buy(virtual_meter.number, rupiah=50_000).token, virtual_meter.port) == 0
    assert virtual_meter.display.is_relay_closed
