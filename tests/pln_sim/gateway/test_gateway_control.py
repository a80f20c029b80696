"""Faults switched while the gateway runs."""

import stat

from pln_sim.gateway.messages import Mti, read

METER = "14100000109"
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
