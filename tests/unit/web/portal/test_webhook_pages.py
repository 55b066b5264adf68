"""The owner's pages of webhooks: each step, what is shown once, what a stranger does not see, in both languages."""

from __future__ import annotations

import base64
import hmac
import re
from datetime import timedelta
from typing import Any, NoReturn

import pytest
from django.urls import reverse
from django.utils import timezone

from support.channels import new_vault
from support.desk_town import Town
from support.world import NOODLES
from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused, MacKind, WrappedKey
from xiaopos.keys.ed25519 import verify_ed25519
from xiaopos.merchants.webhooks import CHOSEN, MOST_ENDPOINTS
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.keys.models import HouseKey, KeyRecord
from xiaopos.store.webhooks.models import WebhookAttemptRow, WebhookDeliveryRow, WebhookEndpointRow, WebhookEventRow
from xiaopos.web import key_room

URL = "https://noodles.example.com/hooks"
CHINESE = re.compile(r"[\u3400-\u9fff]+")


@pytest.fixture
def vault(town: Town):
    made = new_vault()
    key_room.install(lambda: made)
    return made


def does(town: Town, name: str, *args: object, who: str = "chen", **form: Any) -> str:
    response = town.browser(who, shown=True).post(reverse(name, args=args), form, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def added(town: Town, **parts: Any) -> str:
    page = does(town, "portal_webhook_add", url=URL, events=[kind.value for kind in CHOSEN], **parts)
    assert "whsec_" in page
    return str(WebhookEndpointRow.objects.latest("made_at").endpoint_id)


def seen(town: Town, name: str, *args: object, language: str = "zh-hans") -> str:
    response = town.browser("chen", language).get(reverse(name, args=args))
    assert response.status_code == 200
    return response.content.decode()


def told(endpoint_id: str, number: int = 1, *, attempts: int = 1, data: str = '{"kind":"sale"}') -> None:
    event = WebhookEventRow.objects.create(
        event_id=f"evt-{number}", merchant_id=NOODLES, shop_id="", endpoint_id="", type="payment.approved",
        at=timezone.now(), subject="", version=2, data=data, spread=True,
    )  # fmt: skip
    WebhookDeliveryRow.objects.create(
        endpoint_id=endpoint_id, number=number, event_seq=event.seq, state="waiting", tries=attempts, attempts=attempts,
        due_at=timezone.now() + timedelta(hours=8), expires_at=timezone.now() + timedelta(days=1),
        outcome="refused" if attempts else "", status=503 if attempts else 0,
    )  # fmt: skip
    for attempt in range(1, attempts + 1):
        WebhookAttemptRow.objects.create(
            endpoint_id=endpoint_id, number=number, attempt=attempt, at=timezone.now(), outcome="refused", status=503,
            took_ms=12, said="<b>busy</b>",
        )  # fmt: skip


def test_the_secret_is_shown_once_and_is_the_key_in_the_vault(town: Town, vault) -> None:
    response = town.browser("chen", shown=True).post(
        reverse("portal_webhook_add"), {"url": URL, "events": ["payment.approved"], "shop": f"shop-{NOODLES}"}
    )
    assert response["Cache-Control"] == "no-store"
    secret = base64.b64decode(re.findall(r"whsec_([A-Za-z0-9+/=]+)", response.content.decode())[0])
    row = WebhookEndpointRow.objects.get()
    key = WrappedKey.from_text(row.secret)
    assert vault.mac(key=key, data=b"x", kind=MacKind.HMAC_SHA256) == hmac.digest(secret, b"x", "sha256")
    assert KeyRecord.objects.get().vault_id == key.key_id
    assert (row.merchant_id, row.shop_id, row.state, row.made_by) == (NOODLES, f"shop-{NOODLES}", "active", "chen")
    assert "whsec_" not in seen(town, "portal_webhook", row.endpoint_id)
    trail = AuditRow.objects.get(action="webhook_added")
    assert trail.detail == {"host": "noodles.example.com"}


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"url": "http://noodles.example.com/x"}, "https://"),
        ({"url": "https://10.0.0.1/x"}, "内部网络"),
        ({"url": "noodles"}, "完整的网址"),
        ({"events": []}, "至少选一种"),
        ({"events": ["everything"]}, "至少选一种"),
        ({"shop": "shop-898110058120001"}, "没有这个门店"),
    ],
)
def test_what_is_wrong_with_an_endpoint_is_said(town: Town, vault, form: dict[str, Any], said: str) -> None:
    assert said in does(town, "portal_webhook_add", **({"url": URL, "events": ["payment.approved"]} | form))
    assert not WebhookEndpointRow.objects.exists()


