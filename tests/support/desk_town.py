"""A town in Django's test database for the pages of portal and console: three merchants, their people, what happened.

What may live here: rows, written as the batch writer would write them. What may not: what a test expects.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from django.test import Client
from django.utils import timezone
from msgspec.structs import replace

from support.make_books import NAMES
from support.payments import MEIS_CARD, a_sale
from support.world import BOOKS, LIMIT, NOODLES, PLAN, TEA, ZONE
from xiaopos.kernel.clock import business_day
from xiaopos.kernel.ids import MerchantId, PaymentId, ShopId, TerminalId, make_id
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason
from xiaopos.keys import KeyAlgorithm, KeyUsage, WrappedKey
from xiaopos.ledger import Entry
from xiaopos.payments.answers import Answer, Approved, Declined, OutcomeUnknown
from xiaopos.payments.conclusions import Conclusion, begin_reversal, conclude, conclude_reversal, give_up
from xiaopos.payments.decisions import Following, decide_refund, decide_void
from xiaopos.payments.payment import CardKind, Kind, Method, Payment
from xiaopos.payments.states import State
from xiaopos.store.fleet.models import Terminal, TerminalModel
from xiaopos.store.jobs.models import JobRow
from xiaopos.store.ledger.models import LegRow
from xiaopos.store.merchants.models import Merchant, MerchantTerms, PricePlan, Shop
from xiaopos.store.payments.models import DiscrepancyRow, PaymentMoveRow, PaymentRow
from xiaopos.store.payments.portal_queries import one_payment
from xiaopos.store.payments.repo import COLUMNS, row_of
from xiaopos.store.people.models import User
from xiaopos.web.accounts.signing import SHOWN

START = datetime(2026, 1, 1, tzinfo=UTC)
EN_NAMES = {TEA: "Little Lin's Tea", NOODLES: "Chen's Noodles", BOOKS: "Wutong Books"}
TERMINALS = {TEA: "10000001", NOODLES: "20000001", BOOKS: "30000001"}
PEOPLE = {
    "lin": ("林", "Lin", "manager", TEA),
    "zhou": ("周", "Zhou", "cashier", TEA),
    "chen": ("陈", "Chen", "owner", NOODLES),
    "gao": ("高", "Gao", "administrator", ""),
    "sun": ("孙", "Sun", "support", ""),
    "he": ("何", "He", "risk", ""),
    "qian": ("钱", "Qian", "finance", ""),
}
FEE = Money(15)
CHIP = (("84", "A000000333010101"), ("50", "PBOC DEBIT"), ("9F26", "0102030405060708"))


@dataclass
class Town:
    """The town: who lives there, and verbs that leave rows behind."""

    numbers: Any = field(default_factory=lambda: count(1))

    def build(self) -> None:
        """Merchants with terms, a shop, a terminal with keys; people."""
        prices = {kind: {"ppm": price.rate.ppm, "cap_minor": price.cap_minor} for kind, price in PLAN.prices.items()}
        plan = PricePlan.objects.create(
            plan_id="standard", name_zh="标准", name_en="Standard", prices=prices, refund_returns_fee=True
        )
        model = TerminalModel.objects.create(
            model_id="a1", maker="示例机具厂", name="A1", year=2024, capabilities=["chip", "4g", "new-thing"]
        )
        for merchant_id, name in NAMES.items():
            self._merchant(merchant_id, name, plan, model)
        for username, (name_zh, name_en, role, merchant_id) in PEOPLE.items():
            User.objects.create(
                username=username, password="!", name_zh=name_zh, name_en=name_en, role=role, merchant_id=merchant_id
            )

    def _merchant(self, merchant_id: str, name: str, plan: PricePlan, model: TerminalModel) -> None:
        merchant = Merchant.objects.create(
            merchant_id=merchant_id,
            name=name,
            name_en=EN_NAMES[merchant_id],
            category_code="5812",
            active=True,
            zone=ZONE,
            cut_over_hour=24,
            created_at=START,
        )
        MerchantTerms.objects.create(
            merchant_id=merchant_id,
            valid_from=date(2026, 1, 1),
            plan=plan,
            currency="CNY",
            payment_limit_minor=LIMIT,
            author="qian",
            approver="gao",
        )
        shop_id = f"shop-{merchant_id}"
        Shop.objects.create(
            shop_id=shop_id,
            merchant=merchant,
            name=name,
            name_en=EN_NAMES[merchant_id],
            address="柳巷 8 号",
            phone="010",
        )
        key = WrappedKey(KeyUsage.TMK, KeyAlgorithm.TDES2, "A1B2C3D4", b"wrapped" * 8)
        Terminal.objects.create(
            terminal_id=TERMINALS[merchant_id],
            merchant_id=merchant_id,
            shop_id=shop_id,
            model=model,
            serial=f"SERIAL-{merchant_id}",
            active=True,
            profile="unionpay-3des-2012",
            batch_number=1,
            tmk=key.text(),
        )

    def sale(self, minor: int = 25_00, *, merchant_id: str = TEA, at: datetime | None = None, **parts: Any) -> Payment:
        """A sale that was claimed and has no outcome yet: a card's, or a wallet's when a method is named."""
        at = at or timezone.now()
        number = next(self.numbers)
        values: dict[str, Any] = {
            "merchant_id": MerchantId(merchant_id),
            "payment_id": PaymentId(make_id(int(at.timestamp() * 1000), number.to_bytes(10, "big"))),
            "business_on": business_day(at, ZoneInfo(ZONE)),
            "received_at": at,
            "terminal_id": TerminalId(TERMINALS[merchant_id]),
            "shop_id": ShopId(f"shop-{merchant_id}"),
            "stan": number,
            "rrn": f"{number:012d}",
            "cashier": "zhou",
            "claimed_by": "card-host",
        }
        if parts.get("method", Method.CARD) is not Method.CARD:
            values |= {"card": None, "channel": "sandbox", "card_kind": CardKind.WALLET, "stan": None}
        payment = a_sale(minor, **(values | parts))
        self._claim(payment)
        return payment

    def approved(self, minor: int = 25_00, **parts: Any) -> Payment:
        """A sale that was approved."""
        issuer = "" if "method" in parts else "测试银行"
        return self.answered(self.sale(minor, **parts), Approved("123456", "T1", "00", issuer=issuer))

    def declined(self, minor: int = 25_00, **parts: Any) -> Payment:
        """A sale that its issuer declined."""
        return self.answered(self.sale(minor, **parts), Declined(Reason.BALANCE_TOO_LOW, "51"))

    def unknown(self, minor: int = 25_00, **parts: Any) -> Payment:
        """A sale whose outcome nobody knows, with the job that finds out."""
        return self.answered(self.sale(minor, **parts), OutcomeUnknown("no answer"))

    def answered(self, payment: Payment, answer: Answer, original: Payment | None = None) -> Payment:
        """What became of a claimed payment."""
        fee = FEE if isinstance(answer, Approved) else Money(0)
        at = payment.received_at + timedelta(seconds=1)
        return self._concluded(conclude(payment, answer, fee=fee, at=at, original=original))

    def stuck(self, **parts: Any) -> Payment:
        """A sale that could not be reversed, and the discrepancy that it left."""
        payment = self.unknown(**parts)
        at = payment.received_at + timedelta(seconds=2)
        reversing = self._concluded(begin_reversal(payment, at))
        payment = self._concluded(give_up(reversing, at))
        DiscrepancyRow.objects.create(
            merchant_id=payment.merchant_id,
            payment_id=payment.payment_id,
            kind="late_approval",
            detail="approved after reversing",
            found_at=at,
        )
        return payment

    def refunded(self, original: Payment, minor: int) -> Payment:
        """A refund of an approved sale; returns the refund."""
        at = original.received_at + timedelta(seconds=2)
        undoing = decide_refund(self._undoing(original, Kind.REFUND, minor, at), original, at=at)
        return self._undone(undoing)

    def voided(self, original: Payment) -> Payment:
        """A void of an approved sale; returns the void."""
        at = original.received_at + timedelta(seconds=2)
        draft = self._undoing(original, Kind.VOID, original.amount.minor, at)
        return self._undone(decide_void(draft, original, open_batch=original.batch_number, at=at))

    def reversed_void(self, void: Payment, original: Payment) -> Payment:
        """A void that was undone by machine, so that its sale stands again; returns the void."""
        at = void.received_at + timedelta(seconds=3)
        reversing = self._concluded(begin_reversal(void, at))
        current = one_payment(original.merchant_id, original.payment_id)
        return self._concluded(conclude_reversal(reversing, posted=True, at=at, original=current))

    def _undoing(self, original: Payment, kind: Kind, minor: int, at: datetime) -> Payment:
        number = next(self.numbers)
        return original.changed(
            payment_id=PaymentId(make_id(int(at.timestamp() * 1000), number.to_bytes(10, "big"))),
            kind=kind,
            amount=Money(minor),
            fee=Money(0),
            state=State.SENT,
            version=1,
            stan=number if original.stan else None,
            rrn=f"{number:012d}",
            approval_code="",
            received_at=at,
            decided_at=None,
        )

    def _undone(self, undoing: object) -> Payment:
        assert isinstance(undoing, Following)
        self._claim(undoing.payment)
        self._move(undoing.original)
        return self.answered(undoing.payment, Approved("654321", "R1", "00"), undoing.original)

    def _claim(self, payment: Payment) -> None:
        PaymentRow.objects.create(**dict(zip(COLUMNS, row_of(payment), strict=True)))
        self._line(payment, payment.received_at)

    def _move(self, payment: Payment) -> None:
        values = dict(zip(COLUMNS, row_of(payment), strict=True))
        PaymentRow.objects.filter(merchant_id=payment.merchant_id, payment_id=payment.payment_id).update(**values)
        self._line(payment, payment.decided_at or payment.received_at)

    def _line(self, payment: Payment, at: datetime) -> None:
        PaymentMoveRow.objects.create(
            merchant_id=payment.merchant_id,
            payment_id=payment.payment_id,
            version=payment.version,
            at=at,
            state=payment.state.value,
            reason=payment.reason.value if payment.reason else "",
            response_code=payment.response_code,
            by=payment.claimed_by,
            channel=payment.channel,
        )

    def _concluded(self, conclusion: Conclusion) -> Payment:
        payment = conclusion.payment
        assert payment.decided_at is not None
        for moved in (payment, conclusion.original):
            if moved is not None:
                self._move(moved)
        if conclusion.entry is not None:
            self._post(payment, conclusion.entry)
        if conclusion.next.value != "nothing":
            JobRow.objects.update_or_create(
                merchant_id=payment.merchant_id,
                payment_id=payment.payment_id,
                kind=conclusion.next.value,
                defaults={
                    "due_at": payment.decided_at,
                    "created_at": payment.decided_at,
                    "attempts": 2,
                    "last_error": "no answer",
                },
            )
        return payment

    def _post(self, payment: Payment, entry: Entry) -> None:
        assert payment.decided_at is not None
        for number, leg in enumerate(entry.legs, start=1):
            LegRow.objects.create(
                merchant_id=payment.merchant_id,
                payment_id=payment.payment_id,
                entry_kind=entry.kind.value,
                leg_number=number,
                business_on=payment.business_on,
                account=leg.account.code,
                account_kind=leg.account.kind.value,
                side=leg.side.value,
                currency=leg.amount.currency,
                amount_minor=leg.amount.minor,
                posted_at=payment.decided_at,
            )

    def browser(self, username: str = "", language: str = "zh-hans", *, shown: bool = False) -> Client:
        """A browser in which somebody (or nobody) is signed in, and has `shown` the second factor just now."""
        client = Client()
        if username:
            client.force_login(User.objects.get(username=username), "django.contrib.auth.backends.ModelBackend")
        if shown:
            session = client.session
            session[SHOWN] = time.time()
            session.save()
        client.cookies["xiaopos_language"] = language
        return client


CHIP_CARD = replace(MEIS_CARD, token="token-never-shown", sealed="sealed-never-shown", sequence="01", chip=CHIP)
