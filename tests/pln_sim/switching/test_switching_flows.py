"""The flows of section 4 and what else can happen on the way, as tables: what goes wrong, what is asked, what comes of it."""

from collections import deque
from datetime import date

import pytest

from pln_sim.gateway.messages import Mti, ResponseCode, UnbuildableMessage, read, table, write
from pln_sim.switching.exchange import LAST_WORDS, Event, Happened
from pln_sim.switching.journal import Journal, TakenOver
from pln_sim.switching.purchase import OPEN_STATES, TABLE, Order, Outcome, Purchase, State

SOLD, NOT_SOLD, SUSPECT = Outcome.SOLD, Outcome.NOT_SOLD, Outcome.SUSPECT
CLEAR = ["2800", "2100", "2200"]
FLOWS = {
    # name: (faults of the messages in order, message types that reach the gateway, outcome, connections)
    "normal": ([], CLEAR, SOLD, 1),
    "no sign-on reply": (["lost"], ["2800"], NOT_SOLD, 1),
    "sign-on echoed": (["echo"], [], NOT_SOLD, 1),
    "sign-on cut": (["cut after"], ["2800"], NOT_SOLD, 1),
    "no 2110": (["ok", "lost"], CLEAR[:2], NOT_SOLD, 1),
    "2100 echoed": (["ok", "echo"], CLEAR[:1], NOT_SOLD, 1),
    "2100 cut before": (["ok", "cut before"], CLEAR[:1], NOT_SOLD, 1),
    "2100 cut after": (["ok", "cut after"], CLEAR[:2], NOT_SOLD, 1),
    "2110 after garbage": (["ok", "garbage"], CLEAR, SOLD, 1),
    "2110 twice": (["ok", "double"], CLEAR, SOLD, 1),
    "2210 twice": (["ok", "ok", "double"], CLEAR, SOLD, 1),
    "2210 after garbage": (["ok", "ok", "garbage"], CLEAR, SOLD, 1),
    "2210 lost": (["ok", "ok", "lost"], [*CLEAR, "2220"], SOLD, 1),
    "2210 late": (["ok", "ok", "late"], [*CLEAR, "2220"], SOLD, 1),
    "2200 echoed": (["ok", "ok", "echo"], ["2800", "2100", "2220"], NOT_SOLD, 1),
    "2200 cut before": (["ok", "ok", "cut before"], ["2800", "2100", "2800", "2220"], NOT_SOLD, 2),
    "2200 cut after": (["ok", "ok", "cut after"], [*CLEAR, "2800", "2220"], SOLD, 2),
    "2200 overtaken": (["ok", "ok", "stuck"], ["2800", "2100", "2220", "2200"], NOT_SOLD, 1),
    "2230 lost": (["ok", "ok", "lost", "lost"], [*CLEAR, "2220", "2800", "2221"], SOLD, 2),
    "2230 late": (["ok", "ok", "late", "late"], [*CLEAR, "2220", "2800", "2221"], SOLD, 2),
    "2220 cut": (["ok", "ok", "lost", "cut after"], [*CLEAR, "2220", "2800", "2221"], SOLD, 2),
    "2220 echoed": (["ok", "ok", "lost", "echo"], [*CLEAR, "2800", "2221"], SOLD, 2),
    "2220 put off": (["ok", "ok", "lost", "0090"], [*CLEAR, "2800", "2221"], SOLD, 2),
    "one 2231 lost": (
        ["ok", "ok", "lost", "lost", "ok", "lost"],
        [*CLEAR, "2220", "2800", "2221", "2800", "2221"],
        SOLD,
        3,
    ),
    "all advice lost": (
        ["ok", "ok", "lost", "lost", "ok", "lost", "ok", "lost"],
        [*CLEAR, "2220", "2800", "2221", "2800", "2221"],
        SUSPECT,
        3,
    ),
    "all late": (
        ["ok", "ok", "late", "late", "ok", "late", "ok", "late"],
        [*CLEAR, "2220", "2800", "2221", "2800", "2221"],
        SUSPECT,
        3,
    ),
}


