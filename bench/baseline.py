"""The baseline of the payment benchmark: the same frames, MACs and rows, with one ORM transaction per request.

What may live here: the usual way to write this with Django, kept honest. What may not: any trick of the product.
"""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import uvloop

from bench import world
from xiaopos.fleet.profiles import PROFILES
from xiaopos.hosts.card_host import CardHost, HostLimits
from xiaopos.keys import WrappedKey
from xiaopos.ledger import EntryKind
from xiaopos.wire.iso8583 import Codec, Message
from xiaopos.wire.iso8583.framing import TerminalFrame, mac_input
from xiaopos.wire.iso8583.unionpay_terminal import SPEC

WORKERS = 16


def answer_with_orm(raw: bytes, codec: Codec, keys: object) -> bytes:
    """One sale: check the MAC, then everything in one transaction, object by object."""
    import os

    from django.db import transaction

    from xiaopos.kernel.ids import make_id
    from xiaopos.kernel.money import Money, Rate
    from xiaopos.store.fleet.models import Terminal
    from xiaopos.store.ledger.models import LegRow
    from xiaopos.store.merchants.models import Merchant, MerchantTerms
    from xiaopos.store.payments.models import PaymentMoveRow, PaymentRow

    frame = TerminalFrame.parse(raw)
    message = codec.decode(frame.body)
    vault = world.vault() if keys is None else keys
    now = datetime.now(UTC)
    with transaction.atomic():
        terminal = Terminal.objects.get(terminal_id=message.text(41))
        tak = WrappedKey.from_text(terminal.tak)
        kind = PROFILES[terminal.profile].suite.mac_kind
        good = vault.verify_mac(key=tak, data=mac_input(frame.body), kind=kind, mac=message.raw(64))  # type: ignore[attr-defined]  # a SoftwareVault
        assert good, "the benchmark's frames carry good MACs"
        merchant = Merchant.objects.get(merchant_id=terminal.merchant_id)
        terms = (
            MerchantTerms.objects.select_related("plan").filter(merchant_id=merchant.merchant_id).latest("valid_from")
        )
        amount = int(message.text(4))
        fee = Rate(terms.plan.prices["unknown"]["ppm"]).of(Money(amount)).minor
        payment = PaymentRow(
            merchant_id=merchant.merchant_id, payment_id=make_id(int(now.timestamp() * 1000), os.urandom(10)),
            business_on=now.astimezone(ZoneInfo(merchant.zone)).date(), kind="sale", method="card", channel="unionpay",
            currency="CNY", amount_minor=amount, fee_minor=0, refunding_minor=0, refunded_minor=0, content_hash="0" * 64,
            received_at=now, shop_id=terminal.shop_id, terminal_id=terminal.terminal_id,
            batch_number=terminal.batch_number, stan=int(message.text(11)), cashier="", state="sent", version=1,
            rrn="000000000001", approval_code="", response_code="", reason="", card_kind="unknown",
            card_masked="622556******5170", card_token="0" * 32, card_sealed="0" * 60, card_entry_mode="021",
            card_sequence="", card_chip="", issuer="", payer="", channel_ref="", shown_code="", claimed_by="bench",
        )  # fmt: skip
        payment.save(force_insert=True)
        PaymentMoveRow.objects.create(**_move(payment, now))
        payment.state, payment.version, payment.decided_at = "approved", 2, now
        payment.approval_code, payment.response_code, payment.fee_minor = "123456", "00", fee
        payment.save(force_update=True)
        PaymentMoveRow.objects.create(**_move(payment, now))
        legs = (("receivable:unionpay", "asset", "D", amount), (f"payable:{merchant.merchant_id}", "liability", "C", amount),
                (f"payable:{merchant.merchant_id}", "liability", "D", fee), ("income:fees", "income", "C", fee))  # fmt: skip
        for number, (account, account_kind, side, minor) in enumerate(legs, start=1):
            LegRow.objects.create(
                merchant_id=merchant.merchant_id, payment_id=payment.payment_id, entry_kind=EntryKind.SALE.value,
                leg_number=number, business_on=payment.business_on, account=account, account_kind=account_kind, side=side,
                currency="CNY", amount_minor=minor, posted_at=now,
            )  # fmt: skip
    reply = _approval(message, now, payment.rrn)
    reply.fields[64] = vault.mac(key=tak, data=mac_input(codec.encode(reply)), kind=kind)  # type: ignore[attr-defined]  # a SoftwareVault
    return frame.answering(codec.encode(reply)).encode()


def _approval(message: Message, now: datetime, rrn: str) -> Message:
    """The answer, with room for its MAC."""
    kept = {number: message.fields[number] for number in (3, 4, 11, 25, 41, 42, 49, 60)}
    told: dict[int, str | bytes] = {
        12: now.strftime("%H%M%S"),
        13: now.strftime("%m%d"),
        37: rrn,
        38: "123456",
        39: "00",
    }
    return Message("0210", {**kept, **told, 64: bytes(8)})


def _move(payment: object, now: datetime) -> dict[str, object]:
    names = ("merchant_id", "payment_id", "version", "state", "reason", "response_code")
    return {name: getattr(payment, name) for name in names} | {"at": now, "by": "bench"}


async def serve(database: str) -> None:
    """Print the port, then serve until killed."""
    pool, keys = ThreadPoolExecutor(WORKERS), world.vault()
    codec = Codec(SPEC)
    loop = asyncio.get_running_loop()

    async def answer(raw: bytes) -> bytes | None:
        return await loop.run_in_executor(pool, answer_with_orm, raw, codec, keys)

    host = CardHost(answer, HostLimits(), crowded=lambda: False)
    print(await host.start("127.0.0.1", 0), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    world.configure(sys.argv[1])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(sys.argv[1]))