def test_there_is_an_end_to_endpoints(town: Town, vault) -> None:
    for _ in range(MOST_ENDPOINTS):
        added(town)
    assert "最多 10 个" in does(town, "portal_webhook_add", url=URL, events=["payment.approved"])


def test_an_endpoint_is_changed_paused_started_again_and_removed(town: Town, vault) -> None:
    endpoint_id = added(town)
    other = "https://noodles.example.com/other"
    assert "已保存" in does(town, "portal_webhook_edit", endpoint_id, url=other, events=["batch.closed"])
    assert WebhookEndpointRow.objects.get().url == other
    assert "已暂停" in does(town, "portal_webhook_move", endpoint_id, event="pause")
    assert "现在的状态不能这样做" in does(town, "portal_webhook_test", endpoint_id)
    assert "现在的状态不能这样做" in does(town, "portal_webhook_move", endpoint_id, event="pause")
    assert "已恢复通知" in does(town, "portal_webhook_move", endpoint_id, event="resume")
    assert "https://" in does(town, "portal_webhook_edit", endpoint_id, url="http://a.example.com/", events=["test"])
    assert "已删除" in does(town, "portal_webhook_move", endpoint_id, event="remove")
    browser = town.browser("chen", shown=True)
    assert browser.get(reverse("portal_webhook", args=[endpoint_id])).status_code == 404
    for name in ("portal_webhook_edit", "portal_webhook_test", "portal_webhook_renew"):
        assert browser.post(reverse(name, args=[endpoint_id]), {"url": other}).status_code == 404
    assert browser.post(reverse("portal_webhook_move", args=[endpoint_id]), {"event": "pause"}).status_code == 404
    actions = list(AuditRow.objects.order_by("seq").values_list("action", flat=True))
    for action in ("webhook_changed", "webhook_pause", "webhook_resume", "webhook_remove"):
        assert action in actions


def test_what_the_house_does_no_owner_does(town: Town, vault) -> None:
    endpoint_id = added(town)
    response = town.browser("chen").post(reverse("portal_webhook_move", args=[endpoint_id]), {"event": "give_up"})
    assert response.status_code == 404


def test_a_secret_is_renewed_with_the_old_one_beside_it(town: Town, vault) -> None:
    endpoint_id = added(town)
    before = WebhookEndpointRow.objects.get().secret
    assert "旧密钥同时有效到" in does(town, "portal_webhook_renew", endpoint_id)
    row = WebhookEndpointRow.objects.get()
    assert (row.old_secret, row.secret == before) == (before, False)
    assert KeyRecord.objects.count() == 2
    assert "旧密钥同时有效到" in seen(town, "portal_webhook", endpoint_id)


def test_a_vault_out_of_reach_changes_nothing(town: Town, vault) -> None:
    endpoint_id = added(town)

    def away() -> NoReturn:
        raise KeyRefused(KeyFault.OUT_OF_REACH, "away")

    key_room.install(away)
    assert "密钥库现在用不了" in does(town, "portal_webhook_renew", endpoint_id)
    assert "密钥库现在用不了" in does(town, "portal_webhook_edit", endpoint_id, url=URL, events=["batch.closed"])
    assert "密钥库现在用不了" in does(town, "portal_webhook_add", url=URL, events=["payment.approved"])
    assert WebhookEndpointRow.objects.count() == 1


def test_a_test_is_an_event_for_this_endpoint_alone(town: Town, vault) -> None:
    endpoint_id = added(town)
    assert "测试通知正在发送" in does(town, "portal_webhook_test", endpoint_id)
    event = WebhookEventRow.objects.get()
    assert (event.type, event.endpoint_id, event.spread) == ("test", endpoint_id, False)


