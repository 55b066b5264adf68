"""A house with keys for people's data, and people who apply with their own browsers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from support.applicants import PAPERS, PHONES, a_picture
from support.channels import new_vault
from xiaopos.keys import KeyAlgorithm, KeyUsage, Vault
from xiaopos.merchants.applications.fields import Field, Kind, Step, fields_of
from xiaopos.merchants.applications.sealing import MARK_NAME, SEAL_NAME
from xiaopos.store.applications.models import ApplicationRow, LetterRow
from xiaopos.store.keys.models import HouseKey
from xiaopos.store.merchants.models import PricePlan
from xiaopos.web import key_room


@pytest.fixture
def keys(db: None) -> None:
    """The vault, and the house's two keys for people's data."""
    vault = new_vault()
    key_room.install(lambda: vault)
    keep_keys(vault)


def keep_keys(vault: Vault) -> None:
    """A vault makes the house's two keys for people's data; the plan of new merchants is there."""
    made = {
        SEAL_NAME: vault.generate(usage=KeyUsage.SEAL, algorithm=KeyAlgorithm.AES256),
        MARK_NAME: vault.generate(usage=KeyUsage.TOKEN, algorithm=KeyAlgorithm.HMAC256),
    }
    for name, key in made.items():
        HouseKey.objects.create(
            name=name, wrapped=key.text(), check_value=key.kcv, made_at=timezone.now(), made_by="test"
        )
    PricePlan.objects.create(
        plan_id="street",
        name_zh="街边小店",
        name_en="Street shop",
        prices={"debit": {"ppm": 5000, "cap_minor": 2000}, "credit": {"ppm": 6000, "cap_minor": None}},
        refund_returns_fee=True,
    )


@dataclass
class Applicant:
    """Somebody with a telephone."""

    kind: Kind = Kind.MICRO
    browser: Client = field(default_factory=Client)
    own: dict[Field, str] = field(default_factory=dict)
    """What is theirs and not the cast's."""

    def begins(self, **parts: str) -> Any:
        """Fill in the first page."""
        form = {"kind": self.kind.value, "category": "5812", "region": "310115", "phone": self.phone} | parts
        return self.browser.post(reverse("apply_start"), form)

    @property
    def phone(self) -> str:
        """Their telephone number."""
        return self.own.get(Field.PHONE, PHONES[self.kind])

    def opens(self, name: str, *args: str) -> str:
        """Read a page."""
        answer = self.browser.get(reverse(name, args=args))
        assert answer.status_code == 200, answer
        return str(answer.content.decode())

    def fills(self, step: Step, **parts: str) -> Any:
        """Fill in a step with one's papers."""
        papers = PAPERS[self.kind] | self.own
        form = {name.value: papers.get(name, "") for name in fields_of(step) if name is not Field.PHONE}
        form |= {"phone": self.phone} if step is Step.PERSON else {}
        return self.browser.post(reverse("apply_step", args=[step.value]), form | parts)

    def sends(self, name: Field, data: bytes | None = None) -> Any:
        """Send a picture."""
        file = SimpleUploadedFile("photo.jpg", a_picture() if data is None else data, "image/jpeg")
        return self.browser.post(reverse("apply_picture", args=[name.value]), {"picture": file})

    def fills_everything(self) -> None:
        """Every step and every picture that is asked."""
        for step in Step:
            if step is Step.PICTURES:
                page = self.opens("apply_step", step.value)
                for name in re.findall(r'id="(\w+)-form"', page):
                    assert self.sends(Field(name)).status_code == 302, name
            elif self.kind is not Kind.MICRO or step is not Step.BUSINESS:
                papers = PAPERS[self.kind]
                long = {f"{name.value}_long": "yes" for name, text in papers.items() if text == "long_term"}
                answer = self.fills(step, **long)
                assert answer.status_code == 302, answer.content.decode()

    def hands_in(self, **parts: str) -> Any:
        """Agree and hand it in."""
        form = {"agree_review": "yes", "agree_contact": "yes"} | parts
        return self.browser.post(reverse("apply_check"), form, follow=True)

    def link(self) -> str:
        """The link that leads back."""
        found = re.search(r'value="http://testserver(/apply/a/[^"]+)"', self.opens("apply_now"))
        assert found is not None
        return found[1]

    @property
    def row(self) -> ApplicationRow:
        """The newest application."""
        return ApplicationRow.objects.order_by("-opened_at")[0]


@pytest.fixture
def lin(keys: None) -> Applicant:
    """Lin, who has a tea stall and no licence."""
    return Applicant()


def newest_code() -> str:
    """What the pretend telephone received last."""
    return LetterRow.objects.order_by("-at")[0].code
