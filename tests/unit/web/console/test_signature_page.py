"""A signature at the console: only with the permission and a reason, written down before it is opened."""

from __future__ import annotations

import base64

import pytest
from django.urls import reverse

from support.desk_town import Town
from support.world import World
from unit.web.console.test_reading_page import CountersHouse
from xiaopos.kernel.ids import MerchantId, PaymentId, TerminalId
from xiaopos.payments.payment import Payment
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.fleet.models import ScriptNoticeRow, ScriptPassedOnRow, SignatureRow
from xiaopos.usecases.notices import KeptSignature
from xiaopos.web import asking
from xiaopos.web.pages.operator.signature_views import picture_of

PNG = b"\x89PNG\r\n\x1a\n drawn by hand"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """The house that the pages ask."""
    monkeypatch.setattr(asking, "_players", [])
    made = World()
    asking.install(CountersHouse(made.house))
    return made


def signed(town: Town, world: World, picture: bytes) -> Payment:
    """A payment whose signature the house keeps, sealed and bound to it."""
    payment = town.approved()
    bound = f"signature:{payment.merchant_id}:{payment.payment_id}".encode()
    sealed = world.house.vault.seal(key=world.house.keys.pan_seal, plaintext=picture, aad=bound)
    kept = KeptSignature(
        MerchantId(payment.merchant_id),
        PaymentId(payment.payment_id),
        TerminalId("10000001"),
        payment.received_at,
        base64.b64encode(sealed).decode(),
    )
    world.books.notices.append(kept)
    SignatureRow.objects.create(
        merchant_id=payment.merchant_id, payment_id=payment.payment_id, terminal_id="10000001",
        told_at=payment.received_at, sealed=kept.sealed,
    )  # fmt: skip
    return payment


def looks(town: Town, payment: Payment, who: str = "he", reason: str = "持卡人否认交易"):
    address = reverse("console_signature", args=[payment.merchant_id, payment.payment_id])
    return town.browser(who).post(address, {"reason": reason}, follow=True)


def seen(town: Town, payment: Payment, who: str = "he") -> str:
    address = reverse("console_payment", args=[payment.merchant_id, payment.payment_id])
    return town.browser(who).get(address).content.decode()


def test_a_picture_is_shown_to_who_gives_a_reason_and_that_is_written_down(town: Town, world: World) -> None:
    payment = signed(town, world, PNG)
    assert "查看签名" in seen(town, payment)
    answer = looks(town, payment)
    page = answer.content.decode()
    assert f"data:image/png;base64,{base64.b64encode(PNG).decode()}" in page
    assert "no-store" in answer["Cache-Control"]
    row = AuditRow.objects.get(action="show_signature")
    assert (row.actor, row.object_id, row.reason) == ("he", payment.payment_id, "持卡人否认交易")


def test_a_form_that_no_browser_draws_is_offered_as_a_file(town: Town, world: World) -> None:
    payment = signed(town, world, b"\x00\x00JBIG")
    page = looks(town, payment).content.decode()
    assert "浏览器画不出来" in page
    assert "application/octet-stream" in page
    assert picture_of(b"") == ""


def test_without_a_reason_the_permission_or_a_signature_nothing_is_opened(town: Town, world: World) -> None:
    payment = signed(town, world, PNG)
    assert "没有写明原因" in looks(town, payment, reason=" ").content.decode()
    assert looks(town, payment, who="sun").status_code == 403
    page = seen(town, payment, who="sun")
    assert "终端上送于" in page
    assert "查看签名" not in page
    other = town.approved()
    assert looks(town, other).status_code == 404
    assert "电子签名" not in seen(town, other)
    assert not AuditRow.objects.filter(action="show_signature").exists()


def test_results_of_scripts_stand_on_the_payments_page(town: Town, world: World) -> None:
    payment = town.approved()
    ScriptNoticeRow.objects.create(
        merchant_id=payment.merchant_id, payment_id=payment.payment_id, terminal_id="10000001", batch_number=1, stan=7,
        told_at=payment.received_at, result="2000000000", chip="{}",
    )  # fmt: skip
    page = seen(town, payment)
    assert "发卡行脚本结果" in page
    assert "2000000000" in page
    assert "正在转给卡网络" in page
    ScriptPassedOnRow.objects.create(
        merchant_id=payment.merchant_id, payment_id=payment.payment_id, batch_number=1, stan=7,
        passed_on_at=payment.received_at, response_code="25",
    )  # fmt: skip
    assert "卡网络已收到，应答码 25" in seen(town, payment)
