"""The meter on a wire: IEC 62056-21 as a protocol without input and output of its own. Bytes and time in, events and bytes out.

protocol/        the meter's end and a client's, sans-IO;  ``python -m firmware_proto`` prints its documentation
registers/       what can be read and written;  meter_device.py a meter behind them
data_set.py      ``address(value*unit)`` and blocks of them;  error_text.py what a meter answers where it cannot obey
errors.py        whose fault a bad message is
"""
