"""The meters' memory: one SQLite file for any number of meters, each act one durable transaction.

store.py     Store: install, load, change, journal
snapshot.py  a meter as JSON and back
database.py  the file, its version, its migrations
errors.py    what can go wrong, in one line each
"""

from meter_emu.store.errors import AlreadyInstalled, StoreError, UnknownMeter
from meter_emu.store.store import FILE_NAME, Entry, Store

__all__ = ["FILE_NAME", "AlreadyInstalled", "Entry", "Store", "StoreError", "UnknownMeter"]
