"""``python -m meter_emu`` is ``meter-emu``."""

from meter_emu.cli.main import main

main()
