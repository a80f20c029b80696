"""The reseller: a kiosk's text message in, a token out, and the kiosk's money kept straight (the voucher guide).

prices.py  what is sold and for how much;  request.py  a text message, taken apart;  reply.py  the lines that answer
trade.py   one sale and the rules for it;  ledger.py   the money as entries that cannot but balance
pin.py     secrets of the accounts;        book.py     accounts, trades and ledger on disk
counter.py buying through the switching;   desk.py     all of them together;  server.py, service.py  behind a socket
"""
