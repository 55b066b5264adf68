"""The console's pages of keys: who sees them, two people for every change, and never a key on a page."""

from __future__ import annotations

import random
import re

import pytest
from django.test import Client
from django.urls import reverse

from support.desk_town import Town
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused, KeyState, KeyUsage, SoftwareVault, WrappedKey
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.keys.models import KeyRecord, KeyUseCount
from xiaopos.store.people.models import User
from xiaopos.usecases.key_ceremony import CeremonyFault, Change, Origin
from xiaopos.web import key_room, key_words

PLAN = {"name": "network_zak", "usage": "ZAK", "algorithm": "TDES2", "origin": "generated", "reason": "first key"}


@pytest.fixture(autouse=True)
def vault(monkeypatch: pytest.MonkeyPatch) -> SoftwareVault:
    """A vault for the pages of this test."""
    draws = random.Random(11)
    made = SoftwareVault(Secret(draws.randbytes(32)), draws.randbytes)
    monkeypatch.setattr(key_room, "_openers", [])
    key_room.install(lambda: made)
    return made


def seen(town: Town, name: str, *args: str, who: str = "gao", language: str = "zh-hans", query: str = "") -> str:
    response = town.browser(who, language).get(reverse(name, args=args) + query)
    assert response.status_code == 200
    return response.content.decode()


