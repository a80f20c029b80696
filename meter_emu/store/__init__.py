"""The meters' memory: one SQLite file for any number of meters, each act one durable transaction.

store.py     Store: install, load, change, journal, load profile
entries.py   the kinds of journal entries
snapshot.py  a meter as JSON and back
"""

from meter_emu.store.store import FILE_NAME, AlreadyInstalled, Entry, Store, UnknownMeter

__all__ = ["FILE_NAME", "AlreadyInstalled", "Entry", "Store", "UnknownMeter"]
