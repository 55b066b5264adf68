"""What terminals download, as people enter and approve it: two persons, a row a day, nothing of the past."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from xiaopos.fleet.downloads import DownloadKind, DownloadRow
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.simulator.chip_lists import PUBLIC_KEYS
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.fleet.downloads import DownloadLine, DownloadRows, download_lines
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.enter_download import DownloadEntry, approve_download, drop_download, enter_download

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 14, 4, 0, tzinfo=UTC)
TODAY = date(2026, 3, 14)
HE, GAO = Actor("he", "risk", "the network's letter"), Actor("gao", "administrator", "compared with the letter")
INDEX = "A0000003330A"
ROW = DownloadRow(DownloadKind.PUBLIC_KEYS, INDEX, "", TODAY, PUBLIC_KEYS[INDEX])


def entry(actor: Actor = HE, row: DownloadRow = ROW) -> DownloadEntry:
    return DownloadEntry(row, actor, AT)


def reason(refused: Refused | None) -> Reason | None:
    return refused.reason if refused else None


def test_one_person_enters_a_row_and_another_approves_it() -> None:
    book = DownloadRows()
    assert enter_download(entry(), TODAY, book) is None
    assert download_lines(DownloadKind.PUBLIC_KEYS) == (DownloadLine(ROW, "he", ""),)
    assert reason(approve_download(entry(HE), book)) is Reason.NOT_ALLOWED
    assert approve_download(entry(GAO), book) is None
    assert download_lines(DownloadKind.PUBLIC_KEYS, since=TODAY) == (DownloadLine(ROW, "he", "gao"),)
    assert download_lines(DownloadKind.PUBLIC_KEYS, since=TODAY + timedelta(days=1)) == ()
    trail = list(AuditRow.objects.order_by("seq").values_list("actor", "action", "object_id"))
    assert trail == [
        ("he", "enter_download", f"public_keys:{INDEX}"),
        ("gao", "approve_download", f"public_keys:{INDEX}"),
    ]


def test_what_is_unfit_or_past_or_there_is_not_entered() -> None:
    book = DownloadRows()
    wrong = replace(ROW, content=ROW.content.replace("C88BE6", "C88BE7"))
    assert reason(enter_download(entry(row=wrong), TODAY, book)) is Reason.REQUEST_WRONG
    assert reason(enter_download(entry(), TODAY + timedelta(days=1), book)) is Reason.REQUEST_WRONG
    assert reason(enter_download(entry(replace(HE, reason=" ")), TODAY, book)) is Reason.NOTE_MISSING
    assert enter_download(entry(), TODAY, book) is None
    assert reason(enter_download(entry(row=replace(ROW, content="")), TODAY, book)) is Reason.REPEAT_DIFFERS
    assert AuditRow.objects.count() == 1


def test_what_was_approved_is_what_the_approver_saw() -> None:
    book = DownloadRows()
    enter_download(entry(), TODAY, book)
    seen = replace(ROW, content="")
    assert reason(approve_download(entry(GAO, seen), book)) is Reason.REPEAT_DIFFERS
    assert not book.approve(entry(GAO, seen))
    assert reason(approve_download(entry(replace(GAO, reason="")), book)) is Reason.NOTE_MISSING
    assert approve_download(entry(GAO), book) is None
    assert reason(approve_download(entry(GAO), book)) is Reason.ORIGINAL_UNKNOWN


def test_a_waiting_row_is_dropped_and_an_approved_one_is_not() -> None:
    book = DownloadRows()
    enter_download(entry(), TODAY, book)
    assert drop_download(entry(GAO), book) is None
    assert download_lines(DownloadKind.PUBLIC_KEYS) == ()
    assert reason(drop_download(entry(GAO), book)) is Reason.ORIGINAL_UNKNOWN
    enter_download(entry(), TODAY, book)
    approve_download(entry(GAO), book)
    assert not book.drop(entry(HE))
    assert len(download_lines(DownloadKind.PUBLIC_KEYS)) == 1
