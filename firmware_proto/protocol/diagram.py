"""The tables of the protocol as pictures (Mermaid) and as a page of the documentation.

>>> diagram("meter").splitlines()[:3]
['stateDiagram-v2', '    [*] --> WAITING', '    WAITING : waits for a request']
"""

from collections.abc import Iterable, Mapping

from firmware_proto.error_text import ErrorText
from firmware_proto.protocol.baud_rates import BAUD_RATES, mode_of
from firmware_proto.protocol.commands import COMMANDS
from firmware_proto.protocol.messages import MESSAGE_FORMS
from firmware_proto.protocol.states import (
    CLIENT_EXITS,
    CLIENT_WAYS,
    METER_EXITS,
    METER_OWES,
    METER_WAITS,
    METER_WAYS,
    ClientState,
    MeterState,
    State,
    Symbol,
    Table,
)
from firmware_proto.protocol.timing import LONG_REACTION, SHORT_REACTION, STANDARD_TIMING


def diagram(end: str) -> str:
    """The states of one end, as a Mermaid state diagram."""
    if end == "meter":
        return _diagram(METER_WAYS, METER_EXITS, list(MeterState))
    return _diagram(CLIENT_WAYS, CLIENT_EXITS, list(ClientState))


def document() -> str:
    """The page docs/iec-62056-21.md, whole."""
    return _PAGE.format(
        timing=STANDARD_TIMING,
        long=LONG_REACTION,
        short=SHORT_REACTION,
        meter=diagram("meter"),
        client=diagram("client"),
        states=_table(("state", "the meter", "for how long"), (_meter_row(state) for state in MeterState)),
        messages=_table(("message", "on the line", "said by", "clause"), MESSAGE_FORMS),
        commands=_table(("command", "asks for"), ((f"`{c}{d}`", kind.meaning) for (c, d), kind in COMMANDS.items())),
        session=SESSION,
        bauds=_table(
            ("Z", "mode", "baud"), ((f"`{z}`", mode_of(z).value, str(baud)) for z, baud in sorted(BAUD_RATES.items()))
        ),
        errors=_table(("text", "meaning"), ((f"`({text.value})`", text.meaning) for text in ErrorText)),
    )


def _diagram(ways: Table[State], exits: Mapping[Symbol, State], states: list[State]) -> str:
    rest = states[0]
    edges: dict[tuple[str, str], list[str]] = {}
    for (state, symbol), to in ways.items():
        edges.setdefault((state.name, to.name), []).append(symbol.value)
    for symbol, to in exits.items():
        edges.setdefault(("ANY", to.name), []).append(symbol.value)
    return "\n".join(
        [
            "stateDiagram-v2",
            f"    [*] --> {rest.name}",
            *(f"    {state.name} : {state.value}" for state in states),
            f"    ANY : any state but {rest.name}",
            *(f"    {begin} --> {end} : {' / '.join(symbols)}" for (begin, end), symbols in edges.items()),
        ]
    )


def _meter_row(state: MeterState) -> tuple[str, ...]:
    wait = METER_WAITS.get(state)
    if state in METER_OWES:
        return f"`{state.name}`", state.value, "until the device answers"
    return f"`{state.name}`", state.value, "for ever" if wait is None else f"`{wait.value}`"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


SESSION = """\
> /?!<CR><LF>
< /PLn5METER-EMU 1.0<CR><LF>
> <ACK>051<CR><LF>
< <SOH>P0<STX>()<ETX><60>
> <SOH>P1<STX>(00000000)<ETX><61>
< <ACK>
> <SOH>R5<STX>0-0:19.10.0()<ETX><49>
< <STX>0-0:19.10.0(0.0000*kWh)<ETX><4C>
> <SOH>W5<STX>0-0:19.40.0(62203132897824904817)<ETX><47>
< <ACK>
> <SOH>R5<STX>0-0:96.50.0()<ETX><4A>
< <STX>0-0:96.50.0(1)<ETX><1E>
> <SOH>B0<ETX><71>"""
"""Recorded at ``meter-emu serve --tcp``, at a meter that is new; a test replays it."""

_PAGE = """\
# The meter on a wire: IEC 62056-21

`python -m firmware_proto document` prints this page from the tables that the code walks; `python -m firmware_proto diagram`
prints the pictures alone.

A session: the client calls (`/?!`), the meter says who it is and how fast it can, the client chooses a readout or programming
mode and the rate. In programming mode the meter gives its operand (P0), and obeys commands until B0. A meter takes a new
request in any state. What comes at the wrong moment, or is no message at all, is passed over in silence; so is what comes
before an end has sent what it has to say, since the line is half duplex.

## The meter

```mermaid
{meter}
```

{states}

`inactivity` is {timing.inactivity:g} s, `reaction_maximum` {timing.reaction_maximum:g} s, both counted from the last
character. Before an answer lie {long:g} s, or {short:g} s where the third letter of the maker's name is small. After
an option select, and in mode B after the identification, a meter may be told to leave more (`reopening`), since the client
opens its port anew there. A message is sent again {timing.repeats} times at most, one after another.

## The client

```mermaid
{client}
```

Where no answer comes, the client asks again, but never repeats a write command by itself: it might be done twice. It says that
it does not know, and a register can be read to see. After it asked twice it keeps quiet for `reaction_maximum`, so that a late
second answer is not taken for the answer to something else.

## Messages

{messages}

The block check character (BCC) is the exclusive or of all that follows the first SOH or STX, up to and with ETX or EOT.

## Programming commands

{commands}

Any other command is answered with `(ERR01)`, data of another form with `(ERR05)`. In partial blocks (types 3 and 6) each block
but the last ends with EOT and is acknowledged with ACK, or asked for again with NAK. A reading client may say how many lines a
block is to have, in a second value: `R6 P.98(from;to)(10)`.

The operand in P0 is for meters whose P2 is made with it, by a rule of the maker's that the standard leaves open. This meter's
operand is empty, `()`, and it takes P2 as it takes P1: as it is.

## A session, byte for byte

The client (`>`) signs on, gives the customer's password, reads the credit, enters a token, reads its result (1, accepted)
and ends. What stands in `<>` is one byte: a control character, or the BCC in hexadecimal.

```text
{session}
```

The option select says 9600 baud, the 5 of the identification; a serial line changes its rate before P0, over TCP there is no
rate. The data of a command is a data set: `NAME()` to read, `NAME(from;to)` for a range of a log, `NAME(value)` to write; a
password is a value without a name, `(password)`. Without the brackets the answer is `(ERR05)`. The service's password in the
place of the customer's is `<SOH>P2<STX>(11111111)<ETX><62>`.

## Baud rates

{bauds}

Anything else in the place of Z is mode A, which stays at 300 baud.

## Error texts

{errors}
"""
