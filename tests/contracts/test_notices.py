"""What every Books promises of what terminals tell: kept once, with its payment, signatures recalled whole."""

from __future__ import annotations

from datetime import timedelta

from msgspec import structs

from support.claims import TEA_TERMINAL, numbered
from support.payments import NOON
from support.stores import Opened, Store, tell
from xiaopos.kernel.ids import PaymentId
from xiaopos.usecases.notices import KeptSignature, ScriptNotice, ScriptPassedOn, TerminalStatus
from xiaopos.usecases.ports import Change

SALE = numbered(1)


def test_a_signature_is_recalled_whole_and_never_replaced(store: Store) -> None:
    kept = KeptSignature(SALE.merchant_id, SALE.payment_id, TEA_TERMINAL, NOON, "AQID")
    other = structs.replace(kept, sealed="BAUG", told_at=NOON + timedelta(minutes=1))

    async def story(opened: Opened) -> None:
        recall = opened.books.recall_signature
        assert await recall(kept.merchant_id, kept.payment_id) is None
        await opened.books.record(Change(notices=(kept,)))
        await opened.books.record(Change(notices=(other,)))
        assert await recall(kept.merchant_id, kept.payment_id) == kept
        assert await recall(kept.merchant_id, PaymentId("0" * 32)) is None

    tell(store, story)


def test_what_is_told_again_is_recorded_without_complaint(store: Store) -> None:
    status = TerminalStatus(TEA_TERMINAL, NOON, "603210320001", "电池 80%")
    script = ScriptNotice(
        SALE.merchant_id, SALE.payment_id, TEA_TERMINAL, 1, 9, NOON, "2000000001", (("9F36", "001A"),)
    )

    async def story(opened: Opened) -> None:
        for _ in range(2):
            await opened.books.record(Change(notices=(status, script)))

    tell(store, story)


def test_scripts_wait_until_their_network_has_them(store: Store) -> None:
    first = ScriptNotice(SALE.merchant_id, SALE.payment_id, TEA_TERMINAL, 1, 9, NOON, "2000000001", (("9F36", "001A"),))
    second = structs.replace(first, stan=8, told_at=NOON + timedelta(minutes=1), chip=())
    passed = ScriptPassedOn(SALE.merchant_id, SALE.payment_id, 1, 9, NOON + timedelta(minutes=2), "00")

    async def story(opened: Opened) -> None:
        recall = opened.books.recall_scripts
        assert list(await recall(SALE.merchant_id, SALE.payment_id)) == []
        await opened.books.record(Change(notices=(second,)))
        await opened.books.record(Change(notices=(first,)))
        assert list(await recall(SALE.merchant_id, SALE.payment_id)) == [first, second]
        assert list(await recall(SALE.merchant_id, PaymentId("0" * 32))) == []
        for code in ("00", "25"):
            await opened.books.record(Change(notices=(structs.replace(passed, response_code=code),)))
        assert list(await recall(SALE.merchant_id, SALE.payment_id)) == [second]

    tell(store, story)
