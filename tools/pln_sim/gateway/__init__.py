"""PLN's gateway in software, after its switching specification 1.0.1 of 2009.

messages/                       every message, from one table; framing tells them apart on a wire
desk, case, checks              what is answered, and why not: pure over a storage
vending_unit, configuration     bill and token; switchings, customers, products from TOML
sandbox_meter, fault, faults    test meters, and what goes wrong on purpose
server, connection, outbox      the desk behind TCP, for many peers at once
committer                       many requests in one transaction
service, control, metrics       the process: its options, its faults switched at run time, what it counts
"""
