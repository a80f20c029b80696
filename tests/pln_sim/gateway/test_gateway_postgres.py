"""Gateways that share a PostgreSQL server: what one promises, several promise together."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from meter_emu.sts.numbers import Drn
from pln_sim.gateway.messages import Mti, read, table
from pln_sim.storage import open_depot

INQUIRY, PURCHASE, ADVICE = Mti.INQUIRY_REQUEST, Mti.PURCHASE_REQUEST, Mti.ADVICE_REQUEST
BIG, SMALL = "14100000109", "12345678911"
ROUNDS, PEERS = 6, 3


@pytest.fixture
def gateways(start, postgres):
    return [start(db=postgres.url) for _ in range(2)]


def peers_of(gateways, each=1):
    return [gateway.peer().sign_on() for gateway in gateways for _ in range(each)]


def test_one_reference_buys_one_token_whoever_is_asked(gateways, postgres, helpers):
    peers = peers_of(gateways, PEERS)
    for round_ in range(ROUNDS):
        order = {"meter": BIG, "paid": 20_000}
        order["reference"] = peers[round_ % len(peers)].inquire(**order)
        for peer in peers:
            peer.send(*[helpers.request(PURCHASE, **order)] * 3)
        replies = [read(peer.stream()) for peer in peers for _ in range(3)]
        assert Counter(reply[table.RESPONSE_CODE] for reply in replies) == {"0000": 1, "0098": 3 * len(peers) - 1}
        (sold,) = (reply for reply in replies if reply.is_successful)
        assert {peer.ask(helpers.request(ADVICE, **order))[table.TOKEN] for peer in peers} == {sold[table.TOKEN]}
    with open_depot(postgres.url) as depot:
        assert [sale.serial for sale in depot.sales()] == list(range(1, ROUNDS + 1))


def test_purchases_and_advices_of_one_reference_agree(gateways, helpers):
    buyer, asker = peers_of(gateways)
    for _ in range(15):
        order = {"meter": BIG, "paid": 5000}
        order["reference"] = buyer.inquire(**order)
        buyer.send(helpers.request(PURCHASE, **order))
        asker.send(helpers.request(ADVICE, **order))
        bought, told = read(buyer.stream()), read(asker.stream())
        assert (bought[table.RESPONSE_CODE], told[table.RESPONSE_CODE]) in {("0000", "0000"), ("0098", "0096")}
        if bought.is_successful:
            assert bought[table.TOKEN] == told[table.TOKEN]


def test_a_meter_bought_for_through_both_gets_tids_of_its_own_and_no_more_than_its_ceiling(gateways, postgres, helpers):
    """R1/450 may buy 324 kWh a month: 6 times Rp 20.000, which is 46.8 kWh."""

    def buy(peer):
        codes = []
        for _ in range(4):
            inquiry = peer.ask(helpers.request(INQUIRY, meter=SMALL, paid=20_000))
            codes.append(inquiry[table.RESPONSE_CODE])
            if inquiry.is_successful:
                order = {"meter": SMALL, "paid": 20_000, "reference": inquiry[table.PLN_REFERENCE]}
                codes[-1] = peer.ask(helpers.request(PURCHASE, **order))[table.RESPONSE_CODE]
        return codes

    peers = peers_of(gateways, PEERS)
    with ThreadPoolExecutor(len(peers)) as pool:
        codes = [code for codes in pool.map(buy, peers) for code in codes]
    assert Counter(codes) == {"0000": 6, "0042": len(codes) - 6}
    with open_depot(postgres.url) as depot:
        sales = list(depot.sales())
        bought = depot.run(lambda storage: storage.bought_in_month(Drn(SMALL), sales[0].sold_at))
    assert [sale.serial for sale in sales] == list(range(1, 7))
    assert len({sale.tid for sale in sales}) == len({sale.token for sale in sales}) == 6
    assert bought == sum(sale.kwh for sale in sales) == 6 * 468


def test_a_changed_contract_is_seen_by_all_at_the_next_request(gateways, postgres, helpers):
    peers = peers_of(gateways)

    def powers():
        replies = []
        for peer in peers:
            order = {"meter": BIG, "paid": 20_000}
            order["reference"] = peer.inquire(**order)
            replies.append(peer.ask(helpers.request(PURCHASE, **order)))
        return [(reply[table.SEGMENTATION], reply[table.POWER_CATEGORY]) for reply in replies]

    assert powers() == [("R3", 11000)] * 2
    with open_depot(postgres.url) as depot:
        customer = depot.run(lambda storage: storage.customer(Drn(BIG)))
        depot.run(lambda storage: storage.change_customer(replace(customer, tariff="B2", va=33000)))
    assert powers() == [("B2", 33000)] * 2


def test_a_server_that_goes_and_comes_back(gateways, postgres, helpers):
    peers = peers_of(gateways)
    order = {"meter": BIG, "reference": peers[0].inquire(meter=BIG)}
    postgres.stop()
    try:
        assert [peer.ask(helpers.request(INQUIRY, meter=BIG))[table.RESPONSE_CODE] for peer in peers] == ["0005"] * 2
    finally:
        postgres.start()
    assert peers[1].ask(helpers.request(PURCHASE, **order)).is_successful
    assert peers[0].ask(helpers.request(PURCHASE, **order))[table.RESPONSE_CODE] == "0098"
    for gateway in gateways:
        assert "see that the server runs" in gateway.log
        assert postgres.PASSWORD not in gateway.log
        assert "p%40ss" not in gateway.log


def test_a_gateway_killed_amid_leaves_the_other_at_work(gateways, postgres, helpers):
    victim, survivor = gateways
    streams = [helpers.request(INQUIRY, meter=BIG, paid=5000)] * 50
    for peer in peers_of([victim], PEERS):
        peer.send(*streams)
    peer.stream()
    victim.kill()
    peer = survivor.peer().sign_on()
    order = {"meter": BIG, "reference": peer.inquire(meter=BIG)}
    assert peer.ask(helpers.request(PURCHASE, **order)).is_successful
    assert survivor.terminate() == 0
