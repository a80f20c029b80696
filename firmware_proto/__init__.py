"""The meter on a wire: IEC 62056-21 as a protocol without input and output of its own. Bytes and time in, events and bytes out.

protocol/        the meter's end and a client's, sans-IO;  ``python -m firmware_proto`` prints its documentation
registers/       what can be read and written;  meter_device.py a meter behind them
links/           TCP, pseudo terminals and serial ports;  serving.py runs them
bench.py         the meters of a store and lines to them;  attendant.py answers for them;  stored_meters.py
client.py        a client at a port;  token_entry.py a token and one truth about it
data_set.py      ``address(value*unit)`` and blocks of them;  error_text.py what a meter answers where it cannot obey
errors.py        whose fault a bad message is
"""