def sent(town: Town, page: str, /, *args: str, who: str = "gao", **form: str) -> str:
    response = town.browser(who).post(reverse(page, args=args), form, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def change(town: Town, key_id: str, what: str, **form: str) -> str:
    sent(town, "console_key_ask", key_id, change=what, reason="rotation", **form)
    return sent(town, "console_key_answer", key_id, who="he", answer="approve")


def planned(town: Town, **changes: str) -> str:
    sent(town, "console_key_plan", **(PLAN | changes))
    return KeyRecord.objects.latest("created_at").key_id


@pytest.mark.parametrize(
    ("who", "sees", "changes"), [("gao", True, True), ("he", True, True), ("qian", True, False), ("sun", False, False)]
)
def test_who_sees_keys_and_who_changes_them(town: Town, who: str, sees: bool, changes: bool) -> None:
    key_id = planned(town)
    for name, args in (("console_keys", ()), ("console_key", (key_id,))):
        assert town.browser(who).get(reverse(name, args=args)).status_code == (200 if sees else 403)
    for name, args in (("console_key_plan", ()), ("console_key_ask", (key_id,)), ("console_key_answer", (key_id,))):
        assert (town.browser(who).post(reverse(name, args=args), {}).status_code == 403) is not changes
    if sees:
        assert ("登记一把密钥" in seen(town, "console_keys", who=who)) is changes
        assert ("申请变更" in seen(town, "console_key", key_id, who=who)) is changes


def test_a_key_is_generated_and_activated_by_two_people(town: Town) -> None:
    key_id = planned(town)
    assert "已申请" in sent(town, "console_key_ask", key_id, change="generate", reason="first key")
    own = seen(town, "console_key", key_id)
    assert "批准并执行" not in own
    assert "需要另一个人来批准" in own
    assert "需要另一个人来批准" in sent(town, "console_key_answer", key_id, answer="approve")
    assert "批准并执行" in seen(town, "console_key", key_id, who="he")
    assert "批准并执行" not in seen(town, "console_key", key_id, who="qian")
    assert "已批准并执行" in sent(town, "console_key_answer", key_id, who="he", answer="approve")
    page = change(town, key_id, "activate")
    record = KeyRecord.objects.get(key_id=key_id)
    assert (record.state, record.check_value in page, record.wrapped in page) == ("active", True, False)
    listed = seen(town, "console_keys", query="?q=zak")
    assert "使用中" in listed
    assert record.check_value in listed
    assert "没有密钥" in seen(town, "console_keys", query="?q=nothing")
    assert "Zone MAC key" in seen(town, "console_keys", language="en")
    assert "启用密钥" in seen(town, "console_audit")
    assert AuditRow.objects.latest("seq").object_id == key_id


def test_a_change_is_withdrawn_and_a_wrong_one_is_refused_in_words(town: Town) -> None:
    key_id = planned(town)
    sent(town, "console_key_ask", key_id, change="generate", reason="first key")
    assert "变更已撤回" in sent(town, "console_key_answer", key_id, answer="withdraw")
    assert "已撤回" in seen(town, "console_key", key_id)
    assert "现在的状态不允许" in sent(town, "console_key_answer", key_id, answer="withdraw")
    assert "请写明原因" in sent(town, "console_key_ask", key_id, change="generate", reason=" ")
    assert "不能用这种算法" in sent(town, "console_key_plan", **(PLAN | {"usage": "TPK", "algorithm": "DES"}))


@pytest.mark.parametrize(
    "form", [{"usage": "COMPONENT"}, {"usage": "?"}, {"algorithm": "?"}, {"origin": "?"}, {"name": " "}]
)
def test_a_form_that_is_not_ours_is_not_found(town: Town, form: dict[str, str]) -> None:
    assert town.browser("gao").post(reverse("console_key_plan"), PLAN | form).status_code == 404
    assert town.browser("gao").get(reverse("console_key", args=("f" * 32,))).status_code == 404


def test_a_key_travels_under_another_one(town: Town) -> None:
    zmk = planned(town, name="zmk", usage="ZMK")
    change(town, zmk, "generate")
    change(town, zmk, "activate")
    key_id = planned(town)
    change(town, key_id, "generate")
    assert "承载密钥" in seen(town, "console_key", key_id)
    page = change(town, key_id, "export", kek="zmk")
    record = KeyRecord.objects.get(key_id=key_id)
    cipher = record.keyrequest_set.get(change="export").result["cipher"]
    assert cipher in page
    back = planned(town, name="back", origin="imported")
    assert "密文" in seen(town, "console_key", back)
    sent(
        town,
        "console_key_ask",
        back,
        change="import",
        reason="x",
        kek="zmk",
        cipher=cipher,
        check=record.check_value[:6],
    )
    asked = seen(town, "console_key", back, who="he")
    assert cipher in asked
    assert f"<code>{record.check_value[:6]}</code>" in asked
    sent(town, "console_key_answer", back, who="he", answer="approve")
    assert KeyRecord.objects.get(key_id=back).check_value == record.check_value


def test_a_key_travels_in_a_key_block(town: Town) -> None:
    zmk = planned(town, name="zmk", usage="ZMK", algorithm="AES256")
    change(town, zmk, "generate")
    change(town, zmk, "activate")
    key_id = planned(town, usage="ZPK", algorithm="AES128")
    assert "导出形式" not in seen(town, "console_key", key_id)  # there is nothing to export yet
    change(town, key_id, "generate")
    assert "导出形式" in seen(town, "console_key", key_id)
    assert "wrong_algorithm" in change(town, key_id, "export", kek="zmk", form="ecb")
    sent(town, "console_key_answer", key_id, answer="withdraw")
    sent(town, "console_key_ask", key_id, change="export", reason="the partner", kek="zmk", form="block")
    asked = seen(town, "console_key", key_id, who="he")
    assert re.search("<dd>zmk</dd>\\s*<dt>导出形式</dt><dd>密钥块", asked)  # He sees what he approves
    page = sent(town, "console_key_answer", key_id, who="he", answer="approve")
    record = KeyRecord.objects.get(key_id=key_id)
    block = record.keyrequest_set.get(change="export", answer="approved").result["block"]
    assert block in page
    back = planned(town, name="back", usage="ZPK", algorithm="AES128", origin="imported")
    assert "密钥块" in seen(town, "console_key", back)
    sent(town, "console_key_ask", back, change="import", reason="x", kek="zmk", block=f" {block[:60]}\r\n{block[60:]} ")
    assert block[60:] in seen(town, "console_key", back, who="he")
    sent(town, "console_key_answer", back, who="he", answer="approve")
    assert KeyRecord.objects.get(key_id=back).check_value == record.check_value


def test_a_pairs_public_key_is_shown(town: Town, vault: SoftwareVault) -> None:
    key_id = planned(town, name="channel", usage="SIGN", algorithm="SM2")
    page = change(town, key_id, "generate")
    wrapped = WrappedKey.from_text(KeyRecord.objects.get(key_id=key_id).wrapped)
    assert vault.public_key(key=wrapped).hex().upper() in page
    assert wrapped.text() not in page


def test_a_key_is_rotated_and_ends_by_two_people_each_time(town: Town) -> None:
    old, new = planned(town), planned(town)
    for key_id in (old, new):
        change(town, key_id, "generate")
        change(town, key_id, "activate")
    states = {row.key_id: row.state for row in KeyRecord.objects.all()}
    assert states == {old: "retired", new: "active"}
    for step, words in (("compromise", "可能泄露"), ("destroy", "已销毁")):
        sent(town, "console_key_ask", new, change=step, reason="a laptop was lost")
        assert "需要另一个人来批准" in sent(town, "console_key_answer", new, answer="approve")
        assert words in sent(town, "console_key_answer", new, who="he", answer="approve")
    assert KeyRecord.objects.get(key_id=new).wrapped == ""
    page = seen(town, "console_key", new)
    assert "申请变更" not in page  # nothing can happen to it any more
    assert "a laptop was lost" in page
    assert "现在的状态不允许" in sent(town, "console_key_ask", new, change="activate", reason="once more")


def test_an_approval_that_was_refused_is_in_the_audit_trail(town: Town) -> None:
    key_id = planned(town)
    sent(town, "console_key_ask", key_id, change="generate", reason="first key")
    sent(town, "console_key_answer", key_id, answer="approve")
    assert "密钥步骤未做" in seen(town, "console_audit")
    row = AuditRow.objects.latest("seq")
    assert (row.action, row.actor, row.detail["fault"]) == ("key_refused", "gao", "same_person")


CHINESE = re.compile("[\u3400-\u9fff]")


def test_the_pages_speak_english(town: Town) -> None:
    zmk = planned(town, name="zmk", usage="ZMK")
    change(town, zmk, "generate")
    change(town, zmk, "activate")
    imported = planned(town, name="back", origin="imported")
    parts = planned(town, name="parts", origin="components", parts="3")
    sent(town, "console_key_ask", zmk, change="retire", reason="the partner has left")
    pages = [seen(town, "console_keys", language="en")]
    pages += [seen(town, "console_key", key_id, language="en") for key_id in (zmk, imported, parts)]
    for page in pages:
        main = page.partition("<main")[2].partition("</main>")[0]
        assert CHINESE.findall(main) == []
    gao = town.browser("gao", "en")
    told = gao.post(reverse("console_key_answer", args=(zmk,)), {"answer": "approve"}, follow=True).content.decode()
    assert "Not done: another person must approve." in told


@pytest.mark.parametrize("name", ["console_key_plan", "console_key_ask", "console_key_answer"])
def test_a_change_is_never_a_mere_visit(town: Town, name: str) -> None:
    args = () if name == "console_key_plan" else (planned(town),)
    assert town.browser("gao").get(reverse(name, args=args)).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(username="gao"))
    assert strict.post(reverse(name, args=args), PLAN).status_code == 403


