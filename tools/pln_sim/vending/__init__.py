"""Vending: the token generator (pure) and the ledger that keeps the token identifiers of one meter apart (SQLite)."""