@pytest.mark.parametrize("name", FLOWS)
def test_a_flow(name, bench, client, network, truth, journal):
    faults, asked, outcome, connections = FLOWS[name]
    network.faults = deque(faults)
    result = client.buy(bench.METER, bench.RUPIAH_20000)
    assert (result.outcome, truth.asked, network.connections) == (outcome, asked, connections)
    assert not result.is_open
    if outcome is SOLD:
        assert result.sale.token == truth.tokens[result.pln_reference]
    assert journal.purchases()[0].result == result


def test_a_sale_has_everything(bench, client):
    sale = client.buy(bench.METER, bench.RUPIAH_20000).sale
    assert (sale.token, sale.vending_receipt, str(sale.energy)) == (f"{1:020}", "00000001", "48.40")
    assert (str(sale.power_purchase), str(sale.stamp_duty), sale.segmentation, sale.power_category) == (
        *("20000.00", "0.00", "R1"),
        450,
    )
    assert sale.settlement_date.isoformat() == sale.as_json()["settlement_date"] == "2008-05-02"


CODES_OF_ADVICE = (Mti.ADVICE_REQUEST, Mti.ADVICE_REPEAT_REQUEST)


@pytest.mark.parametrize("mti", [Mti.NETWORK_REQUEST, Mti.INQUIRY_REQUEST])
@pytest.mark.parametrize("code", ["0005", "0011", "0030", "0032", "0068", "0090"])
def test_refused_before_the_purchase(mti, code, bench, client, truth):
    truth.codes[mti] = ResponseCode(code)
    result = client.buy(bench.METER, bench.RUPIAH_20000)
    assert (result.outcome, result.code) == (NOT_SOLD, code)
    assert "2200" not in truth.asked


@pytest.mark.parametrize("code", [code for code in ResponseCode if code is not ResponseCode.SUCCESSFUL])
def test_a_refused_purchase(code, bench, client, truth):
    truth.codes[Mti.PURCHASE_REQUEST] = code
    result = client.buy(bench.METER, bench.RUPIAH_20000)
    assert result.outcome is NOT_SOLD
    is_last_word = code in LAST_WORDS[Mti.PURCHASE_REQUEST]
    assert truth.asked == (CLEAR if is_last_word else [*CLEAR, "2220"])
    assert result.code == (code if is_last_word else "0096")


@pytest.mark.parametrize("code", [code for code in ResponseCode if code not in ("0000", "0096")])
def test_advice_that_is_refused_for_its_own_reasons_decides_nothing(code, bench, client, network, truth):
    network.fault_of["2200"] = "lost"
    truth.codes |= dict.fromkeys(CODES_OF_ADVICE, code)
    result = client.buy(bench.METER, bench.RUPIAH_20000)
    assert (result.outcome, result.code, result.is_open) == (SUSPECT, code, False)
    assert [mti for mti in truth.asked if mti != "2800"] == ["2100", "2200", "2220", "2221", "2221"]


@pytest.mark.parametrize("code", ["0005", "0068", "0096", "0098"])
def test_a_refusal_of_a_purchase_that_is_sold_all_the_same(code, bench, client, truth):
    answer = truth.answer

    def sold_but_refused(stream):
        reply, request = answer(stream), read(stream)
        is_purchase = request.mti is Mti.PURCHASE_REQUEST
        return write(request.reply(ResponseCode(code), settlement_date=date(2008, 5, 2))) if is_purchase else reply

    truth.answer = sold_but_refused
    result = client.buy(bench.METER, bench.RUPIAH_20000)
    assert (result.outcome, truth.asked) == (SOLD, [*CLEAR, "2220"])


