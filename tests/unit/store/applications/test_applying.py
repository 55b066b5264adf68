"""What an applicant does: begin, save, hand in, come back by link and code, withdraw, appeal, and be forgotten about."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from support.applicants import AT, HE, PERSON, SOLE, Office, Told
from xiaopos.merchants.applications.checks import Finding, Wrong
from xiaopos.merchants.applications.fields import Field, Kind
from xiaopos.merchants.applications.rulebook import NEEDED, Purpose
from xiaopos.merchants.applications.scoring import Risk
from xiaopos.merchants.applications.states import ApplicationState
from xiaopos.store.applications.models import ApplicationRow, ApplicationValueRow, ConsentRow
from xiaopos.store.applications.queries import consents_of, steps_of
from xiaopos.store.audit.models import AuditRow
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.application_ports import KeptApplication, Start
from xiaopos.usecases.apply_for_pos import (
    CODE_LIVES,
    ApplyFault,
    NotHandedIn,
    appeal,
    begin,
    expire_applications,
    hand_in,
    resume,
    save_step,
    send_code,
    withdraw,
)
from xiaopos.usecases.review_application import refuse, return_parts

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.mark.parametrize(
    ("start", "told"),
    [
        (Start(Kind.MICRO, "5812", "310115", "", "en", "m"), [Finding(Field.PHONE, Wrong.MISSING)]),
        (Start(Kind.MICRO, "7995", "310115", "138", "en", "m"), [
            Finding(None, Wrong.CATEGORY_CLOSED), Finding(Field.PHONE, Wrong.PHONE_FORM)
        ]),
    ],
)  # fmt: skip
def test_what_stops_a_beginning(office: Office, start: Start, told: list[Finding]) -> None:
    assert begin(start, AT, office.desk) == NotHandedIn(tuple(told))
    assert not ApplicationRow.objects.exists()


def test_what_was_typed_is_kept_also_when_it_is_wrong(office: Office) -> None:
    number = office.begins(phone=" 138 0000-0001 ")
    assert office.standing(number).values == {Field.PHONE: "13800000001"}
    found = save_step(number, {Field.RESIDENT_ID: "11010519491231002 1", Field.LEASE: "x"}, AT, office.desk)
    assert found == (Finding(Field.RESIDENT_ID, Wrong.RESIDENT_CHECK),)
    assert office.standing(number).values[Field.RESIDENT_ID] == "110105194912310021"
    long = save_step(number, {Field.SHOP_NAME: "茶" * 5000}, AT, office.desk)
    assert long == (Finding(Field.SHOP_NAME, Wrong.TOO_LONG),)
    assert save_step(number, {Field.SHOP_NAME: " "}, AT, office.desk) == (Finding(Field.SHOP_NAME, Wrong.MISSING),)
    assert Field.SHOP_NAME not in office.standing(number).values
    assert save_step(number, {Field.LICENCE_CODE: "x"}, AT, office.desk) is ApplyFault.NOT_NOW
    assert save_step("nothing", {}, AT, office.desk) is ApplyFault.UNKNOWN


def test_nothing_lies_there_in_the_clear(office: Office) -> None:
    number = office.applies()
    for row in ApplicationValueRow.objects.filter(application_id=number):
        assert PERSON.get(Field(row.field), "13800000001").encode() not in bytes(row.sealed)
        assert PERSON.get(Field(row.field), "13800000001") not in row.mark
    audit = str(list(AuditRow.objects.values_list("detail", "reason", "object_id")))
    assert PERSON[Field.RESIDENT_ID] not in audit


def test_handing_in(office: Office) -> None:
    number = office.begins()
    found = hand_in(number, NEEDED, office.at, office.desk)
    assert isinstance(found, NotHandedIn)
    assert Finding(Field.SHOP_NAME, Wrong.MISSING) in found.findings
    office.fills_in(number)
    assert hand_in(number, {Purpose.REVIEW}, office.at, office.desk) is ApplyFault.CONSENT
    office.hands_in(number, NEEDED | {Purpose.NEWS})
    assert [line.purpose for line in consents_of(number)] == ["contact", "news", "review"]
    assert consents_of(number)[2].words == office.desk.rules.consents[Purpose.REVIEW].zh
    row = ApplicationRow.objects.get()
    assert (row.state, row.due_at, row.edition) == ("submitted", AT + timedelta(hours=24), "demo-2026-1")
    assert hand_in(number, NEEDED, office.at, office.desk) is ApplyFault.NOT_NOW
    assert hand_in("nothing", NEEDED, office.at, office.desk) is ApplyFault.UNKNOWN
    assert save_step(number, {Field.SHOP_NAME: "茶"}, office.at, office.desk) is ApplyFault.NOT_NOW
    (line,) = AuditRow.objects.filter(object_id=number)
    assert (line.actor, line.action) == ("applicant", "application_submit")


@pytest.mark.parametrize("table", ["application_step", "application_consent"])
def test_what_happened_cannot_be_changed(office: Office, table: str) -> None:
    office.applies()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")


def test_words_are_agreed_to_in_the_language_in_which_they_were_read(office: Office) -> None:
    number = office.begins(language="en")
    office.fills_in(number)
    office.hands_in(number)
    assert {row.words for row in ConsentRow.objects.all()} == {
        office.desk.rules.consents[purpose].en for purpose in NEEDED
    }


def test_another_device_needs_the_link_and_the_code(office: Office) -> None:
    number, told = office.begins(link_mark="link"), Told()

    def mark(code: str) -> str:
        return office.seal.mark("code", f"link:{code}")

    send_code("link", "123456", mark("123456"), office.at, office.desk, told)
    send_code("no such link", "654321", mark("654321"), office.at, office.desk, told)
    assert told.letters == [("13800000001", "123456")]
    assert resume("link", mark("654321"), office.at, office.desk) is None
    assert resume("no such link", mark("123456"), office.at, office.desk) is None
    assert resume("link", "", office.at, office.desk) is None
    assert resume("link", mark("123456"), office.at + CODE_LIVES, office.desk) is None
    found = resume("link", mark("123456"), office.at, office.desk)
    assert found is not None
    assert found.application_id == number
    assert resume("link", mark("123456"), office.at, office.desk) is None, "a code works once"
    save_step(number, {Field.PHONE: ""}, office.at, office.desk)
    send_code("link", "123456", mark("123456"), office.at, office.desk, told)
    assert len(told.letters) == 1


def test_withdrawing(office: Office) -> None:
    number = office.applies()
    assert withdraw(number, office.at, office.desk) is ApplicationState.WITHDRAWN
    assert withdraw(number, office.at, office.desk) is ApplyFault.NOT_NOW
    assert withdraw("nothing", office.at, office.desk) is ApplyFault.UNKNOWN
    assert ApplicationRow.objects.get().due_at is None


def test_appealing(office: Office) -> None:
    number = office.applies()
    assert appeal(number, "我有证据", office.at, office.desk) is ApplyFault.NOT_NOW
    assert appeal("nothing", "我有证据", office.at, office.desk) is ApplyFault.UNKNOWN
    office.takes(number)
    assert refuse(number, "店面照片不是这家店", HE, office.at, office.desk) is None
    for words in ("", "x" * 501, "\x07"):
        assert appeal(number, words, office.at, office.desk) is ApplyFault.NO_WORDS
    late = office.at + office.desk.rules.review.appeal_within + timedelta(seconds=1)
    assert appeal(number, "我有证据", late, office.desk) is ApplyFault.TOO_LATE
    assert office.book.appeal_of(number) == office.book.appeal_of("nothing") == ""
    assert appeal(number, "照片就是我的店，门口换了招牌", office.at, office.desk) is ApplicationState.APPEALED
    assert office.book.appeal_of(number) == "照片就是我的店，门口换了招牌"
    assert [line.told for line in steps_of(number)] == ["", "", "店面照片不是这家店", ""]


def test_whoever_does_not_go_on_is_not_waited_for(office: Office) -> None:
    left, returned, busy = office.begins(), office.applies(Kind.SOLE), office.applies()
    office.takes(returned)
    assert return_parts(returned, {Field.SHOP_NAME: "和执照上的名字不同"}, HE, office.at, office.desk) is None
    office.later(days=30)
    clock = Actor("clock", "", "time ran out")
    assert expire_applications(office.at, office.desk, clock) == 0
    office.later(seconds=1)
    assert expire_applications(office.at, office.desk, clock) == 2
    assert [office.state(number) for number in (left, returned, busy)] == ["expired", "expired", "submitted"]


def test_what_others_gave_is_seen_by_the_house_only(office: Office) -> None:
    office.applies()
    number = office.begins(Kind.SOLE, phone="13800000001")
    office.fills_in(number, {Field.CARD_NUMBER: "6217001234567890125"})
    standing = office.standing(number)
    inside = [Finding(Field.RESIDENT_ID, Wrong.USED_ELSEWHERE), Finding(Field.PHONE, Wrong.USED_ELSEWHERE)]
    assert [finding for finding in standing.findings if finding not in standing.told] == inside
    assert Field.DOOR_PICTURE not in [name for name, due in standing.dues.items() if due.need.value == "now"]
    office.hands_in(number)
    row = ApplicationRow.objects.get(application_id=number)
    assert row.score >= 600
    assert "used_elsewhere phone" in row.risk_reasons


def test_one_person_has_only_so_many_merchants(office: Office) -> None:
    for place in range(2):
        number = office.applies(phone=f"1390000000{place}")
        ApplicationRow.objects.filter(application_id=number).update(state="approved", merchant_id=f"m{place}")
    number = office.begins(phone="13900000009")
    office.fills_in(number)
    standing = office.standing(number)
    assert Finding(Field.RESIDENT_ID, Wrong.TOO_MANY) in standing.findings
    assert not any(finding.wrong in (Wrong.TOO_MANY, Wrong.USED_ELSEWHERE) for finding in standing.told)


class Ring:
    """Somebody else who sees risk, and remembers what was kept."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def look(self, application: object, values: object, at: object) -> Risk:
        return Risk(450, ("ring of three",))

    def keep(self, application: KeptApplication, values: object, at: object) -> None:
        self.kept.append(application.application_id)

    def forget(self, application_id: str) -> None:
        self.kept.remove(application_id)


def test_other_views_of_risk_count_too(office: Office) -> None:
    ring = Ring()
    object.__setattr__(office.desk, "views", (ring,))
    number = office.applies(Kind.SOLE, SOLE)
    assert ring.kept == [number]
    row = ApplicationRow.objects.get(application_id=number)
    assert (row.score, row.risk_reasons) == (450, ["ring of three"])


def test_what_moved_meanwhile_is_not_saved(office: Office) -> None:
    number = office.begins()
    read = office.book.recall(number)
    assert read is not None
    assert withdraw(number, office.at, office.desk) is ApplicationState.WITHDRAWN
    assert not office.book.save(read, {Field.SHOP_NAME: "茶"}, office.at)
    assert office.state(number) == "withdrawn"
