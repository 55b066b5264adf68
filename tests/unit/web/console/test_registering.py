"""Registering a terminal at the console: the form, its refusals in words, the key that comes next, and the history."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from support.desk_town import Town
from support.world import TEA
from xiaopos.fleet.fitness import Misfit
from xiaopos.fleet.profiles import PROFILES
from xiaopos.kernel.ids import MerchantId, ShopId, TerminalId
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.fleet.models import Terminal
from xiaopos.store.fleet.register import RegisterRows
from xiaopos.store.merchants.models import Shop
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.register_terminal import ProfileChange, RegisterFault, TerminalEntry
from xiaopos.web.profile_words import FAULT_WORDS, LAYOUT_WORDS, MISFIT_WORDS, profile_facts


def form(**changed: str) -> dict[str, str]:
    """A form that is right."""
    shop = Shop.objects.filter(merchant_id=TEA).get()
    return {
        "shop": shop.shop_id, "model": Terminal.objects.get(terminal_id="10000001").model_id, "serial": "NEW-0001",
        "number": "", "profile": "unionpay-3des-2012", "reason": "新机上线", "even_unfit": "yes", **changed,
    }  # fmt: skip


def sends(town: Town, name: str, argument: str, **sent: str):
    return town.browser("he").post(reverse(name, args=[argument]), sent, follow=True)


def test_a_terminal_is_registered_and_told_what_it_still_needs(town: Town) -> None:
    empty = town.browser("he").get(reverse("console_terminal_register", args=[TEA])).content.decode()
    assert all(profile.chinese in empty for profile in PROFILES.values())
    page = sends(town, "console_terminal_register", TEA, **form()).content.decode()
    row = Terminal.objects.get(serial="NEW-0001")
    assert (row.merchant_id, row.active, row.tmk, row.batch_number) == (TEA, True, "", 1)
    assert row.terminal_id in page
    assert "还没有主密钥" in page
    assert "新机上线" in page
    audited = AuditRow.objects.get(action="register_terminal")
    assert (audited.actor, audited.object_id, audited.detail["profile"]) == (
        "he",
        row.terminal_id,
        "unionpay-3des-2012",
    )


def test_a_number_of_ones_own_may_be_given(town: Town) -> None:
    sends(town, "console_terminal_register", TEA, **form(number="ab12cd34"))
    assert Terminal.objects.filter(terminal_id="AB12CD34", serial="NEW-0001").exists()


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"serial": "DEMO-A1-0001"}, None),
        ({"number": "10000001"}, RegisterFault.NUMBER_TAKEN),
        ({"profile": "x"}, RegisterFault.PROFILE_UNKNOWN),
        ({"model": "x"}, RegisterFault.MODEL_UNKNOWN),
        ({"shop": "x"}, RegisterFault.SHOP_UNKNOWN),
        ({"reason": "  "}, RegisterFault.NO_REASON),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    town: Town, changed: dict[str, str], fault: RegisterFault | None
) -> None:
    if fault is None:
        fault = RegisterFault.SERIAL_TAKEN
        changed = {"serial": Terminal.objects.get(terminal_id="10000001").serial}
    before = Terminal.objects.count()
    answer = sends(town, "console_terminal_register", TEA, **form(**changed))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert str(FAULT_WORDS[fault]) in page
    assert form(**changed)["serial"] in page
    assert Terminal.objects.count() == before
    assert not AuditRow.objects.filter(action="register_terminal").exists()


def test_what_does_not_fit_is_asked_about_first(town: Town) -> None:
    model = Terminal.objects.get(terminal_id="10000001").model
    model.capabilities = ["chip", "qr"]
    model.save()
    answer = sends(town, "console_terminal_register", TEA, **form(profile="unionpay-sm4-draft", even_unfit="no"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert str(MISFIT_WORDS[Misfit.NO_NATIONAL_KEYS]) in page
    assert 'name="even_unfit"' in page


def test_another_profile_ends_the_working_keys_and_is_remembered(town: Town) -> None:
    row = Terminal.objects.get(terminal_id="10000001")
    other = next(name for name in PROFILES if name != row.profile)
    refused = sends(town, "console_terminal_profile", "10000001", profile=row.profile, reason="x").content.decode()
    assert str(FAULT_WORDS[RegisterFault.UNCHANGED]) in refused
    page = sends(
        town, "console_terminal_profile", "10000001", profile=other, reason="新固件", even_unfit="yes"
    ).content.decode()
    changed = Terminal.objects.get(terminal_id="10000001")
    assert (changed.profile, changed.tpk, changed.tak, changed.signed_in_at) == (other, "", "", None)
    assert changed.tmk == row.tmk
    assert "新固件" in page
    assert f"{row.profile} → {other}" in page
    assert town.browser("he").post(reverse("console_terminal_profile", args=["99999999"])).status_code == 404


def test_two_who_register_at_once_never_both_do(town: Town) -> None:
    register, he = RegisterRows(), Actor("he", "risk", "x")
    sent, row = form(), Terminal.objects.get(terminal_id="10000001")
    entry = TerminalEntry(
        TerminalId("10000001"),
        MerchantId(TEA),
        ShopId(sent["shop"]),
        sent["model"],
        "NEW",
        sent["profile"],
        he,
        timezone.now(),
    )
    assert not register.enter(entry)
    assert not AuditRow.objects.filter(action="register_terminal").exists()
    change = ProfileChange(TerminalId("10000001"), "regional-qr-2020", he, timezone.now())
    assert not register.change_profile(change, "not what it was")
    assert Terminal.objects.get(terminal_id="10000001").profile == row.profile


def test_a_merchant_that_there_is_not_has_no_form(town: Town) -> None:
    assert town.browser("he").get(reverse("console_terminal_register", args=["898110058129999"])).status_code == 404


def test_the_first_terminal_of_all_gets_the_first_number(town: Town) -> None:
    Terminal.objects.all().delete()
    assert RegisterRows().next_number() == "10000001"


def test_every_profile_and_fault_has_its_words() -> None:
    assert set(FAULT_WORDS) == set(RegisterFault)
    assert set(MISFIT_WORDS) == set(Misfit)
    for profile in PROFILES.values():
        assert profile.key_layout in LAYOUT_WORDS
        assert all(name and words for name, words in profile_facts(profile))