def test_what_waits_unread_when_the_time_is_over_is_late(bench, client, network, truth, journal):
    network.faults = deque(["ok", "ok", "garbage"])
    receive = bench.MemoryLink.receive

    def slow(link, until):
        stream = receive(link, until)
        if stream == bench.GARBAGE:
            network.sleep(31)
        return stream

    link = network.connect(None, 0)
    link.receive = lambda until: slow(link, until)
    client._open_link = lambda address, patience: link
    assert client.buy(bench.METER, bench.RUPIAH_20000).outcome is SOLD
    assert truth.asked == [*CLEAR, "2220"]
    assert [m.note for m in journal.messages() if m.stream.startswith(b"2210")] == [
        "dropped: late or unasked Purchase Response"
    ]


def test_a_used_reference_is_not_bought_with_again(bench, client, truth, journal):
    first = client.buy(bench.METER, bench.RUPIAH_20000)
    assert first.outcome is SOLD
    truth.next_reference = lambda: f"{1:032X}"
    second = client.buy(bench.METER, bench.RUPIAH_20000)
    assert (second.outcome, second.pln_reference) == (NOT_SOLD, None)
    assert max(truth.purchase_requests.values()) == 1
    assert len(journal.messages_of(first.pln_reference)) == 4


@pytest.mark.parametrize(
    ("field", "bad", "outcome"), [("token", "1234567890123456789X", SUSPECT), ("vending_receipt", "0000000X", SOLD)]
)
def test_a_fault_beside_the_token_does_not_lose_it(field, bad, outcome, bench, client, truth):
    honest = truth.answer

    def spoilt(stream):
        reply = honest(stream)
        good = {"token": f"{1:020}", "vending_receipt": f"{1:08}"}[field]
        return reply.replace(f"{good}".encode() + (b"" if field == "token" else b"SUBS"), bad.encode() + (
            b"" if field == "token" else b"SUBS"))  # fmt: skip

    truth.answer = spoilt
    result = client.buy(bench.METER, bench.RUPIAH_20000)
    assert result.outcome is outcome
    if outcome is SOLD:
        assert (result.sale.token, result.sale.vending_receipt) == (f"{1:020}", None)


def test_a_flood_ends_the_connection(bench, client, network, truth, journal):
    network.faults = deque(["ok", "ok", "lost"])
    connect = network.connect
    links = []

    def flooding(address, patience):
        links.append(connect(address, patience))
        if len(links) == 1:
            send = links[0].send

            def send_and_flood(message, patience):
                send(message, patience)
                if message.startswith(b"2200"):
                    links[0].inbox.extend([bench.GARBAGE] * 10_000)

            links[0].send = send_and_flood
        return links[-1]

    with network.client(journal) as client:
        client._open_link = flooding
        assert client.buy(bench.METER, bench.RUPIAH_20000).outcome is SOLD
    assert len(journal.messages()) < 200


def test_without_a_gateway_advice_stays_due(bench, client, network, truth, journal):
    network.faults = deque(["ok", "ok", "cut after"])
    network.doors = deque(["open"] + ["shut"] * 50)
    result = client.buy(bench.METER, bench.RUPIAH_20000)
    assert (result.outcome, result.is_open) == (SUSPECT, True)
    network.doors.clear()
    (resumed,) = client.resume()
    assert (resumed.outcome, resumed.sale.token) == (SOLD, truth.tokens[result.pln_reference])
    assert truth.asked.count("2200") == 1


def test_resuming_many_waits_for_the_gateway_once(bench, client, network):
    network.fault_of = {"2200": "cut after"}
    for _ in range(3):
        network.doors = deque(["open"] + ["shut"] * 50)
        assert client.buy(bench.METER, bench.RUPIAH_20000).is_open
    began, network.doors = network.seconds, deque(["shut"] * 50)
    assert [result.is_open for result in client.resume()] == [True] * 3
    assert network.seconds - began <= 30
    network.doors.clear()
    assert [result.outcome for result in client.resume()] == [SOLD] * 3


