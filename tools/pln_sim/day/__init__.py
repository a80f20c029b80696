"""A whole business day, played from the kiosk to PLN's account: real processes, real faults, one clock, equal ledgers.

clock.py     the day's clock, which all processes share;  house.py  the processes and their files
cast.py      who buys what, where, and what goes wrong;   meters.py what customers have on the wall
director.py  the scenes up to the cut-off;  closing.py    the next working day: reconciliation, verdicts, settlement
ledgers.py   the three ledgers, row by row;  story.py     what happened, as it is told
page.py      the story as a page;            errors.py    when the day cannot go on
"""
