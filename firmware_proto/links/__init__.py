"""Links: what carries a line to the world. Everything that waits, reads and writes is here; nothing here knows a meter.

link.py              what the three have in common, and how a line is spoken on one
wire.py              Wire: a file descriptor, driven by asyncio
tcp.py               a TCP port; every connection is a line of its own
pseudo_terminal.py   a pty, with a name to open it by
serial_port.py       a real port: UART, RS-485 or USB
real_baud.py         characters that take as long as on a real line
"""
