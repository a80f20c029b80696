"""Token acceptance: the checks of IEC 62055-41 7.3 in their order, then the execution.

1. form (20 digits below 2^66, a known class and subclass)  -> TokenResult.FormatError
2. class 0 and 2: decryption and CRC; class 1: CRC and maker code -> AuthenticationResult
3. the token identifier against store, expiry and key type -> ValidationResult
4. the execution -> TokenResult

A lockout stops all but class 1; an open tamper condition stops credit before it is executed, so the token stays usable.
"""

from meter_emu.meter.clock import Seconds
from meter_emu.meter.execution import execute
from meter_emu.meter.lockout import Lockout
from meter_emu.meter.metering import advance
from meter_emu.meter.outcome import Outcome
from meter_emu.meter.results import AuthenticationResult, Refusal, TokenResult, ValidationResult
from meter_emu.meter.state import State
from meter_emu.sts.errors import CRCError, FormatError
from meter_emu.sts.numbers import KeyType
from meter_emu.sts.tokens import Token, TokenClass, TokenType
from meter_emu.sts.tokens.codec import open_block, split


def accept(state: State, digits: str, now: Seconds) -> tuple[State, Outcome]:
    """The state after ``digits`` were entered at ``now``, and the outcome. Whatever ``digits`` holds, nothing is raised."""
    state = advance(state, now)
    if not state.is_powered:
        return state, Outcome(Refusal.NO_POWER)
    after, outcome = _check(state, digits)
    last_token = state.last_token.followed_by(digits, outcome, state.clock)
    return advance(after._replace(last_result=outcome.result_code, last_token=last_token), now), outcome


def _check(state: State, digits: str) -> tuple[State, Outcome]:
    try:
        token_class, block = split(digits)
    except FormatError:
        return _locked_out(state) or _wrong(state, Outcome(TokenResult.FORMAT_ERROR))
    is_own = token_class != TokenClass.TEST_DISPLAY.value
    if is_own and (locked := _locked_out(state)):
        return locked
    try:
        token = open_block(token_class, block, state.key.cipher if is_own else None)
    except CRCError:
        return _wrong(state, Outcome(AuthenticationResult.CRC_ERROR))
    except FormatError:
        return _wrong(state, Outcome(TokenResult.FORMAT_ERROR))
    invalid = _validate(state, token)
    if invalid is not None:
        return state, Outcome(invalid, token.token_type)
    if state.tamper.is_tampered and token.layout.token_class is TokenClass.CREDIT:
        return state, Outcome(Refusal.TAMPERED, token.token_type)
    after, outcome = execute(state, token)
    return (_used(after, token, digits, outcome) if outcome.accepted else after), outcome


def _validate(state: State, token: Token) -> ValidationResult | None:
    tid = token.tid
    if tid is None:
        return None
    invalid = state.tids.check(tid)
    if invalid is not None:
        return invalid
    if state.key.ken.is_expired_for(tid):
        return ValidationResult.KEY_EXPIRED_ERROR
    if state.key.kt is KeyType.DEFAULT and token.layout.token_class is TokenClass.CREDIT:
        return ValidationResult.DDTK_ERROR
    return None


def _used(state: State, token: Token, digits: str, outcome: Outcome) -> State:
    """The token is used up, in the same state as what it brought: never one without the other."""
    if token.layout.token_class is TokenClass.TEST_DISPLAY:
        return state
    if token.token_type is TokenType.ELECTRICITY_CREDIT:
        history = state.history.add_credit(digits, outcome.credit_added)
    else:
        history = state.history.add_engineering(digits)
    tids = state.tids if token.tid is None else state.tids.remember(token.tid)
    return state._replace(tids=tids, history=history, lockout=Lockout())


def _wrong(state: State, outcome: Outcome) -> tuple[State, Outcome]:
    return state._replace(lockout=state.lockout.after_wrong_token(state.clock)), outcome


def _locked_out(state: State) -> tuple[State, Outcome] | None:
    seconds_left = state.lockout.seconds_left(state.clock)
    return (state, Outcome(Refusal.LOCKED_OUT, seconds_left=seconds_left)) if seconds_left else None
