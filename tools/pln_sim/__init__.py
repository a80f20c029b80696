"""The supply side of a prepaid meter, from a reseller's text message to the token, and on to equal ledgers. Knows the codec,
never the meter.

reseller/         orders as text messages, prices, deposits
switching/        a switching's side of PLN's 2009 specification: buys, and finishes what was cut off
gateway/          PLN's side of it: messages, the desk that answers them, connections, faults
vending/          tariffs, bills and slips; the token generator
storage/          the vending database, on SQLite or PostgreSQL
reconciliation/   the files of a day, and the verdicts on what only one side knows of
audit/            every token of such a file decoded and checked
upgrade/          more power for a customer: vouchers, rules, the tokens that bring it
helpdesk/         what may be wrong with a purchase or a token
acceptance/       the acceptance test of section 6, against any gateway
day/              a whole business day played, and told in a page
cli/              ``pln-sim``
"""

DEFAULT_GATEWAY = "127.0.0.1:63100"
"""Where the gateway listens, and those who buy look for it, unless they are told."""
