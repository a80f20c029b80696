"""IEC 62055-41, the standard transfer specification (STS): numbers, keys, ciphers, tokens. Pure functions, frozen values.

    numbers/   meter numbers, key parameters, base dates, token identifiers, amounts
    keys/      vending keys, decoder keys, how the one makes the other
    ciphers/   EA07 (STA), EA09 (DES), EA11 (MISTY1)
    tokens/    the layout table, tokens, their 20 digits, key change sets
    rows.py    a JSON row in, a JSON row out: the batch format
    explain.py a token bit by bit

Each folder lists its public names; nothing is imported before it is used.
"""
