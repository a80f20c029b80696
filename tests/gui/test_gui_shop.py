"""The shop panel: what is bought, what is due and what is refused, and the slip until its token is in the meter."""

import threading

from meter_gui import palette
from meter_gui.actions import Buy, TypeToken
from meter_gui.scene import Box
from meter_gui.shop import Refusal, Slip


def test_power_is_bought_and_keyed_in(open_window, credit_token, shop_of, slip_of):
    token = credit_token(1000, 1170)
    orders = []

    def buy(drn: str, cents: int) -> Slip:
        orders.append((drn, cents, threading.current_thread().name))
        return slip_of(token)

    hand = open_window(shop=shop_of(buy))
    hand.click(Buy("PL50"))
    hand.desk.wait_for_shop(hand.real)
    assert orders == [("12345678911", 48_400_00, "shop_0")]
    hand.keys(token[:10])
    hand.click(TypeToken())
    hand.wait(5)
    assert hand.lcd[0] in ("BENAR", "117.00 kWh")
    assert hand.stored().state.history.credit_tokens == 1


def test_what_was_bought_and_never_keyed_in_is_shown_until_it_is(open_window, shop_of, credit_token, slip_of):
    slip = slip_of(credit_token(1000, 10))._replace(number=7)
    told: list[Slip] = []
    hand = open_window(shop=shop_of(due=lambda drn: slip, keyed_in=told.append))
    hand.desk.ask_what_is_due()
    hand.desk.wait_for_shop(hand.real)
    assert hand.desk.view.counter.slip == slip
    hand.keys("00000000000000000001<E>" * 3)
    hand.click(TypeToken())
    hand.wait(5)
    assert hand.lcd[0].startswith("TUNGGU")
    hand.wait(60, step=1)
    assert hand.desk.view.story.verdict == "LockedOut (15)"
    hand.click(TypeToken())
    hand.wait(5)
    assert hand.lcd[0] == "BENAR"
    hand.desk.close(hand.real)
    assert told == [slip]


def test_a_token_that_the_meter_had_before_is_told_of(open_window, shop_of, new_meter, credit_token, slip_of):
    token = credit_token(1000, 10)
    meter, _ = new_meter().enter(token, new_meter().state.clock)
    told: list[Slip] = []
    hand = open_window(meter, shop_of(due=lambda drn: slip_of(token)._replace(number=7), keyed_in=told.append))
    hand.desk.ask_what_is_due()
    hand.desk.wait_for_shop(hand.real)
    hand.desk.close(hand.real)
    assert [slip.number for slip in told] == [7]


def test_a_slip_whose_token_is_in_the_meter_says_so_and_offers_no_typing(open_window, credit_token, shop_of, slip_of):
    first, second, third = (credit_token(tid, 10) for tid in (1000, 2000, 3000))
    answers = iter((first, second, third))
    hand = open_window(shop=shop_of(lambda drn, cents: slip_of(next(answers))))

    def buy() -> None:
        hand.click(Buy("PL20"))
        hand.desk.wait_for_shop(hand.real)

    def offers_typing() -> bool:
        return TypeToken() in [target.action for target in hand.scene.targets]

    buy()
    assert "In the meter" not in hand.texts()
    assert offers_typing()
    for keys in (f"{first}<E>", "123<E>", f"{second}<E>"):
        hand.keys(keys)
        assert "In the meter" in hand.texts()
        assert "Key in these 20 digits, then the green key" not in hand.texts()
        assert not offers_typing()
    buy()
    assert not offers_typing(), "keyed in before the slip was there"
    buy()
    assert "In the meter" not in hand.texts()
    assert offers_typing()


def test_the_slip_and_the_button_are_reconciled_by_the_fee(open_window, credit_token, shop_of, slip_of):
    hand = open_window(shop=shop_of(lambda drn, cents: slip_of(credit_token(1000, 10))._replace(amount=cents)))
    hand.click(Buy("PL75"))
    hand.desk.wait_for_shop(hand.real)
    assert "Rp 73.550" in hand.texts()
    assert "PL75: Rp 75.000 - fee Rp 1.600 = Rp 73.400; the kiosk pays Rp 73.550" in hand.texts()


def test_nothing_due_is_nothing_to_see(open_window, shop_of):
    hand = open_window(shop=shop_of())
    before = hand.scene
    hand.desk.ask_what_is_due()
    hand.desk.wait_for_shop(hand.real)
    assert hand.scene == before


def test_the_window_goes_on_while_the_shop_is_busy(open_window, shop_of):
    may_answer = threading.Event()

    def buy(drn: str, cents: int) -> Refusal:
        assert may_answer.wait(10)
        return Refusal("not sold: 0091 the link is down")

    hand = open_window(shop=shop_of(buy))
    hand.click(Buy("PL20"))
    assert Buy("PL20") not in [target.action for target in hand.scene.targets]
    hand.desk.do(Buy("PL25"), hand.real)
    assert hand.desk.view.counter.pending == "PL20"
    hand.keys("123")
    assert hand.lcd == ("123", "3")
    may_answer.set()
    hand.desk.wait_for_shop(hand.real)
    assert "not sold: 0091 the link is down" in " ".join(hand.texts())


def test_a_shop_with_a_defect_says_so_and_gives_nothing_away(open_window, shop_of):
    def buy(drn: str, cents: int) -> Refusal:
        raise ValueError("abababababababab")

    hand = open_window(shop=shop_of(buy))
    hand.click(Buy("PL20"))
    hand.desk.wait_for_shop(hand.real)
    assert "ValueError" in hand.desk.view.counter.refusal
    assert "abab" not in " ".join(hand.texts())


def test_without_a_shop_nothing_is_sold(open_window):
    hand = open_window()
    assert not any(isinstance(target.action, Buy) for target in hand.scene.targets)


def test_digits_are_marked_on_the_slip_as_they_are_typed(open_window, credit_token, shop_of, slip_of):
    token = credit_token(1000, 10)
    hand = open_window(shop=shop_of(lambda drn, cents: slip_of(token)))
    hand.click(Buy("PL20"))
    hand.desk.wait_for_shop(hand.real)

    def marked(colour) -> int:
        shop = hand.target(TypeToken())
        return sum(isinstance(item, Box) and item.fill == colour and item.rect.y > shop.y for item in hand.scene.items)

    before = marked(palette.GREEN_GROUND)
    hand.keys(token[:7])
    assert marked(palette.GREEN_GROUND) - before == 7
    hand.keys("1" if token[7] != "1" else "2")
    assert marked(palette.GREEN_GROUND) - before == 7
    assert marked(palette.RED_GROUND) >= 1
