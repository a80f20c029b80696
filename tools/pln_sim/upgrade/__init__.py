"""Tambah daya, the power upgrade of a contract, and the e-vouchers of its promotion (SOP "Lebaran Ceria", 14 April 2022).

A customer who bought something in the marketplace of PLN Mobile gets an e-voucher, and with it a special price for the
connection fee (Biaya Penyambungan). The contract then has another power, tariff and perhaps tariff index, and the customer
keys in the tokens that tell the meter.

rules, upgrades.toml   contracts that can be had, connection fees and promotions, with their dates
voucher                the e-voucher and how its code is written
records                an upgrade that was made, or why there is none
tokens                 what the customer keys in (pure)
key_history            which key a meter has, and had when: the key file's card with the tariff indexes of its upgrades
tariff_indexes         the same for the gateway, remembered
office                 the decisions
slip                   how an upgrade is shown
"""
