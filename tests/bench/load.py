"""Load on gateways, from a process of its own so that it does not measure itself: purchase after purchase on each connection.

    python load.py CONNECTIONS HOST:PORT [HOST:PORT]...

Each line on standard input is for how many seconds to buy; the answer is a line of JSON, ``{"pairs": ..., "seconds": ...,
"slowest": ...}``: complete inquiry and purchase pairs, how long it took, and the 99th percentile of a pair in seconds.
"""

import json
import selectors
import socket
import sys
import time
from datetime import datetime

from pln_sim.gateway.messages import Amount, Message, Mti, table, write
from pln_sim.gateway.messages.table import LAYOUTS

SWITCHER, BANK = "10000D3", "0110000"
METERS_EACH = 16
END = b"\xff"
REFERENCE, TRACE = b"F" * 32, b"9" * 12
SUCCESS = b"0000"


def meters(connection: int) -> list[str]:
    """The meters that one connection buys for."""
    return [f"77{connection:04}{place:05}" for place in range(METERS_EACH)]


def template(mti: Mti, meter: str) -> list[bytes]:
    """A request in the pieces between which trace number and reference go."""
    values = {
        "amount": Amount(20_000, 0),
        "trace_number": TRACE.decode(),
        "local_time": datetime.now().replace(microsecond=0),
        "merchant_category": "6015",
        "bank_code": BANK,
        "switcher_id": SWITCHER,
        "meter_number": meter,
    }
    if mti is not Mti.INQUIRY_REQUEST:
        values |= {"pln_reference": REFERENCE.decode(), "receipt_reference": "R" * 32}
    before, _, after = write(Message.of(mti, **values)).partition(TRACE)  # type: ignore[arg-type]
    return [before, *after.split(REFERENCE)]


class Buyer:
    """One connection: a request under way, or the next one."""

    def __init__(self, number: int, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._orders = [(template(Mti.INQUIRY_REQUEST, m), template(Mti.PURCHASE_REQUEST, m)) for m in meters(number)]
        self._trace = number * 10**8
        self._rest = b""
        self._is_inquiring = False
        self.began = 0.0
        now = datetime.now().replace(microsecond=0)
        sign_on = Message.of(Mti.NETWORK_REQUEST, local_time=now, action_code="001", switcher_id=SWITCHER)
        self.socket.sendall(write(sign_on) + END)
        assert self.socket.recv(4096).endswith(END)

    def inquire(self) -> None:
        """Begin the next purchase."""
        self._trace += 1
        (before, after), _ = self._orders[self._trace % METERS_EACH]
        self._is_inquiring = True
        self.began = time.perf_counter()
        self.socket.sendall(b"%s%012d%s%s" % (before, self._trace, after, END))

    def take(self) -> bool:
        """Take what came; whether that ended a purchase."""
        self._rest += self.socket.recv(4096)
        if not self._rest.endswith(END):
            assert self._rest, "the gateway closed the connection"
            return False
        reply, self._rest = self._rest, b""
        code = CODE[self._is_inquiring]
        assert reply[code : code + 4] == SUCCESS, reply
        if not self._is_inquiring:
            return True
        _, (before, between, after) = self._orders[self._trace % METERS_EACH]
        self._is_inquiring = False
        self.socket.sendall(b"%s%012d%s%s%s%s" % (before, self._trace, between, reply[-33:-1], after, END))
        return False


CODE = {
    is_inquiry: LAYOUTS[mti].positions[table.RESPONSE_CODE.name]
    for is_inquiry, mti in ((True, Mti.INQUIRY_RESPONSE), (False, Mti.PURCHASE_RESPONSE))
}


def buy(buyers: list[Buyer], selector: selectors.BaseSelector, seconds: float) -> list[float]:
    """Buy for so long, then let what is under way end; how long each purchase took."""
    taken: list[float] = []
    stop = time.perf_counter() + seconds
    for buyer in buyers:
        buyer.inquire()
    under_way = len(buyers)
    while under_way:
        for key, _ in selector.select():
            buyer = key.data
            if buyer.take():
                now = time.perf_counter()
                taken.append(now - buyer.began)
                if now < stop:
                    buyer.inquire()
                else:
                    under_way -= 1
    return taken


def main(connections: int, *addresses: str) -> None:
    hosts = [(host, int(port)) for host, _, port in (address.rpartition(":") for address in addresses)]
    selector = selectors.DefaultSelector()
    buyers = [Buyer(number, hosts[number % len(hosts)]) for number in range(connections)]
    for buyer in buyers:
        selector.register(buyer.socket, selectors.EVENT_READ, buyer)
    for line in sys.stdin:
        began = time.perf_counter()
        taken = sorted(buy(buyers, selector, float(line)))
        answer = {"pairs": len(taken), "seconds": time.perf_counter() - began, "slowest": taken[len(taken) * 99 // 100]}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
