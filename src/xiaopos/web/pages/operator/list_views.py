"""The console's lists that terminals download: what stands on a day, entering an entry, a second person's approval.

What may live here: parse a form, call the use case, say what happened. What may not: rules, writing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from xiaopos.fleet.downloads import DownloadKind, DownloadRow, key_of_entry, standing
from xiaopos.fleet.profiles import PROFILES
from xiaopos.kernel.refusal import Refused
from xiaopos.merchants.roles import Permission
from xiaopos.store.fleet.downloads import DownloadLine, DownloadRows, download_lines
from xiaopos.usecases.enter_download import DownloadEntry, approve_download, drop_download, enter_download
from xiaopos.web.access import may, person_of, requires
from xiaopos.web.pages.operator.changes import actor_of
from xiaopos.web.words import in_english, reason_words
from xiaopos.wire.iso8583.terminal_parts import PARAMETERS
from xiaopos.wire.malformed import Malformed

KIND_WORDS = {
    DownloadKind.PARAMETERS: gettext_lazy("终端参数"),
    DownloadKind.PUBLIC_KEYS: gettext_lazy("IC 卡公钥"),
    DownloadKind.CHIP_PARAMETERS: gettext_lazy("IC 卡参数"),
    DownloadKind.BLACKLIST: gettext_lazy("卡 BIN 黑名单"),
}
_LONGEST = 4096
_OF_CHIPS = (DownloadKind.PUBLIC_KEYS, DownloadKind.CHIP_PARAMETERS)


@dataclass(frozen=True, slots=True)
class Unread:
    """A form that cannot be read, and why in words."""

    why: str


def _kind(name: str) -> DownloadKind:
    try:
        return DownloadKind(name)
    except ValueError:
        raise Http404 from None


def _names() -> dict[str, str]:
    """What the parameters are called, by their tags."""
    return {part.tag: part.en if in_english() else part.zh for part in PARAMETERS.parts}


@requires(Permission.SEE_CONSOLE)
def entries(request: HttpRequest, kind: str) -> HttpResponse:
    """One list: what waits, what stands today for terminals of a profile, what is entered for days to come."""
    chosen = _kind(kind)
    today = timezone.localdate()
    profile = request.GET.get("profile", "")
    profile = profile if profile in PROFILES else ""
    lines = download_lines(chosen)
    approved = [line.row for line in lines if line.approver]
    context = {
        "kind": chosen,
        "kinds": KIND_WORDS.items(),
        "title": KIND_WORDS[chosen],
        "today": today,
        "chosen": profile,
        "profiles": PROFILES.values(),
        "waiting": [line for line in lines if not line.approver],
        "standing": _with_people(standing(approved, profile, today), lines),
        "coming": [line for line in lines if line.approver and line.row.valid_from > today],
        "names": _names() if chosen is DownloadKind.PARAMETERS else {},
        "of_chips": chosen in _OF_CHIPS,
        "may_enter": may(request.user, Permission.ENTER_LISTS),
        "me": person_of(request).username,
    }
    return render(request, "web/console/lists.html", context)


def _with_people(rows: tuple[DownloadRow, ...], lines: tuple[DownloadLine, ...]) -> list[DownloadLine]:
    known = {line.row: line for line in lines}
    return [known[row] for row in rows]


def _read(request: HttpRequest, kind: DownloadKind) -> DownloadRow | Unread:
    """The row of a form: its key is the entry's own where it has one."""
    content = (
        "".join(request.POST.get("content", "")[: _LONGEST + 1].split()) if kind is not DownloadKind.PARAMETERS else ""
    )
    content = content.upper() or request.POST.get("content", "")[:_LONGEST].strip()
    key = request.POST.get("key", "")[:48].strip()
    withdrawn = request.POST.get("withdraw") == "yes"
    profile = request.POST.get("profile", "")
    try:
        valid_from = date.fromisoformat(request.POST.get("valid_from", ""))
    except ValueError:
        return Unread(_("生效日期看不懂，请选一个日期"))
    if profile and profile not in PROFILES:
        return Unread(_("没有这种接入方式，请重新选择"))
    if withdrawn:
        return DownloadRow(kind, key, profile, valid_from, "") if key else Unread(_("请写明撤下哪一条"))
    if not content:
        return Unread(_("请填内容"))
    if kind is DownloadKind.BLACKLIST:
        key = content
    if kind in _OF_CHIPS:
        try:
            key = key_of_entry(bytes.fromhex(content), kind)
        except (Malformed, ValueError) as wrong:
            return Unread(_("内容不是完整的 TLV 十六进制：%(why)s") % {"why": wrong})
    return DownloadRow(kind, key, profile, valid_from, content)


def _told(request: HttpRequest, kind: DownloadKind, refused: Refused | None, done: str) -> HttpResponse:
    if refused is None:
        messages.success(request, done)
    else:
        words = reason_words(refused.reason)
        detail = f"（{refused.detail}）" if refused.detail else ""
        messages.error(request, _("没有改动：%(why)s") % {"why": f"{words.title}{detail}"})
    return redirect("console_lists", kind.value)


@require_POST
@requires(Permission.ENTER_LISTS)
def enter(request: HttpRequest, kind: str) -> HttpResponse:
    """Enter an entry; another person approves it."""
    chosen = _kind(kind)
    row = _read(request, chosen)
    if isinstance(row, Unread):
        messages.error(request, _("没有改动：%(why)s") % {"why": row.why})
        return redirect("console_lists", chosen.value)
    entry = DownloadEntry(row, actor_of(request), timezone.now())
    refused = enter_download(entry, timezone.localdate(), DownloadRows())
    return _told(request, chosen, refused, _("已录入，等另一个人复核后生效"))


@require_POST
@requires(Permission.ENTER_LISTS)
def answer(request: HttpRequest, kind: str) -> HttpResponse:
    """Approve an entry that another person made, as it was seen, or take it away."""
    chosen = _kind(kind)
    try:
        valid_from = date.fromisoformat(request.POST.get("valid_from", ""))
    except ValueError:
        raise Http404 from None
    row = DownloadRow(
        chosen,
        request.POST.get("key", "")[:48],
        request.POST.get("profile", "")[:32],
        valid_from,
        request.POST.get("content", "")[: _LONGEST + 1],
    )
    entry = DownloadEntry(row, actor_of(request), timezone.now())
    if request.POST.get("answer") == "approve":
        return _told(request, chosen, approve_download(entry, DownloadRows()), _("已复核，自生效日起下发给终端"))
    return _told(request, chosen, drop_download(entry, DownloadRows()), _("已撤回这条录入"))
