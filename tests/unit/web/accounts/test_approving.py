"""A manager's approval code: whose it is, wrong ones, lock-out, the audit trail."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from unit.web.accounts.conftest import APPROVAL
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.people.models import User
from xiaopos.web.approval import approve
from xiaopos.web.trail import address_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_of_zhou(people):
    request = RequestFactory().post("/cashier/")
    request.user = people["zhou"]
    return request


def test_a_managers_code_approves_and_leaves_a_row(request_of_zhou):
    assert approve(request_of_zhou, f" {APPROVAL} ", object_kind="payment", object_id="p1") == "lin"
    row = AuditRow.objects.get()
    assert (row.action, row.actor, row.object_id, row.detail["approver"]) == ("approval_given", "zhou", "p1", "lin")


def test_no_code_is_asked_for(request_of_zhou):
    assert approve(request_of_zhou, "  ") == Refused(Reason.MANAGER_NEEDED)


def test_another_shops_owner_approves_nothing_here(request_of_zhou):
    assert approve(request_of_zhou, "135790") == Refused(Reason.MANAGER_WRONG)
    assert AuditRow.objects.get().action == "approval_refused"


def test_a_manager_who_was_switched_off_approves_nothing(request_of_zhou):
    User.objects.filter(username="lin").update(active=False)
    assert approve(request_of_zhou, APPROVAL) == Refused(Reason.MANAGER_WRONG)


def test_five_wrong_codes_pause_approvals_of_the_merchant(request_of_zhou):
    answers = [approve(request_of_zhou, "000000") for _ in range(5)]
    assert answers[:4] == [Refused(Reason.MANAGER_WRONG)] * 4
    assert answers[4] == Refused(Reason.TRIES_LOCKED)
    assert approve(request_of_zhou, APPROVAL) == Refused(Reason.TRIES_LOCKED)
    assert AuditRow.objects.filter(action="approval_locked").count() == 1


def test_right_codes_are_not_counted(request_of_zhou):
    assert [approve(request_of_zhou, APPROVAL) for _ in range(7)] == ["lin"] * 7


@pytest.mark.parametrize(
    ("told", "kept"), [("10.1.2.3", "10.1.2.3"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"), ("", ""), ("x", "")]
)
def test_addresses_are_kept_as_households(told, kept):
    request = RequestFactory().get("/", REMOTE_ADDR=told)
    assert address_of(request) == kept
