"""What every Acquirer promises: here the real gateway over TCP to the pretend card network."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from support.channels import CardTown, Shop, asked_again, card_town, run
from xiaopos.gateways.card_networks import CardNetworks
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason
from xiaopos.keys import PinFormat
from xiaopos.keys.suites import NETWORK_SUITES
from xiaopos.payments.answers import Approved, Declined, OutcomeUnknown
from xiaopos.payments.payment import CardKind, Kind, Payment
from xiaopos.payments.routing import RouteRule
from xiaopos.payments.states import State
from xiaopos.simulator.moods import Mood, Stage, Trouble
from xiaopos.usecases.notices import ScriptNotice

FULL = 10_000_000


async def sells(town: CardTown, minor: int = 2_500, card: str = "debit") -> Payment:
    """An approved sale, with what the books keep of its answer."""
    sale = town.shop.sale(minor, card)
    answer = await town.acquirer.authorise(sale, town.shop.means(card))
    assert isinstance(answer, Approved), answer
    return replace(sale, state=State.APPROVED, approval_code=answer.approval_code, amount=answer.amount or sale.amount)


def test_a_sale_with_the_right_pin_is_approved_and_takes_the_money() -> None:
    async def story() -> None:
        async with card_town() as town:
            sale = town.shop.sale(2_500)
            answer = await town.acquirer.authorise(sale, town.shop.means(pin="123456"))
            assert isinstance(answer, Approved)
            assert (answer.response_code, answer.amount, answer.channel_ref) == ("00", None, sale.rrn)
            assert (answer.card_kind, answer.issuer, len(answer.approval_code)) == (CardKind.DEBIT, "测试银行", 6)
            assert town.network.balance("debit") == FULL - 2_500

    run(story())


def test_a_pin_without_the_card_number_in_it_is_translated_too() -> None:
    async def story() -> None:
        async with card_town() as town:
            means = town.shop.means("credit", pin="123456", form=PinFormat.NO_PAN)
            answer = await town.acquirer.authorise(town.shop.sale(100, "credit"), means)
            assert isinstance(answer, Approved)
            assert answer.card_kind is CardKind.CREDIT

    run(story())


@pytest.mark.parametrize("suite", NETWORK_SUITES)
@pytest.mark.parametrize(("pin", "reason"), [("123456", None), ("654321", Reason.PIN_WRONG)])
def test_a_channel_of_any_suite_carries_pins_and_macs(suite: str, pin: str, reason: Reason | None) -> None:
    async def story() -> None:
        async with card_town(suite=NETWORK_SUITES[suite]) as town:
            answer = await town.acquirer.authorise(town.shop.sale(100), town.shop.means(pin=pin))
            assert (answer.reason if isinstance(answer, Declined) else None) is reason
            assert isinstance(answer, Approved) is (reason is None)

    run(story())


@pytest.mark.parametrize(
    ("card", "pin", "minor", "reason"),
    [
        ("poor", "123456", 101, Reason.BALANCE_TOO_LOW),
        ("debit", "654321", 100, Reason.PIN_WRONG),
        ("locked", "123456", 100, Reason.PIN_TRIES_OVER),
        ("lost", "", 100, Reason.CARD_LOST),
        ("expired", "", 100, Reason.CARD_EXPIRED),
    ],
)
def test_each_test_card_is_declined_for_its_reason(card: str, pin: str, minor: int, reason: Reason) -> None:
    async def story() -> None:
        async with card_town() as town:
            before = town.network.balance(card)
            answer = await town.acquirer.authorise(town.shop.sale(minor, card), town.shop.means(card, pin=pin))
            assert isinstance(answer, Declined)
            assert answer.reason is reason
            assert town.network.balance(card) == before

    run(story())


def test_half_of_the_amount_can_be_approved() -> None:
    async def story() -> None:
        async with card_town() as town:
            await town.network.set_mood(Mood(Trouble.ANSWER_CODE, code="10"))
            answer = await town.acquirer.authorise(town.shop.sale(1_000), town.shop.means())
            assert isinstance(answer, Approved)
            assert answer.amount == Money(500)
            assert town.network.balance("debit") == FULL - 500

    run(story())


@pytest.mark.parametrize("trouble", [Trouble.DROP_LINE, Trouble.LOSE_ANSWER, Trouble.SPOIL_SEAL])
def test_an_answer_that_is_lost_leaves_the_outcome_unknown_and_a_reversal_gives_the_money_back(
    trouble: Trouble,
) -> None:
    async def story() -> None:
        async with card_town() as town:
            await town.network.set_mood(Mood(trouble))
            sale = town.shop.sale(2_500)
            answer = await town.acquirer.authorise(sale, town.shop.means())
            assert isinstance(answer, OutcomeUnknown)
            assert town.network.balance("debit") == FULL - 2_500
            assert await town.acquirer.until_ready(5)
            for _ in range(2):
                assert isinstance(await town.acquirer.reverse(asked_again(sale), None), Approved)
                assert town.network.balance("debit") == FULL

    run(story())


def test_a_reversal_of_what_never_came_is_done_and_its_late_original_is_refused() -> None:
    async def story() -> None:
        async with card_town() as town:
            await town.network.set_mood(Mood(Trouble.LOSE_REQUEST))
            sale = town.shop.sale(2_500)
            assert isinstance(await town.acquirer.authorise(sale, town.shop.means()), OutcomeUnknown)
            answer = await town.acquirer.reverse(asked_again(sale), None)
            assert isinstance(answer, Approved)
            assert answer.response_code == "25"
            late = await town.acquirer.authorise(sale, town.shop.means())
            assert isinstance(late, Declined)
            again = await town.acquirer.reverse(asked_again(sale), None)
            assert isinstance(again, Approved)
            assert town.network.balance("debit") == FULL

    run(story())


def test_a_lost_reversal_is_asked_again_until_it_is_known() -> None:
    async def story() -> None:
        async with card_town() as town:
            sale = await sells(town)
            await town.network.set_mood(Mood(Trouble.LOSE_ANSWER, stage=Stage.UNDO))
            assert isinstance(await town.acquirer.reverse(sale, None), OutcomeUnknown)
            assert isinstance(await town.acquirer.reverse(sale, None), Approved)
            assert town.network.balance("debit") == FULL

    run(story())


def test_an_answer_that_comes_late_is_told_to_the_house() -> None:
    async def story() -> None:
        async with card_town() as town:
            await town.network.set_mood(Mood(Trouble.LATE, seconds=0.45))
            sale = town.shop.sale(2_500)
            assert isinstance(await town.acquirer.authorise(sale, town.shop.means()), OutcomeUnknown)
            await asyncio.sleep(0.4)
            [(rrn, late)] = town.late
            assert (rrn, late.approved, late.amount_minor) == (sale.rrn, True, 2_500)

    run(story())


def test_an_answer_told_twice_is_taken_once() -> None:
    async def story() -> None:
        async with card_town() as town:
            await town.network.set_mood(Mood(Trouble.REPEAT_ANSWER))
            await sells(town)
            await sells(town)
            assert town.acquirer.counts.unmatched == 1
            assert not town.late

    run(story())


def test_a_void_gives_the_whole_amount_back_and_its_reversal_takes_it_again() -> None:
    async def story() -> None:
        async with card_town() as town:
            sale = await sells(town)
            void = town.shop.undoing(Kind.VOID, sale)
            assert isinstance(await town.acquirer.void(void, sale, None), Approved)
            assert town.network.balance("debit") == FULL
            assert isinstance(await town.acquirer.reverse(void, sale), Approved)
            assert town.network.balance("debit") == FULL - 2_500
            again = town.shop.undoing(Kind.VOID, sale)
            assert isinstance(await town.acquirer.void(again, sale, town.shop.means()), Approved)

    run(story())


def test_a_void_of_a_sale_that_the_network_does_not_know_is_refused() -> None:
    async def story() -> None:
        async with card_town() as town:
            sale = town.shop.sale(2_500)
            answer = await town.acquirer.void(town.shop.undoing(Kind.VOID, sale), sale, None)
            assert isinstance(answer, Declined)
            assert answer.reason is Reason.ORIGINAL_UNKNOWN

    run(story())


def test_a_refund_asked_twice_is_done_once() -> None:
    async def story() -> None:
        async with card_town() as town:
            sale = await sells(town)
            refund = town.shop.undoing(Kind.REFUND, sale, 1_000)
            await town.network.set_mood(Mood(Trouble.LOSE_ANSWER))
            assert isinstance(await town.acquirer.refund(refund, sale, None), OutcomeUnknown)
            assert isinstance(await town.acquirer.refund(asked_again(refund), sale, None), Approved)
            assert isinstance(await town.acquirer.refund(asked_again(refund), sale, None), Approved)
            assert town.network.balance("debit") == FULL - 1_500

    run(story())


def test_a_refund_of_more_than_remains_is_refused() -> None:
    async def story() -> None:
        async with card_town() as town:
            sale = await sells(town)
            answer = await town.acquirer.refund(town.shop.undoing(Kind.REFUND, sale, 2_501), sale, None)
            assert isinstance(answer, Declined)

    run(story())


def test_a_refund_is_never_reversed() -> None:
    async def story() -> None:
        async with card_town() as town:
            refund = town.shop.payment(100, kind=Kind.REFUND)
            answer = await town.acquirer.reverse(refund, None)
            assert isinstance(answer, Declined)
            assert answer.reason is Reason.TRANSACTION_UNSUPPORTED

    run(story())


def test_while_the_network_is_down_nothing_leaves_and_afterwards_all_is_well() -> None:
    async def story() -> None:
        async with card_town() as town:
            sale = await sells(town)
            refund = town.shop.undoing(Kind.REFUND, sale)
            await town.network.set_mood(Mood(Trouble.DOWN))
            await asyncio.sleep(0.05)
            for pin in ("", "123456"):
                answer = await town.acquirer.authorise(town.shop.sale(100), town.shop.means(pin=pin))
                assert isinstance(answer, Declined)
                assert answer.reason is Reason.CHANNEL_UNAVAILABLE
            reversal = await town.acquirer.reverse(sale, None)
            assert isinstance(reversal, Declined)
            assert reversal.reason is Reason.CHANNEL_UNAVAILABLE
            # The first ask of this refund may have been done: that the second did not leave says nothing.
            assert isinstance(await town.acquirer.refund(asked_again(refund), sale, None), OutcomeUnknown)
            assert isinstance(await town.acquirer.refund(refund, sale, None), Declined)
            await town.network.lift_moods()
            assert await town.acquirer.until_ready(5)
            await sells(town)

    run(story())


def test_the_network_remembers_over_a_restart(tmp_path: Path) -> None:
    async def story() -> None:
        shop = Shop()
        async with card_town(tmp_path / "network.sqlite3", shop=shop) as town:
            sale = await sells(town)
        async with card_town(tmp_path / "network.sqlite3", shop=shop) as town:
            assert town.network.balance("debit") == FULL - 2_500
            assert isinstance(await town.acquirer.reverse(sale, None), Approved)
            [known] = town.network.transactions()
            assert (known.rrn, known.state, town.network.balance("debit")) == (sale.rrn, "reversed", FULL)

    run(story())


def test_the_line_works_on_the_faster_loop_too() -> None:
    async def story() -> None:
        async with card_town() as town:
            sale = await sells(town)
            await town.network.set_mood(Mood(Trouble.DOWN))
            await asyncio.sleep(0.05)
            await town.network.lift_moods()
            assert await town.acquirer.until_ready(5)
            assert isinstance(await town.acquirer.reverse(sale, None), Approved)

    uvloop = pytest.importorskip("uvloop", reason="uvloop does not exist on this platform")
    uvloop.run(story())


def test_many_sales_at_once_each_get_their_own_answer() -> None:
    async def story() -> None:
        async with card_town(answer_timeout_s=5.0) as town:
            sales = [town.shop.sale(100 + number) for number in range(60)]
            answers = await asyncio.gather(*(town.acquirer.authorise(sale, town.shop.means()) for sale in sales))
            told = [answer.channel_ref for answer in answers if isinstance(answer, Approved)]
            assert told == [sale.rrn for sale in sales]
            assert town.network.balance("debit") == FULL - sum(sale.amount.minor for sale in sales)

    run(story())


def test_when_one_networks_line_is_cut_cards_go_to_the_other_and_no_payment_to_both() -> None:
    async def story() -> None:
        shop = Shop()
        async with card_town(shop=shop) as first, card_town(shop=shop) as second:
            networks = CardNetworks(
                {"unionpay": first.acquirer, "spare": second.acquirer},
                (RouteRule(("unionpay", "spare")),),
                clock=shop.clock,
            )
            means = shop.means()
            assert list(networks.route(means.pan)) == ["unionpay", "spare"]
            sale = shop.sale(2_500)
            assert isinstance(await networks.authorise(sale, means), Approved)
            assert first.network.balance("debit") == FULL - 2_500
            await first.network.stop()
            while first.acquirer.is_ready:
                await asyncio.sleep(0.01)
            cut = await networks.authorise(shop.sale(100), means)
            assert isinstance(cut, Declined)
            assert cut.never_left
            assert list(networks.route(means.pan)) == ["spare", "unionpay"]
            other = replace(shop.sale(700), channel="spare")
            assert isinstance(await networks.authorise(other, means), Approved)
            assert second.network.balance("debit") == FULL - 700
            assert isinstance(await networks.void(shop.undoing(Kind.VOID, other), other, None), Approved)
            assert second.network.balance("debit") == FULL

    run(story())


def test_a_tip_is_told_on_its_sales_card_told_again_once_and_can_be_voided_and_paid_back() -> None:
    async def story() -> None:
        async with card_town() as town:
            sale = await sells(town, 10_000)
            for undo in (town.acquirer.void, town.acquirer.refund):
                tip = replace(town.shop.undoing(Kind.TIP, sale, 1_000), card=sale.card, advice=True)
                told = await town.acquirer.advise(tip, None)
                again = await town.acquirer.advise(replace(tip, state=State.UNKNOWN), None)
                assert isinstance(told, Approved)
                assert isinstance(again, Approved)
                assert town.network.balance("debit") == FULL - 11_000
                taken = replace(tip, state=State.APPROVED, approval_code=told.approval_code)
                kind = Kind.VOID if undo == town.acquirer.void else Kind.REFUND
                undoing = replace(town.shop.undoing(kind, taken), card=tip.card)
                assert isinstance(await undo(undoing, taken, None), Approved)
                assert town.network.balance("debit") == FULL - 10_000

    run(story())


def script_of(sale: Payment) -> ScriptNotice:
    """What Mei's chip said of the issuer's script."""
    told = (("95", "0000000000"), ("9F26", "11" * 8))
    return ScriptNotice(
        sale.merchant_id, sale.payment_id, sale.terminal_id, 1, 9, sale.received_at, "2000000001", told
    )  # fmt: skip


SCRIPT_SAID = "95050000000000" + "9F2608" + "11" * 8 + "DF31052000000001"


def test_what_came_of_a_script_is_told_once_however_often_it_is_told() -> None:
    async def story() -> None:
        async with card_town() as town:
            sale = await sells(town)
            for trouble in (Trouble.LOSE_ANSWER, Trouble.SPOIL_SEAL, Trouble.LOSE_REQUEST):
                await town.network.set_mood(Mood(trouble, stage=Stage.UNDO))
                assert isinstance(await town.acquirer.tell_script(script_of(sale), sale, None), OutcomeUnknown)
                assert await town.acquirer.until_ready(5)
            for _ in range(2):
                assert isinstance(await town.acquirer.tell_script(script_of(sale), sale, None), Approved)
            assert town.network.scripts() == [(sale.rrn, SCRIPT_SAID)]
            assert town.network.balance("debit") == FULL - 2_500, "it moves nothing"

    run(story())


def test_a_script_of_what_the_network_does_not_know_is_refused_for_good() -> None:
    async def story() -> None:
        async with card_town() as town:
            sale = town.shop.sale(2_500)
            for _ in range(2):
                answer = await town.acquirer.tell_script(script_of(sale), sale, None)
                assert isinstance(answer, Declined)
                assert (answer.reason, answer.response_code) == (Reason.ORIGINAL_UNKNOWN, "25")
                await town.acquirer.reverse(asked_again(sale), None)
            assert town.network.scripts() == []

    run(story())


@pytest.mark.parametrize(
    ("code", "is_final"), [("96", False), ("91", False), ("68", False), ("30", True), ("12", True)]
)
def test_a_network_that_is_not_ready_for_a_script_is_told_again(code: str, is_final: bool) -> None:
    async def story() -> None:
        async with card_town() as town:
            sale = await sells(town)
            await town.network.set_mood(Mood(Trouble.ANSWER_CODE, stage=Stage.UNDO, code=code))
            answer = await town.acquirer.tell_script(script_of(sale), sale, None)
            assert isinstance(answer, Declined if is_final else OutcomeUnknown)
            assert town.network.scripts() == []

    run(story())


def test_a_script_of_a_card_that_cannot_be_named_or_without_a_line_waits() -> None:
    async def story() -> None:
        async with card_town() as town:
            sale = await sells(town)
            nameless = replace(sale, card=None)
            assert isinstance(await town.acquirer.tell_script(script_of(sale), nameless, None), OutcomeUnknown)
            await town.acquirer.stop()
            answer = await town.acquirer.tell_script(script_of(sale), sale, None)
            assert isinstance(answer, Declined)
            assert (answer.never_left, answer.response_code) == (True, "")

    run(story())
