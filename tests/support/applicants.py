"""People who apply for a POS and people who review, on Django's test database with a vault of their own.

What may live here: the cast's papers, verbs. What may not: what a test expects.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import xiaopos
from support.channels import new_vault
from xiaopos.kernel.ids import make_id
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyUsage
from xiaopos.merchants.applications.fields import Field, Kind, is_picture
from xiaopos.merchants.applications.requirements import due_now
from xiaopos.merchants.applications.rule_file import read_rule_book
from xiaopos.merchants.applications.rulebook import NEEDED, Purpose
from xiaopos.merchants.applications.sealing import PersonalSeal
from xiaopos.merchants.applications.states import ApplicationState
from xiaopos.risk.rings.traits import Weights
from xiaopos.risk.screening.matching import Terms
from xiaopos.store.applications.book import ApplicationRows
from xiaopos.store.applications.pictures import PictureRows
from xiaopos.store.merchants.models import PricePlan
from xiaopos.store.rings.book import TraitRows
from xiaopos.store.screening.book import ScreeningRows
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.application_ports import ApplicationDesk, CallOutcome, Start
from xiaopos.usecases.apply_for_pos import Standing, begin, hand_in, save_step, standing_of
from xiaopos.usecases.keep_documents import NewPicture, Scan
from xiaopos.usecases.review_application import approve, plan_call, record_call, take
from xiaopos.usecases.see_risk import ListView, RingView

AT = datetime(2026, 6, 1, 2, tzinfo=UTC)
RULES = read_rule_book((Path(xiaopos.__file__).parent / "application_rules.toml").read_text(encoding="utf8"))
HE, GAO = Actor("he", "risk", "the papers fit"), Actor("gao", "administrator", "looked at it again")

PERSON: dict[Field, str] = {
    Field.SHOP_NAME: "林晓茶摊",
    Field.SHOP_ADDRESS: "上海市浦东新区柳巷 8 号",
    Field.MONTHLY: "under_10k",
    Field.PERSON_NAME: "林晓",
    Field.RESIDENT_ID: "11010519491231002X",
    Field.ID_UNTIL: "2036-06-01",
    Field.CARD_NUMBER: "6222021234567890128",
}
SOLE = PERSON | {
    Field.SHOP_NAME: "陈记面馆",
    Field.PERSON_NAME: "陈",
    Field.LICENCE_NAME: "陈记面馆",
    Field.LICENCE_CODE: "92310115MA1K4A0001",
    Field.LICENCE_UNTIL: "long_term",
}
COMPANY: dict[Field, str] = {
    **{name: text for name, text in PERSON.items() if name is not Field.CARD_NUMBER},
    Field.SHOP_NAME: "梧桐书店",
    Field.PERSON_NAME: "吴",
    Field.LICENCE_NAME: "梧桐书店有限公司",
    Field.LICENCE_CODE: "91440300708461136T",
    Field.LICENCE_UNTIL: "long_term",
    Field.ACCOUNT_NAME: "梧桐书店有限公司",
    Field.ACCOUNT_NUMBER: "1001234567",
    Field.ACCOUNT_BANK: "工商银行",
}
PAPERS: dict[Kind, dict[Field, str]] = {Kind.MICRO: PERSON, Kind.SOLE: SOLE, Kind.COMPANY: COMPANY}
REGION = ("上海市", "市辖区", "浦东新区")
PHONES = {Kind.MICRO: "13800000001", Kind.SOLE: "13800000002", Kind.COMPANY: "13800000003"}


def social_credit_code(begins: str) -> str:
    """The first 17 characters of a code with the one that checks them."""
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(pow(3, place, 31) * letters.index(mark) for place, mark in enumerate(begins))
    return begins + letters[-total % 31]


SOLE[Field.LICENCE_CODE] = social_credit_code(SOLE[Field.LICENCE_CODE][:17])


def a_picture(width: int = 300, height: int = 240, shade: int = 200) -> bytes:
    """A PNG of one colour."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = (b"\0" + bytes([shade]) * width) * height
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@dataclass
class Told:
    """A Notifier that remembers what it sent."""

    letters: list[tuple[str, str]] = field(default_factory=list)

    def send_code(self, application: Any, phone: str, code: str, at: datetime) -> None:
        """See Notifier."""
        self.letters.append((phone, code))


