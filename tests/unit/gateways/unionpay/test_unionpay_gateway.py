"""The adapter's own decisions: PINs that cannot be translated, cards that cannot be opened, repeats."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest
from msgspec.structs import replace

from support.channels import asked_again, card_town, run
from xiaopos.kernel.ids import PaymentId
from xiaopos.kernel.refusal import Reason
from xiaopos.kernel.secret import Secret
from xiaopos.payments.answers import Approved, Declined, OutcomeUnknown
from xiaopos.payments.payment import Kind
from xiaopos.simulator.moods import Mood, Trouble
from xiaopos.simulator.network import test_card as card_of


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"pin_form": "morse"}, Reason.PIN_FORMAT_WRONG),
        ({"pin_block": Secret(b"\x00" * 8)}, Reason.PIN_FORMAT_WRONG),
        ({"pin_key": None}, Reason.KEY_FAULT),
    ],
)
def test_a_pin_that_cannot_be_translated_never_leaves(change: dict[str, Any], reason: Reason) -> None:
    async def story() -> None:
        async with card_town() as town:
            means = replace(town.shop.means(pin="123456"), **change)
            answer = await town.acquirer.authorise(town.shop.sale(100), means)
            assert isinstance(answer, Declined)
            assert answer.reason is reason
            assert not town.network.transactions()

    run(story())


def test_a_card_number_that_cannot_be_opened_undoes_nothing() -> None:
    async def story() -> None:
        async with card_town() as town:
            sale = town.shop.sale(2_500)
            answer = await town.acquirer.authorise(sale, town.shop.means())
            assert isinstance(answer, Approved)
            assert sale.card is not None
            not_base64 = replace(sale, card=replace(sale.card, sealed="*"))
            not_sealed = replace(sale, card=replace(sale.card, sealed=base64.b64encode(bytes(40)).decode()))
            for broken in (replace(sale, card=None), not_base64, not_sealed):
                assert isinstance(await town.acquirer.reverse(broken, None), OutcomeUnknown)
                void = await town.acquirer.void(town.shop.undoing(Kind.VOID, sale), broken, None)
                refund = await town.acquirer.refund(town.shop.undoing(Kind.REFUND, sale), broken, None)
                for refused in (void, refund):
                    assert isinstance(refused, Declined)
                    assert refused.reason is Reason.KEY_FAULT
                again = asked_again(town.shop.undoing(Kind.REFUND, sale))
                assert isinstance(await town.acquirer.refund(again, broken, None), OutcomeUnknown)

    run(story())


def test_a_void_may_carry_its_originals_sealed_card() -> None:
    async def story() -> None:
        async with card_town() as town:
            sale = town.shop.sale(2_500)
            await town.acquirer.authorise(sale, town.shop.means())
            void = replace(town.shop.undoing(Kind.VOID, sale), card=sale.card)
            assert isinstance(await town.acquirer.void(void, replace(sale, card=None), None), Approved)
            stranger = town.shop.keep(card_of("debit"), "another payment")
            lost = replace(void, card=stranger, original_id=PaymentId("0" * 32))
            assert isinstance(await town.acquirer.reverse(lost, None), OutcomeUnknown)

    run(story())


@pytest.mark.parametrize(("code", "believed"), [("96", False), ("94", False), ("25", True)])
def test_a_refund_asked_again_believes_only_what_is_about_itself(code: str, *, believed: bool) -> None:
    async def story() -> None:
        async with card_town() as town:
            sale = town.shop.sale(2_500)
            await town.acquirer.authorise(sale, town.shop.means())
            await town.network.set_mood(Mood(Trouble.ANSWER_CODE, code=code))
            refund = asked_again(town.shop.undoing(Kind.REFUND, sale))
            answer = await town.acquirer.refund(refund, sale, town.shop.means())
            assert isinstance(answer, Declined if believed else OutcomeUnknown)

    run(story())


def test_late_answers_may_go_to_nobody() -> None:
    async def story() -> None:
        async with card_town() as town:
            town.acquirer._on_late_answer = None
            await town.network.set_mood(Mood(Trouble.LATE, seconds=0.35))
            await town.acquirer.authorise(town.shop.sale(1), town.shop.means())
            await asyncio.sleep(0.15)
            assert town.acquirer.counts.late == 1
            assert not town.late

    run(story())
