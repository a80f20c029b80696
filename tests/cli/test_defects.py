"""Should we fail ourselves, a user still gets one line, without the words of an error that might quote a key."""

import pytest

from meter_emu.cli import view


@pytest.fixture
def defect(monkeypatch):
    def fail(*_):
        raise TypeError("abababababababab")

    monkeypatch.setattr(view, "status_report", fail)


def test_a_defect_is_one_line(meter_emu, defect):
    meter_emu("meters")
    meter_emu("install", "12345678911")
    answer = meter_emu("status")
    assert answer.code == 1
    assert answer.out == ""
    (line,) = answer.err.splitlines()
    assert line.startswith("meter-emu: TypeError at test_defects.py:")
    assert "abab" not in line


def test_who_looks_for_it_sees_it(meter_emu, defect, monkeypatch):
    monkeypatch.setenv("METER_EMU_DEBUG", "1")
    with pytest.raises(TypeError):
        meter_emu("status")