class Office:
    """The desk, and verbs of everybody who comes to it. Time stands still until told."""

    def __init__(self, **rules: Any) -> None:
        vault = new_vault()
        self.seal = PersonalSeal(
            vault,
            vault.generate(usage=KeyUsage.SEAL, algorithm=KeyAlgorithm.AES256),
            vault.generate(usage=KeyUsage.TOKEN, algorithm=KeyAlgorithm.HMAC256),
        )
        self.book, self.pictures = ApplicationRows(self.seal), PictureRows(self.seal)
        self.at, self.made = AT, 0
        book = replace(RULES, **rules)
        self.lists = ScreeningRows(Secret(b"k" * 32), self.new_id)
        self.rings = RingView(TraitRows(), Weights(), self.seal.mark, self.pictures.likenesses, lambda region: REGION)
        views = (self.rings, ListView(self.lists, Terms()))
        zone, keyed = ZoneInfo("Asia/Shanghai"), self.seal.keyed
        self.desk = ApplicationDesk(self.book, book, book, views, self.new_id, zone, "89800000", keyed)
        PricePlan.objects.get_or_create(
            plan_id="street",
            defaults={"name_zh": "街边小店", "name_en": "Street shop", "prices": {}, "refund_returns_fee": True},
        )

    def new_id(self, at: datetime) -> str:
        """Numbers in a row."""
        self.made += 1
        return make_id(int(at.timestamp() * 1000), self.made.to_bytes(10, "big"))

    def later(self, **parts: int) -> None:
        """Time passes."""
        self.at += timedelta(**parts)

    def begins(self, kind: Kind = Kind.MICRO, category: str = "5812", **parts: Any) -> str:
        """Somebody begins."""
        start = Start(kind, category, "310115", PHONES[kind], "zh-hans", f"{self.made:064x}")
        found = begin(replace(start, **parts), self.at, self.desk)
        assert isinstance(found, str), found
        return found

    def fills_in(self, number: str, papers: Mapping[Field, str] | None = None) -> None:
        """Types everything that is due, and sends every picture that is."""
        application = self.book.recall(number)
        assert application is not None
        given = PAPERS[Kind(application.kind)] | dict(papers or {})
        assert isinstance(save_step(number, given, self.at, self.desk), tuple)
        for name in due_now(self.standing(number).dues):
            if is_picture(name) and name not in self.standing(number).values:
                self.sends(number, name)

    def sends(self, number: str, name: Field, known_by: str = "") -> None:
        """Sends a picture, as it is kept once it was drawn."""
        application = self.book.recall(number)
        assert application is not None
        picture = NewPicture(name, a_picture(), Scan.UNSCANNED, self.at, known_by)
        assert self.pictures.keep(application, picture, self.new_id(self.at))

    def hands_in(self, number: str, consents: frozenset[Purpose] = NEEDED) -> None:
        """Agrees and hands it in."""
        found = hand_in(number, consents, self.at, self.desk)
        assert found is ApplicationState.SUBMITTED, found

    def applies(self, kind: Kind = Kind.MICRO, papers: Mapping[Field, str] | None = None, **parts: Any) -> str:
        """From the beginning to the queue."""
        number = self.begins(kind, **parts)
        self.fills_in(number, papers)
        self.hands_in(number)
        return number

    def takes(self, number: str, who: Actor = HE) -> None:
        """Somebody takes it from the queue."""
        assert take(number, who, self.at, self.desk) is None

    def calls(self, number: str, outcome: CallOutcome = CallOutcome.CONFIRMED, who: Actor = HE) -> None:
        """Whoever has it calls the applicant."""
        assert plan_call(number, who, self.at, self.desk) is None
        self.later(minutes=1)
        assert record_call(number, outcome, who, self.at, self.desk) is None

    def approves(self, number: str, who: Actor = HE) -> ApplicationState:
        """Somebody approves it."""
        found = approve(number, who, self.at, self.desk)
        assert isinstance(found, ApplicationState), found
        return found

    def standing(self, number: str) -> Standing:
        """Everything about it."""
        application = self.book.recall(number)
        assert application is not None
        return standing_of(application, self.at, self.desk)

    def state(self, number: str) -> str:
        """Where it is."""
        application = self.book.recall(number)
        assert application is not None
        return str(application.state)
