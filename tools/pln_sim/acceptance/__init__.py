"""The acceptance test of section 6 (UAT): a gateway, ours or anyone's, asked over the wire and nothing else.

plan.py    what must be known of a gateway;        step.py   one message and what must come back
cases.py   the functional test as a table;         line.py   one connection
examiner.py  the table carried out;  judge.py  what comes back, judged
load.py    the performance test;     session.py  both, one after the other
report.py  what came out;            page.py     the same for a browser
"""
