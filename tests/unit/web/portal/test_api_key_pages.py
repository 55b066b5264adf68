"""The owner's page of API keys: make one, see it used, take it back."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from support.desk_town import Town
from support.world import NOODLES, TEA
from xiaopos.store.api_keys.keys import api_keys_of, find_api_key, make_api_key
from xiaopos.store.api_keys.models import ApiKeyRow
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.merchants.queries import shops_of


def makes(town: Town, **form: Any) -> Any:
    """Chen fills in the form."""
    sent = {"label": "前台收银机", "scope": ["take", "read"], "shop": "", "days": "90", **form}
    return town.browser("chen", shown=True).post(reverse("portal_api_key_make"), sent, follow=True)


def page(town: Town, language: str = "zh-hans") -> str:
    """What Chen sees."""
    return str(town.browser("chen", language).get(reverse("portal_api_keys")).content.decode())


def test_chen_makes_a_key_sees_it_once_and_takes_it_back(town: Town) -> None:
    assert "还没有接口密钥" in page(town)
    shop = shops_of(NOODLES)[0]
    answer = makes(town, shop=shop.shop_id)
    found = re.search(r'value="(xp_[^"]+)"', answer.content.decode())
    assert found is not None
    assert answer["Cache-Control"] == "no-store"
    line = api_keys_of(NOODLES)[0]
    assert (line.label, line.made_by, line.key.shop_id) == ("前台收银机", "chen", shop.shop_id)
    assert {scope.value for scope in line.key.scopes} == {"take", "read"}
    assert line.expires_at == line.made_at + timedelta(days=90)
    seen = page(town)
    assert found[1] not in seen
    assert all(word in seen for word in (line.key.prefix, "前台收银机", "没有用过", "有效", shop.name))

    assert find_api_key(found[1], at=timezone.now()) == line.key
    assert "没有用过" not in page(town)
    town.browser("chen").post(reverse("portal_api_key_revoke", args=[line.key.prefix]))
    assert find_api_key(found[1], at=timezone.now()) is None
    assert "已作废" in page(town)
    told = [(row.action, row.actor, row.object_id, row.merchant_id) for row in AuditRow.objects.order_by("seq")]
    prefix = line.key.prefix
    assert told == [("make_api_key", "chen", prefix, NOODLES), ("revoke_api_key", "chen", prefix, NOODLES)]
    assert found[1] not in repr(list(AuditRow.objects.values()))


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"label": ""}, "请给密钥起个名字"),
        ({"scope": ["everything"]}, "请至少选一项权限"),
        ({"shop": "elsewhere"}, "请选一家自己的门店"),
        ({"days": "forever"}, "请选一个有效期"),
    ],
)
def test_a_form_that_says_nothing_makes_nothing(town: Town, form: dict[str, Any], why: str) -> None:
    assert why in makes(town, **form).content.decode()
    assert api_keys_of(NOODLES) == []


def test_an_expired_key_says_so(town: Town) -> None:
    now = timezone.now()
    make_api_key(NOODLES, ["read"], at=now - timedelta(days=2), expires_at=now - timedelta(days=1))
    assert "已过期" in page(town)
    assert "Expired" in page(town, "en")


def test_nobody_takes_back_anothers_key(town: Town) -> None:
    key, _ = make_api_key(TEA, ["read"], at=timezone.now())
    assert key.prefix not in page(town)
    answer = town.browser("chen").post(reverse("portal_api_key_revoke", args=[key.prefix]), follow=True)
    assert "没有这把密钥" in answer.content.decode()
    assert ApiKeyRow.objects.get(prefix=key.prefix).revoked_at is None


def test_a_stolen_session_makes_no_key(town: Town) -> None:
    browser = town.browser("chen")
    assert 'name="second_factor"' in browser.get(reverse("portal_api_keys")).content.decode()
    sent = {"label": "till", "scope": ["take"], "shop": "", "days": "0", "second_factor": "000000"}
    answer = browser.post(reverse("portal_api_key_make"), sent, follow=True)
    assert "动态码不对，没有改动" in answer.content.decode()
    assert not api_keys_of(NOODLES)
    for _ in range(8):
        last = browser.post(reverse("portal_api_key_make"), sent)
    assert last.status_code == 429
    shown = town.browser("chen", shown=True).get(reverse("portal_api_keys"))
    assert 'name="second_factor"' not in shown.content.decode()
