"""The console's pages of the ledger: the trial balance, and the lines of one account.

What may live here: parse, one query, render. What may not: rules, SQL, posting.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from xiaopos.kernel.money import Money
from xiaopos.ledger import AccountSum, Side, trial_balance
from xiaopos.merchants.roles import Permission
from xiaopos.store.ledger.queries import account_lines, account_sums, export_account
from xiaopos.store.merchants.queries import merchant_names
from xiaopos.web.access import requires
from xiaopos.web.pages.searching import page_of, turning
from xiaopos.web.pages.tables import csv_file
from xiaopos.web.stories import account_kind_words, account_words, entry_words
from xiaopos.web.words import in_english

_PAYABLE = "payable:"


def _titled(sums: tuple[AccountSum, ...]) -> list[tuple[AccountSum, str]]:
    """Each sum with its account's name; merchants by name."""
    numbers = [row.account.code.removeprefix(_PAYABLE) for row in sums if row.account.code.startswith(_PAYABLE)]
    names = merchant_names(numbers)

    def title(code: str) -> str:
        name = names.get(code.removeprefix(_PAYABLE))
        return f"{_('应付商户')} {name[in_english()]}" if name else account_words(code)

    return [(row, title(row.account.code)) for row in sums]


@requires(Permission.SEE_LEDGER)
def accounts(request: HttpRequest) -> HttpResponse:
    """The trial balance: every account, and what is left over per currency."""
    balance = trial_balance(account_sums())
    totals = {
        currency: (
            Money(sum(row.debits_minor for row in balance.sums if row.currency == currency), currency),
            Money(sum(row.credits_minor for row in balance.sums if row.currency == currency), currency),
            Money(difference, currency),
        )
        for currency, difference in balance.difference_minor.items()
    }
    context = {"balance": balance, "rows": _titled(balance.sums), "totals": totals}
    return render(request, "web/console/ledger.html", context)


@requires(Permission.SEE_LEDGER)
def accounts_csv(_request: HttpRequest) -> StreamingHttpResponse:
    """The trial balance as a file."""
    rows = (
        (
            row.account.code,
            title,
            account_kind_words(row.account.kind.value),
            row.currency,
            Money(row.debits_minor, row.currency).decimal(),
            Money(row.credits_minor, row.currency).decimal(),
            Money(row.balance_minor, row.currency).decimal(),
        )
        for row, title in _titled(trial_balance(account_sums()).sums)
    )
    return csv_file("trial-balance", [_("科目"), _("名称"), _("类别"), _("币种"), _("借"), _("贷"), _("余额")], rows)


@requires(Permission.SEE_LEDGER)
def account(request: HttpRequest, account: str) -> HttpResponse:
    """What was posted to one account, newest first."""
    found = account_lines(account, page=page_of(request))
    if not found.lines and found.number == 1:
        raise Http404
    context = {"account": account, "found": found, **turning(request, found.number, found.has_more)}
    return render(request, "web/console/account.html", context)


@requires(Permission.SEE_LEDGER)
def account_csv(_request: HttpRequest, account: str) -> StreamingHttpResponse:
    """An account's lines as a file."""
    rows = (
        (
            timezone.localtime(line.posted_at).strftime("%Y-%m-%d %H:%M:%S"),
            line.business_on,
            entry_words(line.entry_kind),
            line.amount.decimal() if line.side == Side.DEBIT.value else "",
            line.amount.decimal() if line.side == Side.CREDIT.value else "",
            line.amount.currency,
            line.merchant_id,
            line.payment_id,
        )
        for line in export_account(account)
    )
    head = [_("时间"), _("营业日"), _("分录"), _("借"), _("贷"), _("币种"), _("商户编号"), _("订单号")]
    return csv_file("account", head, rows)
