"""The desk with a switching that is played: the guide's example, every refusal, repeats, PINs, parallel orders."""

import asyncio
from datetime import timedelta

import pytest

from pln_sim.reseller.trade import AlreadySettled, NotSold, Sold, State, Suspect

TOKEN = "64288330794833777707"
ORDER = "PLN20.01105574222.1234"
GUIDE_REPLY = "Trx PLN20K01105574222 BERHASIL Harga: Rp.19120 SN:64288330794833777707 Saldo 492175"
PENDING = "PENDING Harga: Rp.19120 Alasan: menunggu kepastian dari PLN, jangan diulang Saldo 492175"


class Seller:
    """A switching that says what it is told to, and remembers what it was asked."""

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)
        self.bought = []

    async def __call__(self, trade):
        self.bought.append(trade)
        outcome = self.outcomes.pop(0) if self.outcomes else Sold(f"{len(self.bought):020}")
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@pytest.fixture
def talk(book, new_desk, helpers):
    """``talk(seller, *texts)``: the answers to some messages of the guide's kiosk."""
    helpers.open_account(book)

    def say(seller, *texts, sender=helpers.SENDER):
        desk, clock = new_desk(seller)

        async def converse():
            answers = []
            for text in texts:
                if isinstance(text, timedelta):
                    clock.now += text
                else:
                    answers.append(await desk.answer(f"{sender} {text}"))
            return answers

        return asyncio.run(converse())

    yield say
    assert book.faults() == []
    assert sum(book.balances().values()) == 0


def test_the_guide_s_example_to_the_letter(talk, book):
    seller = Seller(Sold(TOKEN))
    assert talk(seller, ORDER) == [GUIDE_REPLY]
    (trade,) = seller.bought
    assert (trade.meter, trade.amount) == ("01105574222", 1_840_000)
    assert book.balances() == {
        "deposit 081234567890": 49_217_500,
        "held": 0,
        "margin": 72_000,
        "paid in": -51_129_500,
        "switching": 1_840_000,
    }


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("PLN20.01105574222.9999", "Trx PLN20K01105574222 GAGAL Alasan: PIN salah, sisa 2 kali"),
        ("PL21.01105574222.1234", "Trx PL21K01105574222 GAGAL Alasan: kode produk tidak dikenal Saldo 511295"),
        ("PL1000.01105574222.1234", "Trx PL1000K01105574222 GAGAL Alasan: saldo tidak cukup Saldo 511295"),
        ("PLN20.0110557422.1234", "Trx GAGAL Alasan: format salah, nomor meter harus 11 angka"),
        ("PLN20.01105574222", "Trx GAGAL Alasan: format salah, tulis KODE.NoKartuKWH.PIN"),
        ("PLN20.01105574222.1234.2", "Trx GAGAL Alasan: format salah, tulis KODE.NoKartuKWH.PIN"),
        ("PLN20.01105574222.12", "Trx GAGAL Alasan: format salah, tulis KODE.NoKartuKWH.PIN"),
        ("", "Trx GAGAL Alasan: format salah, tulis KODE.NoKartuKWH.PIN"),
        ("." * 200, "Trx GAGAL Alasan: format salah, tulis KODE.NoKartuKWH.PIN"),
        ("PLN20.٠١١٠٥٥٧٤٢٢٢.1234", "Trx GAGAL Alasan: format salah, nomor meter harus 11 angka"),
        ("BALANCE.1234", "Saldo 511295"),
        ("saldo.1234", "Saldo 511295"),
        ("BALANCE.123456", "Trx GAGAL Alasan: PIN salah, sisa 2 kali"),
        ("BALANCE", "Trx GAGAL Alasan: format salah, tulis BALANCE.PIN"),
        ("REPEAT.1234", "Trx GAGAL Alasan: belum ada transaksi"),
        ("PRICES.PLN", "Harga PLN20=19120"),
        ("HARGA.XY", "Harga tidak ada"),
        ("PIN.1234.12", "Trx GAGAL Alasan: format salah, tulis PIN.LAMA.BARU, 4 sampai 6 angka"),
    ],
)
def test_an_answer_that_sells_nothing(talk, book, text, answer):
    seller = Seller()
    assert talk(seller, text) == [answer]
    assert seller.bought == book.trades() == []


