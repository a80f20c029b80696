"""What the gateway keeps in the database, what it takes from it, and with whom it shares it."""

import asyncio
import json
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from meter_emu.shell.errors import FileError
from meter_emu.shell.key_file import read_key_file
from meter_emu.sts.numbers import Drn
from meter_emu.sts.tokens import decode
from pln_sim.gateway.committer import Committer
from pln_sim.gateway.messages import Mti, table
from pln_sim.gateway.sweeper import KEPT, sweep
from pln_sim.storage import Reference, open_depot

INQUIRY, PURCHASE = Mti.INQUIRY_REQUEST, Mti.PURCHASE_REQUEST
METER = "12345678911"
CONFIGURATION = """
[gateway]
minimum = "30000.00"

[[switching]]
id = "20000D3"
bank_codes = ["0330000"]

[[customer]]
meter = "04176855916"
name = "BUDI"
tariff = "R1"
va = 1300
ppj = "3"
"""
PARTY = {"switcher_id": "20000D3", "bank_code": "0330000"}


def test_a_configuration_is_put_into_the_database_once_and_for_all(start, helpers, tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(CONFIGURATION)
    start().terminate()
    for options in (("--config", path), ()):
        gateway = start(*options)
        peer = gateway.peer().sign_on("20000D3")
        codes = [
            peer.ask(helpers.request(INQUIRY, **PARTY, meter=meter, paid=paid))[table.RESPONSE_CODE]
            for meter, paid in (("04176855916", 30_000), ("04176855916", 29_999), (METER, 30_000))
        ]
        assert codes == ["0000", "0041", "0015"]
        assert peer.ask(helpers.sign_on("10000D3"))[table.RESPONSE_CODE] == "0032"
        gateway.terminate()


def test_tariffs_are_put_into_the_database_too(start, tmp_path, pln_sim):
    from importlib.resources import files

    path, database = tmp_path / "tariffs.toml", tmp_path / "vending.db"
    path.write_text(files("pln_sim.vending").joinpath("tariffs.toml").read_text().replace('"415.00"', '"500.00"'))
    start("--tariffs", path).terminate()
    start().terminate()
    sold = pln_sim("vend", METER, "20000", "--db", database, "--json")
    assert json.loads(sold.stdout)["rate"] == "500.00"


def test_a_configuration_may_bring_its_own_tariffs(start, tmp_path, pln_sim):
    from importlib.resources import files

    path, database = tmp_path / "own.toml", tmp_path / "vending.db"
    tariffs = files("pln_sim.vending").joinpath("tariffs.toml").read_text().replace('"1444.70"', '"2000.00"')
    path.write_text(CONFIGURATION + tariffs)
    start("--config", path).terminate()
    sold = pln_sim("vend", "04176855916", "30000", "--db", database, "--json")
    assert json.loads(sold.stdout)["rate"] == "2000.00"
    path.write_text(CONFIGURATION + '[[rate]]\ntariff = "R1"\n')
    complaint = pln_sim.complaint("gateway", "--config", path, "--db", database)
    assert "rupiah_per_kwh is missing" in complaint


def test_gateway_vend_and_token_share_tids_and_a_ceiling(start, helpers, tmp_path, pln_sim):
    peer, database = start().peer().sign_on(), tmp_path / "vending.db"
    for _ in range(3):  # 140.4 of 324 kWh
        order = {"paid": 20_000, "reference": peer.inquire(paid=20_000)}
        assert peer.ask(helpers.request(PURCHASE, **order)).is_successful
    with open_depot(database) as depot:
        at = next(depot.sales()).sold_at.isoformat()
    complaint = pln_sim.complaint("vend", METER, "80000", "--db", database, "--at", at, exit_code=1)
    assert "140,4 kWh of it are bought" in complaint
    assert pln_sim("vend", METER, "60000", "--db", database, "--at", at).exit_code == 0  # 140.4 more
    assert peer.ask(helpers.request(INQUIRY, paid=20_000))[table.RESPONSE_CODE] == "0042"
    (token,) = pln_sim.tokens("credit", METER, "--kwh", "1", "--db", database, "--at", at)
    with open_depot(database) as depot:
        sales = list(depot.sales())
    assert [sale.serial for sale in sales] == [1, 2, 3, 4]
    assert len({*(sale.tid for sale in sales), token["tid"]}) == 5


def test_the_gateway_sells_with_the_keys_of_a_key_file(start, helpers, key_file):
    secret = "00112233445566778899aabbccddeeff01234567"
    keys = key_file(f"""
        vending_key = [{{sgc = "600001", krn = 1, key = "{secret}"}}]
        meter = [{{drn = "{METER}", sgc = "600001"}}]
        """)
    process = start("--key-file", keys, "--log-level", "debug")
    peer = process.peer().sign_on()
    sold = peer.ask(helpers.request(PURCHASE, reference=peer.inquire()))
    store = read_key_file(keys)
    card = store.card(Drn(METER))
    token = decode(sold[table.TOKEN], store.key_of(card).decoder_key.cipher())
    assert token["amount"] * 10 == sold[table.ENERGY].in_units(2)
    assert "note: test keys: meters that the key file does not name" in process.log
    assert secret[:12] not in process.log


def test_a_changed_contract_counts_at_the_next_request(start, helpers, tmp_path):
    peer = start().peer().sign_on()
    order = {"paid": 20_000, "reference": peer.inquire(paid=20_000)}
    with open_depot(tmp_path / "vending.db") as depot:
        customer = depot.run(lambda storage: storage.customer(Drn(METER)))
        depot.run(lambda storage: storage.change_customer(replace(customer, tariff="R1", va=2200)))
    assert peer.ask(helpers.request(PURCHASE, **order))[table.POWER_CATEGORY] == 2200


def test_expired_references_are_swept_and_answered_as_before(counter, helpers):
    sold, unsold, dead = (counter.inquire() for _ in range(3))
    counter.ask(helpers.request(PURCHASE, reference=sold))
    counter.ask(helpers.request(Mti.ADVICE_REQUEST, reference=dead))
    counter.now += timedelta(seconds=counter.registry.reference_seconds + 1)

    def codes():
        types = PURCHASE, Mti.ADVICE_REQUEST, PURCHASE
        return [[counter.code(helpers.request(mti, reference=r)) for mti in types] for r in (sold, unsold, dead)]

    before = codes()
    assert before == [["0098", "0000", "0098"], ["0098", "0096", "0098"], ["0098", "0096", "0098"]]
    assert counter.depot.run(lambda storage: storage.forget_references(counter.now, 100)) == 2
    assert codes() == before


def test_the_sweeper_goes_on_after_trouble(tmp_path, helpers):
    now = helpers.NOON
    references = [
        Reference(f"{n:032X}", "10000D3", "0110000", Drn(METER), 1, now - KEPT + timedelta(minutes=n)) for n in (-1, 1)
    ]

    class Troubled(Committer):
        swept = 0

        async def run(self, job, patience_seconds, about=()):
            self.swept += 1
            if self.swept == 1:
                raise FileError("the disk is full")
            forgotten = await super().run(job, patience_seconds, about)
            done.set()
            return forgotten

    done = asyncio.Event()

    async def work():
        with open_depot(tmp_path / "vending.db") as depot:
            depot.run(lambda storage: [storage.add_reference(reference) for reference in references])
        async with Troubled(lambda: open_depot(tmp_path / "vending.db")) as committer:
            sweeping = asyncio.create_task(sweep(committer, lambda: now, seconds=0.001))
            await done.wait()
            sweeping.cancel()
            with suppress(asyncio.CancelledError):
                await sweeping

    asyncio.run(work())
    with open_depot(tmp_path / "vending.db") as depot:
        assert depot.run(lambda storage: [storage.reference(each.number) for each in references]) == [None, references[1]]
