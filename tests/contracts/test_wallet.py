"""What every Wallet promises: each real gateway over HTTP to the pretend wallet that speaks its protocol."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from support.channels import Shop, WalletTown, asked_again, run
from support.wallets import WALLETS, TownMaker
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason
from xiaopos.payments.answers import Answer, Approved, Declined, OutcomeUnknown, PayerAsked
from xiaopos.payments.payment import CardKind, Kind, Method, Payment
from xiaopos.payments.states import State
from xiaopos.simulator.moods import Mood, Stage, Trouble

MEI, TAO = 2_000_000, 3_000


@pytest.fixture(params=sorted(WALLETS))
def wallet_town(request: pytest.FixtureRequest) -> TownMaker:
    """Each wallet in turn."""
    return WALLETS[request.param]


async def sells(town: WalletTown, minor: int = 2_500, customer: str = "mei") -> Payment:
    """An approved sale."""
    sale = town.sale(minor)
    assert isinstance(await town.wallet.pay(sale, town.code(customer)), Approved)
    return replace(sale, state=State.APPROVED)


def reason_of(answer: Answer) -> Reason:
    """Why it was declined."""
    assert isinstance(answer, Declined), answer
    return answer.reason


def test_mei_pays_with_her_code(wallet_town: TownMaker) -> None:
    async def story() -> None:
        async with wallet_town() as town:
            sale = town.sale(2_500)
            answer = await town.wallet.pay(sale, town.code("mei"))
            assert isinstance(answer, Approved)
            payer = town.payers.get("mei", "")
            assert (answer.payer, answer.card_kind, len(answer.channel_ref)) == (payer, CardKind.WALLET, 28)
            assert town.owns("mei") == MEI - 2_500
            assert await town.wallet.query(sale) == answer

    run(story())


def test_a_payment_asked_twice_is_taken_once(wallet_town: TownMaker) -> None:
    async def story() -> None:
        async with wallet_town() as town:
            sale, code = town.sale(2_500), town.code("mei")
            first = await town.wallet.pay(sale, code)
            assert await town.wallet.pay(sale, code) == first
            other = await town.wallet.pay(replace(sale, amount=Money(1)), code)
            assert reason_of(other) is Reason.REPEAT_DIFFERS
            assert town.owns("mei") == MEI - 2_500

    run(story())


def test_codes_that_cannot_pay_are_refused_for_their_reason(wallet_town: TownMaker) -> None:
    async def story() -> None:
        async with wallet_town() as town:
            used, old, stranger = town.code("mei"), town.code("mei"), town.code_of_nobody()
            await town.wallet.pay(town.sale(100), used)
            expired = town.told(Reason.PAYER_CODE_EXPIRED)
            assert reason_of(await town.wallet.pay(town.sale(100), used)) is expired
            town.shop.clock.pass_seconds(61)
            assert reason_of(await town.wallet.pay(town.sale(100), old)) is expired
            assert reason_of(await town.wallet.pay(town.sale(100), stranger)) is town.told(Reason.PAYER_CODE_UNKNOWN)
            assert reason_of(await town.wallet.pay(town.sale(3_001), town.code("tao"))) is Reason.BALANCE_TOO_LOW
            limit = town.told(Reason.ISSUER_LIMIT)
            assert reason_of(await town.wallet.pay(town.sale(2_501), town.code("tao"))) is limit
            assert town.owns("tao") == TAO

    run(story())


def test_above_the_threshold_the_customer_is_asked_and_may_refuse(wallet_town: TownMaker) -> None:
    async def story() -> None:
        async with wallet_town() as town:
            sale, refused = town.sale(20_001), town.sale(20_001)
            assert isinstance(await town.wallet.pay(sale, town.code("mei")), PayerAsked)
            assert isinstance(await town.wallet.query(sale), PayerAsked)
            assert town.trades.confirm("mei", sale.payment_id) is not None
            assert isinstance(await town.wallet.query(sale), Approved)
            assert isinstance(await town.wallet.pay(refused, town.code("mei")), PayerAsked)
            assert town.trades.decline("mei", refused.payment_id) is not None
            assert reason_of(await town.wallet.query(refused)) is town.told(Reason.PAYER_REFUSED)
            assert town.owns("mei") == MEI - 20_001

    run(story())


def test_a_customer_who_does_not_answer_is_too_slow(wallet_town: TownMaker) -> None:
    async def story() -> None:
        async with wallet_town() as town:
            sale = town.sale(20_001)
            await town.wallet.pay(sale, town.code("mei"))
            town.shop.clock.pass_seconds(town.too_slow_s)
            assert reason_of(await town.wallet.query(sale)) is town.told(Reason.PAYER_TOO_SLOW)
            assert town.trades.confirm("mei", sale.payment_id) is None

    run(story())


def test_a_shop_code_is_shown_scanned_and_paid(wallet_town: TownMaker) -> None:
    async def story() -> None:
        async with wallet_town() as town:
            sale = town.sale(2_500, Method.SHOP_CODE)
            shown = await town.wallet.show_code(sale)
            assert isinstance(shown, PayerAsked)
            assert isinstance(await town.wallet.query(sale), PayerAsked)
            assert town.trades.scan("mei", shown.shown_code) is not None
            assert town.trades.scan("tao", shown.shown_code) is None
            assert town.trades.confirm("mei", sale.payment_id) is not None
            assert isinstance(await town.wallet.query(sale), Approved)
            assert town.owns("mei") == MEI - 2_500

    run(story())


def test_a_shop_code_whose_answer_is_lost_is_refused_since_nobody_can_pay_it(wallet_town: TownMaker) -> None:
    async def story() -> None:
        async with wallet_town() as town:
            await town.server.set_mood(Mood(Trouble.LOSE_ANSWER))
            answer = await town.wallet.show_code(town.sale(2_500, Method.SHOP_CODE))
            assert reason_of(answer) is Reason.CHANNEL_UNAVAILABLE

    run(story())


@pytest.mark.parametrize("trouble", [Trouble.DROP_LINE, Trouble.LOSE_ANSWER, Trouble.SPOIL_SEAL, Trouble.LATE])
def test_an_answer_that_is_lost_leaves_the_outcome_unknown_until_it_is_asked_for(
    wallet_town: TownMaker, trouble: Trouble
) -> None:
    async def story() -> None:
        async with wallet_town() as town:
            await town.server.set_mood(Mood(trouble, seconds=1.0))
            sale = town.sale(2_500)
            assert isinstance(await town.wallet.pay(sale, town.code("mei")), OutcomeUnknown)
            await town.until_well()
            assert isinstance(await town.wallet.query(asked_again(sale)), Approved)
            assert isinstance(await town.undoes(asked_again(sale)), Approved)
            assert isinstance(await town.undoes(asked_again(sale)), Approved)
            assert town.owns("mei") == MEI

    run(story())


def test_a_request_that_was_lost_is_reversed_and_refused_when_it_comes_late(wallet_town: TownMaker) -> None:
    async def story() -> None:
        async with wallet_town() as town:
            await town.server.set_mood(Mood(Trouble.LOSE_REQUEST))
            sale, code = town.sale(2_500), town.code("mei")
            assert isinstance(await town.wallet.pay(sale, code), OutcomeUnknown)
            assert isinstance(await town.wallet.query(asked_again(sale)), OutcomeUnknown)
            assert isinstance(await town.undoes(asked_again(sale)), Approved)
            assert reason_of(await town.wallet.pay(sale, code)) is Reason.REVERSED_BEFORE
            assert town.owns("mei") == MEI

    run(story())


def test_an_order_that_waits_for_the_customer_can_be_closed(wallet_town: TownMaker) -> None:
    async def story() -> None:
        async with wallet_town() as town:
            sale = town.sale(20_001)
            await town.wallet.pay(sale, town.code("mei"))
            assert isinstance(await town.undoes(sale), Approved)
            assert town.trades.confirm("mei", sale.payment_id) is None
            assert reason_of(await town.wallet.query(sale)) is town.told(Reason.REVERSED_BEFORE)

    run(story())


def test_a_system_error_is_no_refusal(wallet_town: TownMaker) -> None:
    async def story() -> None:
        async with wallet_town() as town:
            await town.server.set_mood(Mood(Trouble.ANSWER_CODE, code=town.system_error))
            assert isinstance(await town.wallet.pay(town.sale(100), town.code("mei")), OutcomeUnknown)
            await town.server.set_mood(Mood(Trouble.ANSWER_CODE, code=town.system_error, stage=Stage.UNDO))
            assert isinstance(await town.undoes(town.sale(100)), OutcomeUnknown)

    run(story())


def test_a_refund_asked_twice_is_done_once(wallet_town: TownMaker) -> None:
    async def story() -> None:
        async with wallet_town() as town:
            sale = await sells(town)
            refund = town.shop.undoing(Kind.REFUND, sale, 1_000)
            assert isinstance(await town.wallet.query(refund), OutcomeUnknown)
            await town.server.set_mood(Mood(Trouble.LOSE_ANSWER))
            assert isinstance(await town.wallet.refund(refund, sale), OutcomeUnknown)
            assert isinstance(await town.wallet.refund(asked_again(refund), sale), Approved)
            assert isinstance(await town.wallet.query(asked_again(refund)), Approved)
            assert town.owns("mei") == MEI - 1_500
            rest = town.shop.undoing(Kind.VOID, sale, 1_500)
            assert isinstance(await town.wallet.refund(rest, sale), Approved)
            assert isinstance(await town.wallet.query(sale), Approved)
            assert town.owns("mei") == MEI

    run(story())


def test_refunds_that_cannot_be_done_are_refused_for_their_reason(wallet_town: TownMaker) -> None:
    async def story() -> None:
        async with wallet_town() as town:
            sale = await sells(town)
            more = town.shop.undoing(Kind.REFUND, sale, 2_501)
            assert reason_of(await town.wallet.refund(more, sale)) is Reason.REFUND_TOO_MUCH
            assert reason_of(await town.wallet.refund(asked_again(more), sale)) is Reason.REFUND_TOO_MUCH
            stranger = town.sale(100)
            refund = town.shop.undoing(Kind.REFUND, stranger)
            assert reason_of(await town.wallet.refund(refund, stranger)) is Reason.ORIGINAL_UNKNOWN
            waiting = town.sale(20_001)
            await town.wallet.pay(waiting, town.code("mei"))
            unpaid = town.shop.undoing(Kind.REFUND, waiting)
            assert reason_of(await town.wallet.refund(unpaid, waiting)) is Reason.ORIGINAL_NOT_APPROVED
            assert reason_of(await town.undoes(unpaid)) is Reason.TRANSACTION_UNSUPPORTED

    run(story())


def test_while_the_wallet_is_down_nothing_leaves_and_afterwards_all_is_well(wallet_town: TownMaker) -> None:
    async def story() -> None:
        async with wallet_town() as town:
            sale = await sells(town)
            refund = town.shop.undoing(Kind.REFUND, sale)
            await town.server.set_mood(Mood(Trouble.DOWN))
            await asyncio.sleep(0.05)  # until the kept connection is seen to be closed
            assert reason_of(await town.wallet.pay(town.sale(100), town.code("mei"))) is Reason.CHANNEL_UNAVAILABLE
            assert reason_of(await town.undoes(sale)) is Reason.CHANNEL_UNAVAILABLE
            assert isinstance(await town.wallet.query(sale), OutcomeUnknown)
            assert reason_of(await town.wallet.refund(refund, sale)) is Reason.CHANNEL_UNAVAILABLE
            assert isinstance(await town.wallet.refund(asked_again(refund), sale), OutcomeUnknown)
            await town.server.lift_moods()
            assert isinstance(await town.wallet.query(sale), Approved)

    run(story())


def test_a_gateway_without_a_session_sends_nothing(wallet_town: TownMaker) -> None:
    async def story() -> None:
        async with wallet_town() as town:
            await town.wallet.stop()
            await town.wallet.stop()
            assert reason_of(await town.wallet.pay(town.sale(100), town.code("mei"))) is Reason.CHANNEL_UNAVAILABLE

    run(story())


def test_without_the_right_key_nobody_is_believed(wallet_town: TownMaker) -> None:
    async def story() -> None:
        async with wallet_town(stranger=True) as town:
            assert not isinstance(await town.wallet.pay(town.sale(100), town.code("mei")), Approved)
            assert town.owns("mei") == MEI

    run(story())


def test_the_wallet_remembers_over_a_restart(wallet_town: TownMaker, tmp_path: Path) -> None:
    async def story() -> None:
        shop = Shop()
        async with wallet_town(tmp_path / "wallet.sqlite3", shop=shop) as town:
            sale = await sells(town)
            refund = town.shop.undoing(Kind.REFUND, sale, 500)
            await town.wallet.refund(refund, sale)
        async with wallet_town(tmp_path / "wallet.sqlite3", shop=shop) as town:
            assert town.owns("mei") == MEI - 2_000
            assert [order.out_trade_no for order in town.trades.records.orders()] == [sale.payment_id]
            assert [one.out_refund_no for one in town.trades.records.refunds()] == [refund.payment_id]

    run(story())


def test_many_payments_at_once_each_get_their_own_answer(wallet_town: TownMaker) -> None:
    async def story() -> None:
        async with wallet_town(answer_timeout_s=5.0) as town:
            sales = [town.sale(100 + number) for number in range(30)]
            answers = await asyncio.gather(*(town.wallet.pay(sale, town.code("mei")) for sale in sales))
            assert all(isinstance(answer, Approved) for answer in answers)
            assert town.owns("mei") == MEI - sum(sale.amount.minor for sale in sales)

    run(story())
