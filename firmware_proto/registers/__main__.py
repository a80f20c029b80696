"""Print the documentation's page about the registers."""

import sys

from firmware_proto.registers.documentation import registers_page

sys.stdout.write(registers_page())
