"""The owner's pages of speakers: pairing shown once, its limits, taking out of service, in both languages."""

from __future__ import annotations

import hmac
import re
from typing import NoReturn

import pytest
from django.urls import reverse

from support.channels import new_vault
from support.desk_town import Town
from support.world import NOODLES, TEA
from xiaopos.keys import KeyFault, KeyRefused, MacKind, WrappedKey
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.keys.models import KeyRecord
from xiaopos.store.speakers.models import SpeakerRow
from xiaopos.usecases.announce_payment import MOST_SPEAKERS
from xiaopos.web import key_room

CHINESE = re.compile(r"[\u3400-\u9fff]+")


@pytest.fixture
def vault(town: Town):
    made = new_vault()
    key_room.install(lambda: made)
    return made


def pairs(town: Town, **parts: str):
    form = {"label": "前台音箱", "shop": f"shop-{NOODLES}"} | parts
    return town.browser("chen", shown=True).post(reverse("portal_speaker_pair"), form, follow=True)


def test_the_pairing_is_shown_once_and_its_secret_is_the_key_in_the_vault(town: Town, vault) -> None:
    response = pairs(town)
    assert response["Cache-Control"] == "no-store"
    page = response.content.decode()
    speaker_id, secret = re.findall(r"xiaopos-speaker:([0-9a-f]{32}):([0-9a-f]{64})", page)[0]
    assert "<svg" in page
    row = SpeakerRow.objects.get()
    assert (row.speaker_id, row.merchant_id, row.shop_id) == (speaker_id, NOODLES, f"shop-{NOODLES}")
    mac = vault.mac(key=WrappedKey.from_text(row.secret), data=b"x", kind=MacKind.HMAC_SHA256)
    assert mac == hmac.digest(bytes.fromhex(secret), b"x", "sha256")
    assert KeyRecord.objects.filter(name__startswith="sp-").count() == 1
    listed = town.browser("chen").get(reverse("portal_speakers")).content.decode()
    assert secret not in listed
    assert "前台音箱" in listed
    (line,) = AuditRow.objects.filter(action="speaker_paired")
    assert (line.actor, line.object_id) == ("chen", speaker_id)


def test_without_the_second_factor_nothing_is_paired(town: Town, vault) -> None:
    form = {"label": "x", "shop": f"shop-{NOODLES}", "second_factor": "000000"}
    town.browser("chen").post(reverse("portal_speaker_pair"), form)
    assert not SpeakerRow.objects.exists()


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"label": " "}, "起个名字"),
        ({"label": "x" * 41}, "起个名字"),
        ({"label": "a\x07"}, "起个名字"),
        ({"shop": f"shop-{TEA}"}, "没有这家门店"),
    ],
)
def test_what_cannot_be_paired_is_said(town: Town, vault, parts: dict[str, str], said: str) -> None:
    assert said in pairs(town, **parts).content.decode()
    assert not SpeakerRow.objects.exists()


def test_too_many(town: Town, vault, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_SPEAKERS > 1
    monkeypatch.setattr("xiaopos.usecases.keep_speakers.MOST_SPEAKERS", 1)
    pairs(town)
    assert "太多" in pairs(town).content.decode()
    assert SpeakerRow.objects.count() == 1


def test_a_vault_that_is_out_of_reach(town: Town) -> None:
    def closed() -> NoReturn:
        raise KeyRefused(KeyFault.OUT_OF_REACH, "unplugged")

    key_room.install(closed)
    assert "密钥库" in pairs(town).content.decode()
    assert not SpeakerRow.objects.exists()


def test_taking_one_out_of_service_is_the_owners_alone(town: Town, vault) -> None:
    pairs(town)
    where = reverse("portal_speaker_remove", args=[SpeakerRow.objects.get().speaker_id])
    assert town.browser("he").post(where).status_code == 403
    assert town.browser("chen").post(where).status_code == 302
    assert SpeakerRow.objects.get().state == "removed"
    assert AuditRow.objects.filter(action="speaker_removed").count() == 1
    assert town.browser("chen").post(where).status_code == 404
    assert "还没有播报音箱" in town.browser("chen").get(reverse("portal_speakers")).content.decode()


def test_in_english(town: Town, vault) -> None:
    pairs(town, label="front")
    page = town.browser("chen", "en").get(reverse("portal_speakers")).content.decode()
    main = page[page.index("<main") : page.index("</main")].replace("陈记面馆", "")
    assert not CHINESE.findall(main)
