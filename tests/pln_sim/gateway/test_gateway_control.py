"""Faults switched while the gateway runs."""

import stat

from pln_sim.gateway.control import switch
from pln_sim.gateway.fault import Fault
from pln_sim.gateway.faults import Faults
from pln_sim.gateway.messages import Mti, read

METER = "14100000109"
GATEWAY = ("gateway", "--listen", "127.0.0.1:0")
NONE = "lost-reply=0 late-reply=0 cut-before=0 cut-after=0 slow-bytes=0 garbage=0\n"


def test_faults_are_switched_on_and_off(start, helpers, pln_sim, tmp_path):
    control = tmp_path / "control"
    gateway = start("--control", str(control))
    assert stat.S_IMODE(control.stat().st_mode) & 0o077 == 0
    peer = gateway.peer().sign_on()
    inquiry = helpers.request(Mti.INQUIRY_REQUEST, meter=METER)
    assert pln_sim("faults", "--control", control).stdout == NONE
    assert pln_sim("faults", "--control", control, "garbage=1").stdout == NONE.replace("garbage=0", "garbage=1")
    peer.send(inquiry)
    assert not peer.stream().startswith(b"2110")
    assert "nothing" in pln_sim.complaint("faults", "--control", control, "garbage=0", "nothing=1")
    assert pln_sim("faults", "--control", control, "garbage=0").stdout == NONE
    peer.send(inquiry)
    assert read(peer.stream()).is_successful
    assert gateway.terminate() == 0
    assert not control.exists()
    pln_sim.complaint("faults", "--control", control, exit_code=1)


def test_a_second_gateway_leaves_the_socket_of_the_first_alone(start, pln_sim, tmp_path):
    control = tmp_path / "control"
    start("--control", str(control))
    line = pln_sim.complaint(*GATEWAY, "--db", tmp_path / "other.db", "--control", control, exit_code=1)
    assert f"another gateway answers at {control}" in line
    assert pln_sim("faults", "--control", control).stdout == NONE


def test_what_a_killed_gateway_left_is_taken_over(start, pln_sim, tmp_path):
    control = tmp_path / "control"
    start("--control", str(control)).kill()
    assert control.exists()
    start("--control", str(control))
    assert pln_sim("faults", "--control", control).stdout == NONE


def test_only_its_own_socket_is_removed_in_the_end(start, tmp_path):
    control = tmp_path / "control"
    gateway = start("--control", str(control))
    control.unlink()
    control.write_text("somebody else's")
    assert gateway.terminate() == 0
    assert control.read_text() == "somebody else's"


def test_a_control_file_that_cannot_be_is_named(pln_sim, tmp_path):
    text = tmp_path / "text"
    text.write_text("mine")
    for control in (text, tmp_path / "none" / "control", tmp_path, tmp_path / ("a" * 200)):
        line = pln_sim.complaint(*GATEWAY, "--db", tmp_path / "x.db", "--control", control, exit_code=1)
        assert f"control socket {control} cannot be made: " in line
        assert "name another --control" in line
    assert text.read_text() == "mine"


def test_all_rates_together_are_1_at_most():
    faults = Faults({}, {Fault.LOST_REPLY: 0.6})
    assert switch(faults, "garbage=0.5") == "error the rates of all faults must be at most 1 together, not 1.1"
    assert faults.rates == {Fault.LOST_REPLY: 0.6}
    assert "error" not in switch(faults, "lost-reply=0.5 garbage=0.5")


def test_each_fault_comes_as_often_as_was_said():
    rates = {Fault.LOST_REPLY: 0.5, Fault.GARBAGE: 0.5}
    faults = Faults({}, rates, seed=1)
    seen = [faults.of(Mti.PURCHASE_REQUEST, METER) for _ in range(1000)]
    assert set(seen) == set(rates)
    assert 400 < seen.count(Fault.LOST_REPLY) < 600
