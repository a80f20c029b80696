"""Vending: from rupiah to a token and its slip.

tariff, rule, tariffs.toml   rates and rules with their dates
customer, bill, slip         who pays, what it buys, what is printed (pure)
generator                    the token (pure)
ledger                       which token identifiers are free
money, toml_table            how money is written, how tables are read
"""