def test_the_first_connection_is_not_waited_for(bench, client, network, journal):
    network.doors = deque(["shut"])
    result = client.buy(bench.METER, bench.RUPIAH_20000)
    assert (result.outcome, result.why, network.seconds) == (NOT_SOLD, "shut", 0)


def test_one_connection_serves_many_purchases(bench, client, network, truth):
    for _ in range(3):
        assert client.buy(bench.METER, bench.RUPIAH_20000).outcome is SOLD
    assert (network.connections, truth.asked.count("2800")) == (1, 1)


def test_a_connection_that_died_meanwhile_is_replaced(bench, client, network):
    client.buy(bench.METER, bench.RUPIAH_20000)
    client._link.is_cut = True
    assert client.buy(bench.METER, bench.RUPIAH_20000).outcome is SOLD
    assert network.connections == 2


def test_cents_go_on_the_wire(bench, client, truth):
    client.buy(bench.METER, 2_000_050)
    assert str(truth.requests[-1][table.PURCHASE_AMOUNT]) == "20000.50"


def test_an_impossible_order_is_not_begun(bench, client, journal):
    with pytest.raises(UnbuildableMessage):
        client.buy("1234", bench.RUPIAH_20000)
    with pytest.raises(ValueError, match="buy nothing"):
        client.buy(bench.METER, 0)
    assert journal.purchases() == []


def test_who_is_taken_over_takes_no_further_step(bench, network, tmp_path, truth):
    with Journal(tmp_path / "switching.db") as mine, Journal(tmp_path / "switching.db") as others:
        second = network.client(others)
        answer = truth.answer

        def resumed_meanwhile(stream):
            if stream.startswith(b"2100"):
                truth.answer = answer
                assert [result.outcome for result in second.resume()] == [NOT_SOLD]
            return answer(stream)

        truth.answer = resumed_meanwhile
        with pytest.raises(TakenOver):
            network.client(mine).buy(bench.METER, bench.RUPIAH_20000)
        assert "2200" not in truth.asked


def test_the_table_is_closed():
    for state, row in TABLE.items():
        assert (row.connect is not None) + (row.mti is not None) + (row.outcome is not None) == 1, state
        assert bool(row.next) == (row.outcome is None), state
        assert row.outcome is not None or Event.RESUMED in row.next, state
    places = [row.place for row in TABLE.values() if row.mti]
    assert len(set(places)) == len(places)
    assert {row.mti for row in TABLE.values() if row.mti} == LAST_WORDS.keys() - {Mti.NETWORK_REQUEST}


def test_no_way_leads_back_to_a_state_that_sends():
    reached = {state: set(row.next.values()) - {state} for state, row in TABLE.items()}
    for _ in TABLE:
        reached = {state: nexts.union(*(reached[next_one] for next_one in nexts)) for state, nexts in reached.items()}
    assert all(state not in nexts for state, nexts in reached.items())


def test_misuse_is_told(bench, network):
    order = Order(bench.METER, 100, "R", bench.SWITCHING)
    purchase, _ = Purchase.begin(1, order)
    with pytest.raises(ValueError, match="cannot take the event silent"):
        purchase.step(Happened(Event.SILENT), network.now)
    assert OPEN_STATES[0] is State.CONNECTING


def test_the_repeats_differ_only_in_type_trace_and_time(bench, client, network, journal):
    network.fault_of = dict.fromkeys(("2200", "2220", "2221"), "lost")
    result = client.buy(bench.METER, bench.RUPIAH_20000)
    sent = [read(m.stream) for m in journal.messages_of(result.pln_reference) if m.is_sent][1:]
    fields = [field for field in sent[0].layout.fields if field not in (table.TRACE_NUMBER, table.LOCAL_TIME)]
    assert len({tuple(message.text(field) for field in fields) for message in sent}) == 1
    assert len({message.text(table.TRACE_NUMBER) for message in sent}) == len(sent) == 4