def test_a_stranger_is_told_so_and_learns_nothing(talk):
    seller = Seller()
    answer = "Trx PLN20K01105574222 GAGAL Alasan: nomor pengirim belum terdaftar"
    assert talk(seller, ORDER, sender="0812999999") == [answer]
    assert talk(seller, ORDER, sender="nobody") == ["Trx GAGAL Alasan: format salah, baris harus NOMOR PESAN"]
    assert not seller.bought


def test_the_number_may_be_written_internationally(talk):
    assert talk(Seller(), "BALANCE.1234", sender="+6281234567890") == ["Saldo 511295"]


def test_what_was_not_sold_is_paid_back(talk):
    answers = talk(Seller(NotSold("nomor meter tidak dikenal")), ORDER, "BALANCE.1234")
    assert answers == ["Trx PLN20K01105574222 GAGAL Alasan: nomor meter tidak dikenal Saldo 511295", "Saldo 511295"]


MINUTES = timedelta(minutes=1)


@pytest.mark.parametrize("outcome", [Sold(TOKEN), NotSold("gangguan"), Suspect("silence")])
def test_a_repeated_order_gets_the_first_one_s_answer(talk, outcome):
    seller = Seller(outcome)
    first, second, third = talk(seller, ORDER, ORDER.lower(), 5 * MINUTES - timedelta(seconds=1), ORDER)
    assert first == second == third
    assert len(seller.bought) == 1


def test_after_five_minutes_it_is_another_order(talk):
    seller = Seller()
    first, second = talk(seller, ORDER, 5 * MINUTES, ORDER)
    assert len(seller.bought) == 2
    assert (first.split()[-1], second.split()[-1]) == ("492175", "473055")


@pytest.mark.parametrize("other", ["PL20.01105574222.1234", "PLN20.12345678911.1234"])
def test_another_product_or_meter_is_another_order(talk, other):
    seller = Seller()
    talk(seller, ORDER, other)
    assert len(seller.bought) == 2


def test_a_repeat_is_known_after_a_restart(talk):
    first = talk(Seller(Sold(TOKEN)), ORDER)
    seller = Seller()
    assert talk(seller, ORDER) == first == [GUIDE_REPLY]
    assert not seller.bought


def test_the_repeat_command_says_the_last_answer_or_that_for_a_meter(talk):
    other = "PL20.12345678911.1234"
    first, second, last, of_meter, none = talk(
        Seller(), ORDER, other, "REPEAT.1234", "ULANG.01105574222.1234", "REPEAT.99999999999.1234"
    )
    assert (last, of_meter, none) == (second, first, "Trx GAGAL Alasan: belum ada transaksi")


def test_three_wrong_pins_lock_and_the_right_one_opens_nothing(talk, book, helpers):
    wrong = "BALANCE.9999"
    locked = "Trx GAGAL Alasan: terkunci karena PIN salah 3 kali, hubungi admin"
    answers = talk(Seller(), wrong, wrong, wrong, "BALANCE.1234", ORDER)
    assert answers[0].endswith("sisa 2 kali")
    assert answers[1].endswith("sisa 1 kali")
    assert answers[2:4] == [locked, locked]
    assert "terkunci" in answers[4]
    assert "Saldo" not in " ".join(answers)
    assert book.unlock(helpers.SENDER)
    assert talk(Seller(), "BALANCE.1234") == ["Saldo 511295"]


def test_a_right_pin_forgets_the_wrong_ones(talk):
    answers = talk(Seller(), *["BALANCE.9999", "BALANCE.9999", "BALANCE.1234"] * 3)
    assert answers[2::3] == ["Saldo 511295"] * 3


