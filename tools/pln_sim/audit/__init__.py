"""The audit of a reconciliation file: every token is decoded with the keys at hand and held against its row. Revenue assurance.

mismatch.py    what can be wrong, and an example of it
key_ring.py    which key opens which meter's tokens, made for many look-ups
errors.py      what ends an audit
source.py      the file on the disk, for those who read parts of it
lines.py       a file into pieces of whole lines; header and checksum row
rows.py        a piece into columns of numbers; lines that are no rows
checks.py      a piece audited: the work that processes and clusters share out
repeats.py     a token or a TID that stands in the file twice
report.py      what is found, by kind
execution.py   the pieces audited here, by a pool of processes, or by a Dask cluster

Needs numpy: ``pip install 'meter-emu[audit]'``; a cluster needs ``meter-emu[cluster]``.
"""
