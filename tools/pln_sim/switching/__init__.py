"""The switching's side of a purchase: what asks the gateway for a token, and never guesses whether it got one.

exchange.py  one request and what came back;  sale.py  what was bought
purchase.py  the purchase as a table of states;  journal.py  purchases and messages on disk
link.py      a TCP connection;  client.py  all of them together
"""
