"""Reconciliation (gateway specification 1.0.1, section 5, attachments B, C and D): every working day the gateway's and the
switching's transactions are compared, suspects are decided by PLN, both ledgers obey, and the sum to be transferred is known.

columns.py      the one table of columns;  names.py  the files' names;  totals.py  checksum row and control file
data_file.py    data files as streams of rows;  log_file.py  the log of attachment D;  discrepancies.py  our report
calendar.py     which settlement days are reconciled when
groups.py       large files brought together by reference;  matching.py  suspects;  verdict.py  PLN's verdict, from the log
result.py, decision.py  a verdict in numbers, and as it is kept;  decisions.py  where each party keeps and obeys it
sources.py      from the ledgers to rows
places.py       where files are published, in a folder;  ftp_station.py  or on an FTP server;  ftp_server.py  which is this
steps.py        the five steps;  work_folder.py  where they work
errors.py       what can be wrong with a file
"""