def test_many_tries_at_once_are_no_more_than_three(talk, book, new_desk, helpers):
    desk, _ = new_desk(Seller())

    async def storm():
        return await asyncio.gather(*(desk.answer(f"{helpers.SENDER} BALANCE.{pin}") for pin in range(9990, 9999)))

    answers = asyncio.run(storm())
    assert sum("PIN salah, sisa" in answer for answer in answers) == 2
    assert sum("terkunci" in answer for answer in answers) == 7


def test_another_pin(talk):
    answers = talk(Seller(), "PIN.1234.567890", "BALANCE.1234", "BALANCE.567890")
    assert answers == ["PIN diganti", "Trx GAGAL Alasan: PIN salah, sisa 2 kali", "Saldo 511295"]


def test_suspect_money_stays_held_until_somebody_decides(talk, book, helpers):
    assert talk(Seller(Suspect("silence")), ORDER) == [f"Trx PLN20K01105574222 {PENDING}"]
    (account,) = book.accounts()
    assert (account.balance, account.held, book.balances()["held"]) == (49_217_500, 1_912_000, 1_912_000)
    (trade,) = book.undecided()
    settled = book.settle(trade.receipt_reference, Sold(TOKEN), helpers.NOW)
    assert (settled.state, book.undecided(), book.balances()["held"]) == (State.SOLD, [], 0)
    assert talk(Seller(), "REPEAT.1234") == [GUIDE_REPLY]


def test_settling_twice_is_no_harm_and_settling_otherwise_is_refused(talk, book, helpers):
    talk(Seller(Suspect("silence")), ORDER)
    reference = book.undecided()[0].receipt_reference
    for _ in range(2):
        assert book.settle(reference, NotSold("rekonsiliasi"), helpers.NOW).state is State.NOT_SOLD
    before = book.balances()
    with pytest.raises(AlreadySettled, match="not sold already"):
        book.settle(reference, Sold(TOKEN), helpers.NOW)
    assert book.settle(reference, Suspect("late news"), helpers.NOW).state is State.NOT_SOLD
    assert book.settle("no such trade", Sold(TOKEN), helpers.NOW) is None
    assert book.balances() == before


def test_a_buyer_that_breaks_leaves_the_money_held(talk, book):
    (answer,) = talk(Seller(RuntimeError(TOKEN)), ORDER)
    assert "PENDING" in answer
    assert [trade.state for trade in book.undecided()] == [State.UNDER_WAY]


def test_parallel_orders_never_overdraw(talk, book, new_desk, helpers):
    """26 of them can be paid; 40 come at once, half of them twice."""
    seller = Seller()
    desk, _ = new_desk(seller)
    meters = [f"{number:011}" for number in range(40)]

    async def storm():
        orders = [desk.answer(f"{helpers.SENDER} PLN20.{meter}.1234") for meter in (*meters, *meters[::2])]
        return await asyncio.gather(*orders)

    answers = asyncio.run(storm())
    affordable = 511_295 // 19_120
    assert len(seller.bought) == len({trade.meter for trade in seller.bought}) == affordable
    assert {answer for answer in answers if "GAGAL" in answer} != set()
    assert all("saldo tidak cukup" in answer for answer in answers if "BERHASIL" not in answer)
    assert book.balances()["deposit 081234567890"] == (511_295 - affordable * 19_120) * helpers.RUPIAH


def test_no_pin_and_no_token_in_reprs_and_logs(talk, caplog, book, new_desk):
    import logging

    from pln_sim.reseller import log
    from pln_sim.reseller.request import parse

    caplog.set_level(logging.DEBUG, logger=log.LOGGER.name)
    log.LOGGER.propagate = True
    talk(Seller(Sold(TOKEN)), "PLN20.01105574222.987654", ORDER, "PIN.1234.555777", ORDER)
    assert "event=sold" in caplog.text
    for secret in ("987654", "1234.", "555777", TOKEN):
        assert secret not in caplog.text
    assert "1234" not in repr(parse("BALANCE.1234")) + repr(parse("PIN.1234.5678")) + repr(Sold("1234"))
    content = "".join(book._connection.iterdump())
    assert "987654" not in content
    assert "'1234'" not in content
