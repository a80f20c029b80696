"""A prepaid kWh meter in software: STS tokens (IEC 62055-41), the meter that takes them, its memory, its command line."""

__version__ = "0.1.0"
