"""What a customer keys in after an upgrade: the sections of a key change if the tariff index changes, then the power limit.

The key change is encrypted with the key the meter has, the power limit with the one it then gets. A customer who mixes up the
order is told SALAH and can key the power limit in again; the other way round it would be lost. The limit in W is the
contracted power in VA, rounded up to the next number that a token can carry. Pure.

>>> from meter_emu.sts.numbers import Drn
>>> card = KeyStore.empty().card(Drn("12345678911"))
>>> tokens = make_tokens(KeyStore.empty(), SAMPLE_TABLES, card, card.changed(ti="02"), 900, TokenIdentifier(6780030), rnd=5)
>>> [token.token.token_type.value for token in tokens][-2:]
['set_4th_section_decoder_key', 'set_maximum_power_limit']
>>> len(make_tokens(KeyStore.empty(), SAMPLE_TABLES, card, card, 900, TokenIdentifier(6780030), rnd=5))
1
"""

from meter_emu.sts.ciphers import SAMPLE_TABLES, StaTables
from meter_emu.sts.keys.key_store import KeyStore, MeterCard
from meter_emu.sts.numbers.token_identifier import TokenIdentifier
from meter_emu.sts.tokens import TokenType
from pln_sim.vending.generator import IssuedToken, issue, issue_key_change

__all__ = ["SAMPLE_TABLES", "make_tokens"]


def make_tokens(
    keys: KeyStore, tables: StaTables, card: MeterCard, new_card: MeterCard, va: int, tid: TokenIdentifier, rnd: int
) -> tuple[IssuedToken, ...]:
    """The tokens, in the order in which they are keyed in. StsError for want of a key, or beyond its expiry."""
    new_key = keys.key_of(new_card).decoder_key
    sections: tuple[IssuedToken, ...] = ()
    if new_card != card:
        sections = issue_key_change(card, keys.key_of(card).decoder_key.cipher(tables), new_card, new_key)
    limit = issue(new_card, new_key.cipher(tables), TokenType.SET_MAXIMUM_POWER_LIMIT, {"mpl": va}, tid, rnd)
    return (*sections, limit)
