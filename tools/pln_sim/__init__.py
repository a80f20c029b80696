"""The supply side of a prepaid meter: what makes tokens. Knows the codec, never the meter.

vending/   tariffs, bills and slips; the token generator and the ledger of token identifiers
cli/       `pln-sim`
"""