def test_a_change_of_a_key_that_is_not_there_is_said(town: Town) -> None:
    for name, form in (("console_key_ask", {"change": "generate", "reason": "x"}), ("console_key_answer", {})):
        answer = town.browser("gao").post(reverse(name, args=("f" * 32,)), form)
        assert answer.status_code == 302
    assert town.browser("gao").post(reverse("console_key_ask", args=("f" * 32,)), {"change": "?"}).status_code == 404


@pytest.mark.parametrize("parts", ["2", "3"])
def test_a_key_of_components_says_how_custodians_enter_them(town: Town, parts: str) -> None:
    key_id = planned(town, origin="components", parts=parts)
    page = seen(town, "console_key", key_id)
    assert f"已录入 0 / {parts}" in page
    assert f"xiaopos keys enter {key_id}" in page


def test_how_often_a_key_was_used_is_shown(town: Town, vault: SoftwareVault) -> None:
    key_id = planned(town)
    assert "还没有用过" in seen(town, "console_key", key_id)
    change(town, key_id, "generate")
    record = KeyRecord.objects.get(key_id=key_id)
    for number, uses in enumerate((40, 2)):
        KeyUseCount.objects.create(
            count_id=f"{number:032x}", vault_id=record.vault_id, usage="ZAK", check_value=record.check_value,
            operation="mac", process="card-host", uses=uses, at=record.created_at,
        )  # fmt: skip
    assert "<dd>42</dd>" in seen(town, "console_key", key_id)


def test_everything_has_words() -> None:
    for kinds, table in (
        (KeyUsage, key_words.USAGES),
        (KeyState, key_words.STATES),
        (Change, key_words.CHANGES),
        (Origin, key_words.ORIGINS),
        (CeremonyFault, key_words.FAULTS),
    ):
        assert set(table) == set(kinds)
    assert key_words.words_of("older", KeyState, key_words.STATES) == "older"
    assert {algorithm.value for algorithm in KeyAlgorithm} >= {"TDES2", "SM4"}


def test_a_token_that_is_away_is_said_and_the_change_waits_on(town: Town) -> None:
    key_id = planned(town)
    sent(town, "console_key_ask", key_id, change="generate", reason="first key")

    def away() -> SoftwareVault:
        raise KeyRefused(KeyFault.OUT_OF_REACH, "no token")

    key_room.install(away)
    assert "加密机拒绝了。 out_of_reach: no token" in sent(
        town, "console_key_answer", key_id, who="he", answer="approve"
    )
    assert "批准并执行" in seen(town, "console_key", key_id, who="he")


def test_a_page_without_a_vault_is_the_compositions_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_room, "_openers", [])
    with pytest.raises(AssertionError, match="installed no vault"):
        key_room.vault()