def test_deliveries_are_seen_with_their_attempts_and_told_again(town: Town, vault) -> None:
    endpoint_id = added(town)
    for number in range(1, 33):
        told(endpoint_id, number, attempts=number % 2)
    page = seen(town, "portal_webhook", endpoint_id)
    assert "503" in page
    assert 'rel="next"' in page
    detail = seen(town, "portal_webhook_delivery", endpoint_id, 1)
    assert "&lt;b&gt;busy" in detail
    assert "12 ms" in detail
    assert "下次发送" in detail
    assert "还没有发送" in seen(town, "portal_webhook_delivery", endpoint_id, 2)
    assert "正在重发" in does(town, "portal_webhook_again", endpoint_id, 1)
    row = WebhookDeliveryRow.objects.get(endpoint_id=endpoint_id, number=1)
    assert (row.state, row.tries, row.attempts) == ("waiting", 0, 1)
    assert row.due_at <= timezone.now()
    browser = town.browser("chen", shown=True)
    assert browser.get(reverse("portal_webhook_delivery", args=[endpoint_id, 99])).status_code == 404
    assert browser.post(reverse("portal_webhook_again", args=[endpoint_id, 99])).status_code == 404


def test_the_owner_is_told_of_an_endpoint_that_was_disabled(town: Town, vault) -> None:
    endpoint_id = added(town)
    WebhookEndpointRow.objects.update(
        state="disabled", disabled_at=timezone.now(), disabled_why="failing", failures=20, failing_since=timezone.now()
    )
    assert "系统已停止通知这个地址" in seen(town, "portal_webhooks")
    assert "系统已停止通知这个地址" in seen(town, "portal_webhook", endpoint_id)
    assert "有接收地址已被系统停用" in seen(town, "portal_today")
    does(town, "portal_webhook_move", endpoint_id, event="resume")
    row = WebhookEndpointRow.objects.get()
    assert (row.state, row.failures, row.failing_since, row.disabled_why) == ("active", 0, None, "")
    assert "有接收地址已被系统停用" not in seen(town, "portal_today")


def test_nobody_sees_anothers_endpoints(town: Town, vault) -> None:
    endpoint_id = added(town)
    WebhookEndpointRow.objects.update(merchant_id="898110058120001")
    assert town.browser("chen").get(reverse("portal_webhook", args=[endpoint_id])).status_code == 404
    assert endpoint_id not in seen(town, "portal_webhooks")


def test_the_public_key_is_published(town: Town, vault) -> None:
    address = reverse("webhook_keys")
    assert address == "/.well-known/xiaopos-webhooks.json"
    assert town.browser().get(address).json() == {"keys": []}
    pair = vault.generate_pair(algorithm=KeyAlgorithm.ED25519)
    HouseKey.objects.create(
        name="webhook_sign", wrapped=pair.text(), check_value=pair.kcv, made_at=timezone.now(), made_by="gao"
    )
    (key,) = town.browser().get(address).json()["keys"]
    assert (key["kty"], key["crv"], key["kid"]) == ("OKP", "Ed25519", pair.kcv)
    public = base64.urlsafe_b64decode(key["x"] + "=")
    assert verify_ed25519(public, b"x", vault.sign(key=pair, data=b"x"))
    assert key["text"] in seen(town, "portal_webhooks").replace("&#x2B;", "+")

    def away() -> NoReturn:
        raise KeyRefused(KeyFault.OUT_OF_REACH, "away")

    key_room.install(away)
    assert town.browser().get(address).json() == {"keys": []}


def test_english_pages_speak_english(town: Town, vault) -> None:
    endpoint_id = added(town)
    told(endpoint_id)
    WebhookEndpointRow.objects.update(failing_since=timezone.now())
    for name, args in (
        ("portal_webhooks", ()),
        ("portal_webhook", (endpoint_id,)),
        ("portal_webhook_delivery", (endpoint_id, 1)),
    ):
        page = seen(town, name, *args, language="en").partition("<main")[2].partition("</main>")[0]
        assert not CHINESE.findall(page), name
