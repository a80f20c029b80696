"""What each kind of token does to the meter once it is found authentic and valid (IEC 62055-41 8).

One table: a token type names the function that executes it; a type that is not in it does not exist on this meter.
"""

from collections.abc import Callable

from meter_emu.meter.energy import TENTH_OF_KWH
from meter_emu.meter.outcome import Outcome
from meter_emu.meter.profiles import PROFILES
from meter_emu.meter.results import AuthenticationResult, TokenResult
from meter_emu.meter.state import State
from meter_emu.meter.tid_store import TidStore
from meter_emu.sts.errors import StsError
from meter_emu.sts.numbers import KeyType
from meter_emu.sts.tokens import Token, TokenType, assemble
from meter_emu.sts.tokens.key_change import SECTIONS_OF_KEY_LENGTH

Execution = tuple[State, Outcome]
ELECTRICITY_REGISTER = 0
ALL_REGISTERS = 0xFFFF
GENERIC_MAKER = 0
"""The maker code that every meter answers to."""
TEST_NUMBERS = tuple(f"{number:02d}" for number in range(1, 19))
"""Control bit 0 asks for test/display number 01, bit 17 for number 18; all ones ask for all of them."""


def execute(state: State, token: Token) -> Execution:
    """The state after ``token``, and the outcome. A token that is refused here leaves the state as it was."""
    executor = _EXECUTORS.get(token.token_type)
    if executor is None:
        return _refuse(state, token, TokenResult.FUNCTION_ERROR)
    return executor(state, token)


def _credit(state: State, token: Token) -> Execution:
    amount = token["amount"] * TENTH_OF_KWH
    if amount == 0:
        return _refuse(state, token, TokenResult.RANGE_ERROR)
    if not state.credit.can_hold(amount, PROFILES[state.profile].credit_capacity):
        return _refuse(state, token, TokenResult.OVERFLOW_ERROR)
    return (
        state._replace(credit=state.credit.add(amount)),
        Outcome(TokenResult.ACCEPT, token.token_type, credit_added=amount),
    )


def _clear_credit(state: State, token: Token) -> Execution:
    if token["register"] not in (ELECTRICITY_REGISTER, ALL_REGISTERS):
        return _refuse(state, token, TokenResult.RANGE_ERROR)
    return _accept(state._replace(credit=state.credit.clear()), token)


def _power_limit(state: State, token: Token) -> Execution:
    return _accept(state._replace(overload=state.overload._replace(limit=token["mpl"])), token)


def _phase_unbalance_limit(state: State, token: Token) -> Execution:
    return _accept(state._replace(phase_unbalance_limit=token["mppul"]), token)


def _tariff_rate(state: State, token: Token) -> Execution:
    return _accept(state._replace(tariff_rate=token["rate"]), token)


def _clear_tamper(state: State, token: Token) -> Execution:
    return _accept(state._replace(tamper=state.tamper.clear()), token)


def _key_change(state: State, token: Token) -> Execution:
    """One section more; with the last one, the new key (7.3.2)."""
    algorithm = state.key.decoder_key.algorithm
    needed = SECTIONS_OF_KEY_LENGTH[algorithm.key_length]
    if token.token_type not in needed:
        return _refuse(state, token, TokenResult.FUNCTION_ERROR)
    pending = state.pending.add(token.token_type, token.block, state.clock)
    taken = dict(pending.sections)
    awaited = tuple(section for section in needed if section not in taken)
    if awaited:
        verdict = _SECTION_RESULTS[token.token_type]
        return state._replace(pending=pending), Outcome(verdict, token.token_type, awaited=awaited)
    try:
        new = assemble((Token.of(section, block) for section, block in taken.items()), algorithm)
    except StsError:
        # A KRN of 0, a TI of three digits, an SGC of seven: the field has room for what the number has not.
        return _refuse(state, token, TokenResult.RANGE_ERROR)
    if new.kt is KeyType.INITIALISATION:
        # The only step back that is certain to be forbidden: no working meter returns to its maker's first key.
        return _refuse(state, token, TokenResult.KEY_TYPE_ERROR)
    if not state.key.may_change_to(new):
        return _refuse(state, token, TokenResult.RANGE_ERROR)
    key = state.key.changed_to(new)
    tids = TidStore() if new.rollover else state.tids
    return _accept(state._replace(key=key, tids=tids, pending=pending._replace(sections=())), token)


def _test_display(state: State, token: Token) -> Execution:
    if token["mfr_code"] not in (GENERIC_MAKER, int(state.drn.manufacturer_code)):
        return state, Outcome(AuthenticationResult.MFR_CODE_ERROR, token.token_type)
    control = token["control"]
    shows = tuple(number for bit, number in enumerate(TEST_NUMBERS) if control >> bit & 1)
    return state, Outcome(TokenResult.ACCEPT, token.token_type, shows=shows)


def _accept(state: State, token: Token) -> Execution:
    return state, Outcome(TokenResult.ACCEPT, token.token_type)


def _refuse(state: State, token: Token, verdict: TokenResult) -> Execution:
    return state, Outcome(verdict, token.token_type)


_SECTION_RESULTS = {
    TokenType.SET_1ST_SECTION_DECODER_KEY: TokenResult.FIRST_KCT,
    TokenType.SET_2ND_SECTION_DECODER_KEY: TokenResult.SECOND_KCT,
    TokenType.SET_3RD_SECTION_DECODER_KEY: TokenResult.THIRD_KCT,
    TokenType.SET_4TH_SECTION_DECODER_KEY: TokenResult.FOURTH_KCT,
}
_EXECUTORS: dict[TokenType, Callable[[State, Token], Execution]] = {
    TokenType.ELECTRICITY_CREDIT: _credit,
    TokenType.METER_TEST_MFR2: _test_display,
    TokenType.METER_TEST_MFR4: _test_display,
    TokenType.SET_MAXIMUM_POWER_LIMIT: _power_limit,
    TokenType.CLEAR_CREDIT: _clear_credit,
    TokenType.SET_TARIFF_RATE: _tariff_rate,
    TokenType.CLEAR_TAMPER_CONDITION: _clear_tamper,
    TokenType.SET_MAXIMUM_PHASE_POWER_UNBALANCE_LIMIT: _phase_unbalance_limit,
    **dict.fromkeys(_SECTION_RESULTS, _key_change),
}
