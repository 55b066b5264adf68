"""People's data: copied whole, held, deleted with a proof, kept as long as the rules want and no longer."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from support.applicants import GAO, HE, RULES, Office
from xiaopos.merchants.applications.fields import Field, Kind
from xiaopos.merchants.applications.rulebook import Purpose, Record
from xiaopos.merchants.applications.states import ApplicationState
from xiaopos.store.applications.models import (
    ApplicationRow,
    ApplicationValueRow,
    ErasureRow,
    HoldRow,
    LetterRow,
    MerchantLimitsRow,
    PictureRow,
)
from xiaopos.store.applications.personal import PersonalRows
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.merchants.models import Merchant
from xiaopos.store.rings.models import TraitRow
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.apply_for_pos import APPLICANT, withdraw
from xiaopos.usecases.keep_personal_data import (
    Copy,
    DataFault,
    Proof,
    agreed_to,
    answer_consent,
    copy_data,
    digest_of,
    end_business,
    erase_data,
    erase_what_is_over,
    hold_data,
    kept_until,
    record_of,
    texts_of,
)
from xiaopos.usecases.review_application import refuse
from xiaopos.web.data_words import FAULTS, PURPOSES

CLOCK = Actor("clock", "", "its time is over")
NOBODY = Actor("he", "risk", " ")


@pytest.fixture
def office(db: None) -> Office:
    return Office()


@pytest.fixture
def book(office: Office) -> PersonalRows:
    return PersonalRows(office.seal)


def copied(office: Office, book: PersonalRows, number: str) -> Copy:
    copy = copy_data(number, APPLICANT, office.at, office.desk, book)
    assert isinstance(copy, Copy), copy
    return copy


def erased(office: Office, book: PersonalRows, number: str, actor: Actor = APPLICANT) -> Proof | DataFault:
    return erase_data(number, actor, office.at, office.desk, book)


def refused(office: Office) -> str:
    number = office.applies()
    office.takes(number)
    assert refuse(number, "不符合", HE, office.at, office.desk) is None
    return number


def approved(office: Office) -> str:
    number = office.applies(Kind.SOLE)
    office.takes(number)
    assert office.approves(number) is ApplicationState.APPROVED
    return number


def merchant_of(number: str) -> str:
    return str(ApplicationRow.objects.get(application_id=number).merchant_id)


def test_every_word_is_there() -> None:
    assert set(FAULTS) == set(DataFault)
    assert set(PURPOSES) == set(Purpose)
    assert {record_of(state) for state in ApplicationState} == set(Record) - {Record.LETTER}


def test_a_copy_has_everything_and_is_written_down(office: Office, book: PersonalRows) -> None:
    number = office.applies()
    copy = copied(office, book, number)
    told = json.loads(json.dumps(texts_of(copy)))
    assert told["given"]["person_name"] == "林晓"
    assert set(copy.pictures) == {Field.ID_FRONT, Field.ID_BACK}
    assert told["pictures"] == ["id_back", "id_front"]
    assert [one["purpose"] for one in told["consents"]] == ["contact", "review"]
    assert len(copy.pieces) == len(copy.values) + len(copy.pictures)
    (audit,) = AuditRow.objects.filter(action="application_copied")
    assert (audit.actor, audit.object_id) == ("applicant", number)
    assert copy_data("0" * 32, HE, office.at, office.desk, book) is DataFault.UNKNOWN
    assert copy_data(number, NOBODY, office.at, office.desk, book) is DataFault.NO_REASON


def test_what_came_to_nothing_is_deleted_at_once_with_a_proof_that_the_copy_bears_out(
    office: Office, book: PersonalRows
) -> None:
    number = office.applies()
    assert erased(office, book, number) is DataFault.NOT_NOW
    assert withdraw(number, office.at, office.desk) is ApplicationState.WITHDRAWN
    copy = copied(office, book, number)
    assert TraitRow.objects.filter(application_id=number).exists()
    proof = erased(office, book, number)
    assert isinstance(proof, Proof), proof
    assert proof.digest == digest_of(copy.pieces)
    assert (proof.fields, proof.pictures) == (len(copy.values), len(copy.pictures))
    for rows in (ApplicationValueRow, PictureRow, TraitRow):
        assert not rows.objects.filter(application_id=number).exists()
    row = ApplicationRow.objects.get(application_id=number)
    assert (row.state, bytes(row.appeal)) == ("withdrawn", b"")
    at_proof = book.tombstone(number)
    assert at_proof == (office.at, proof)
    assert erased(office, book, number) is DataFault.NOT_NOW
    assert copy_data(number, APPLICANT, office.at, office.desk, book) is DataFault.UNKNOWN
    assert book.tombstone("0" * 32) is None


def test_a_tombstone_and_a_hold_are_never_changed(office: Office, book: PersonalRows) -> None:
    number = office.begins()
    hold_data(number, GAO, office.at, office.desk, book, held=True)
    hold_data(number, GAO, office.at + timedelta(seconds=1), office.desk, book, held=False)
    withdraw(number, office.at, office.desk)
    assert isinstance(erased(office, book, number), Proof)
    for rows in (ErasureRow, HoldRow):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.objects.update(actor="nobody")


def test_a_hold_beats_every_deletion(office: Office, book: PersonalRows) -> None:
    number = office.begins()
    withdraw(number, office.at, office.desk)
    assert hold_data(number, NOBODY, office.at, office.desk, book, held=True) is DataFault.NO_REASON
    assert hold_data("0" * 32, GAO, office.at, office.desk, book, held=True) is DataFault.UNKNOWN
    assert hold_data(number, GAO, office.at, office.desk, book, held=True) is None
    assert hold_data(number, GAO, office.at, office.desk, book, held=True) is DataFault.NOT_NOW
    assert erased(office, book, number) is DataFault.HELD
    office.later(days=1000)
    assert erase_what_is_over(office.at, office.desk, book, CLOCK) == 0
    assert hold_data(number, GAO, office.at, office.desk, book, held=False) is None
    assert erase_what_is_over(office.at, office.desk, book, CLOCK) == 1


def test_what_was_refused_is_kept_for_its_time_and_no_longer(office: Office, book: PersonalRows) -> None:
    number = refused(office)
    keep = RULES.retention[Record.REFUSED].keep
    application = office.book.recall(number)
    assert application is not None
    until = kept_until(application, office.desk, book)
    assert until == office.desk.day(office.at) + keep
    assert erased(office, book, number) is DataFault.TOO_SOON
    assert erased(office, book, number, NOBODY) is DataFault.NO_REASON
    office.at += keep
    assert erased(office, book, number, GAO) is DataFault.TOO_SOON, "the last day counts"
    assert erase_what_is_over(office.at, office.desk, book, CLOCK) == 0
    office.later(days=1, minutes=1)
    assert erase_what_is_over(office.at, office.desk, book, CLOCK) == 1
    assert erase_what_is_over(office.at, office.desk, book, CLOCK) == 0
    assert erased(office, book, "0" * 32) is DataFault.UNKNOWN


def test_a_merchants_data_are_kept_until_long_after_the_end_of_business(office: Office, book: PersonalRows) -> None:
    number = approved(office)
    merchant_id, application = merchant_of(number), office.book.recall(number)
    assert application is not None
    assert kept_until(application, office.desk, book) is None
    assert erased(office, book, number) is DataFault.TOO_SOON
    office.later(days=4000)
    assert erase_what_is_over(office.at, office.desk, book, CLOCK) == 0
    assert end_business(merchant_id, NOBODY, office.at, office.desk, book) is DataFault.NO_REASON
    assert end_business(merchant_id, GAO, office.at, office.desk, book) is None
    assert end_business(merchant_id, GAO, office.at, office.desk, book) is DataFault.NOT_NOW
    assert end_business("0", GAO, office.at, office.desk, book) is DataFault.NOT_NOW
    assert not Merchant.objects.get(merchant_id=merchant_id).active
    assert MerchantLimitsRow.objects.get().ended_on == office.desk.day(office.at)
    keep = RULES.retention[Record.MERCHANT].keep
    assert kept_until(application, office.desk, book) == office.desk.day(office.at) + keep
    office.at += keep + timedelta(days=1, minutes=1)
    assert erase_what_is_over(office.at, office.desk, book, CLOCK) == 1


def test_letters_go_by_themselves(office: Office, book: PersonalRows) -> None:
    number = office.begins()
    LetterRow.objects.create(application_id=number, at=office.at, phone="13800000001", code="123456")
    office.at += RULES.retention[Record.LETTER].keep + timedelta(minutes=1)
    erase_what_is_over(office.at, office.desk, book, CLOCK)
    assert not LetterRow.objects.exists()


def test_a_draft_that_nobody_finished_goes_after_its_time(office: Office, book: PersonalRows) -> None:
    office.begins()
    keep = RULES.retention[Record.UNFINISHED].keep
    office.at += keep + timedelta(days=1, minutes=1)
    assert erase_what_is_over(office.at, office.desk, book, CLOCK, most=0) == 0
    assert erase_what_is_over(office.at, office.desk, book, CLOCK) == 1


def test_of_two_that_delete_at_once_one_was_first(office: Office, book: PersonalRows) -> None:
    number = office.begins()
    withdraw(number, office.at, office.desk)
    read = office.book.recall(number)
    assert read is not None
    forgotten: list[str] = []
    assert book.erase(read, APPLICANT, office.at, lambda: forgotten.append(number)) is not None
    assert book.erase(read, APPLICANT, office.at, lambda: forgotten.append(number)) is None
    assert forgotten == [number]


def test_a_consent_on_which_nothing_depends_is_answered_anew(office: Office, book: PersonalRows) -> None:
    number = office.applies()
    asked = (number, Purpose.NEWS, office.at, office.desk, book)
    assert not agreed_to(Purpose.NEWS, book.consents(number))
    assert answer_consent(*asked, given=True) is None
    assert agreed_to(Purpose.NEWS, book.consents(number))
    office.later(minutes=1)
    assert answer_consent(number, Purpose.NEWS, office.at, office.desk, book, given=False) is None
    assert not agreed_to(Purpose.NEWS, book.consents(number))
    assert len([one for one in book.consents(number) if one.purpose is Purpose.NEWS]) == 2
    assert answer_consent(number, Purpose.REVIEW, office.at, office.desk, book, given=False) is DataFault.NEEDED
    assert answer_consent("0" * 32, Purpose.NEWS, office.at, office.desk, book, given=True) is DataFault.UNKNOWN


def test_an_english_reader_consents_to_english_words(office: Office, book: PersonalRows) -> None:
    number = office.begins(language="en")
    assert answer_consent(number, Purpose.NEWS, office.at, office.desk, book, given=True) is None
    assert book.consents(number)[0].words == RULES.consents[Purpose.NEWS].en
