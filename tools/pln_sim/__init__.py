"""The supply side of a prepaid meter: what makes tokens. Knows the codec, never the meter.

vending/   the token generator and the ledger of token identifiers
cli/       `pln-sim`
"""
