"""What `xiaopos terminal` prints: results and states in Chinese or English, or as one line of JSON.

What may live here: words and lines. What may not: arguments, exit codes (terminal_command), what a terminal does.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Refused
from xiaopos.simulator.terminals.playing import PretendTerminal, Result, result_json
from xiaopos.simulator.terminals.showing import state_json
from xiaopos.terminal.lists import ListKind, Settings
from xiaopos.terminal.outcome import Outcome


def say(asked: argparse.Namespace, held: dict[str, object], zh: str, en: str) -> None:
    """One sentence, or the same as JSON."""
    print(json.dumps(held, ensure_ascii=False) if asked.json else en if asked.lang == "en" else zh)


_LABELS = {
    "masked_pan": ("卡号", "Card"),
    "batch_number": ("批次号", "Batch"),
    "stan": ("凭证号", "Voucher (STAN)"),
    "rrn": ("参考号", "Reference (RRN)"),
    "approval_code": ("授权码", "Approval code"),
    "response_code": ("应答码", "Response code"),
}
_LISTS = {
    "parameters": ("终端参数", "parameters"),
    "public_keys": ("IC卡公钥", "chip public keys"),
    "chip_parameters": ("IC卡参数", "chip parameters"),
    "blacklist": ("黑名单", "blacklist"),
    "status": ("上送状态", "status"),
}
_MONEY = {
    "no": ("资金：未动", "Money: none moved"),
    "yes": ("资金：已动", "Money: moved"),
    "unknown": ("资金：待确认", "Money: not known yet"),
}


def list_name(name: str, lang: str) -> str:
    """What people call a list, or the status that the host wants."""
    return _LISTS[name][1 if lang == "en" else 0]


def _lines(held: dict[str, object], lang: str) -> list[str]:
    place = 1 if lang == "en" else 0
    lines = [f"{held['message']}", *([f"{held['next']}"] if held["next"] else [])]
    amount = held.get("amount_minor")
    if isinstance(amount, int):
        lines.append(f"{('金额', 'Amount')[place]}: {Money(amount)}")
    balance = held.get("balance_minor")
    if isinstance(balance, int):
        lines.append(f"{('可用余额', 'Available balance')[place]}: {Money(balance)}")
    if held.get("list"):
        lines.append(f"{('清单', 'List')[place]}: {list_name(str(held['list']), lang)}")
    lines += [f"{words[place]}: {held[name]}" for name, words in _LABELS.items() if held.get(name)]
    return [*lines, _MONEY[str(held["money_moved"])][place]]


def print_result(
    asked: argparse.Namespace,
    result: Result,
    *,
    before: Outcome | None,
    after: Outcome | None,
    errands: Sequence[Outcome],
    settings: Settings,
) -> None:
    """The result, with what was put right before it and after it, and what was done for the host.

    The shop's name and whom to call come from the downloaded parameters.
    """
    held = result_json(result, asked.lang)
    righted = {"put_right_before": before, "put_right_after": after}
    if asked.json:
        told = {name: None if one is None else one.as_json(asked.lang) for name, one in righted.items()}
        done = [one.as_json(asked.lang) for one in errands]
        print(json.dumps({"simulated": True, **held, **told, "errands": done}, ensure_ascii=False))
        return
    print(("【模拟终端】" if asked.lang == "zh" else "[simulated terminal]") + settings.merchant_name)
    if before is not None:
        print(f"  ↺ {before.words.title(asked.lang)} (STAN {before.stan:06d})")
    print("\n".join(f"  {line}" for line in _lines(held, asked.lang)))
    if settings.phones and (isinstance(result, Refused) or not result.approved):
        print(f"  {'客服电话' if asked.lang == 'zh' else 'Support'}: {' '.join(settings.phones)}")
    if after is not None:
        print("\n".join(f"  ↺ {line}" for line in _lines(after.as_json(asked.lang), asked.lang)))
    for one in errands:
        about = f" ({list_name(one.listed, asked.lang)})" if one.listed else f" (STAN {one.stan:06d})"
        print(f"  ↻ {one.words.title(asked.lang)}{about}")


def print_status(terminal: PretendTerminal, asked: argparse.Namespace) -> None:
    """What can be seen of the terminal."""
    held = state_json(terminal, asked.lang)
    if asked.json:
        print(json.dumps(held, ensure_ascii=False))
        return
    now = terminal.device.remembered
    zh = asked.lang == "zh"
    print("【模拟终端】" if zh else "[simulated terminal]")
    print(f"  {'终端' if zh else 'Terminal'} {now.terminal_id}  {'商户' if zh else 'Merchant'} {now.merchant_id}")
    print(f"  {'状态' if zh else 'State'} {now.state}  {'批次' if zh else 'Batch'} {now.batch_number:06d}")
    if now.owed is not None:
        print(f"  {'待冲正' if zh else 'To be put right'}: STAN {now.owed.stan:06d} {Money(now.owed.amount_minor)}")
    for owed in now.unresolved:
        print(f"  {'未解决' if zh else 'Unresolved'}: STAN {owed.stan:06d} {Money(owed.amount_minor)}")
    for row in now.vouchers:
        mark = (" 已撤销" if zh else " voided") if row.voided else ""
        print(f"  {row.stan:06d} {row.action} {Money(row.amount_minor)} {row.rrn} {row.masked_pan}{mark}")
    _print_lists(terminal, asked.lang)


def _print_lists(terminal: PretendTerminal, lang: str) -> None:
    """What was downloaded, what the host wants, what it is still to be told."""
    now, settings, zh = terminal.device.remembered, terminal.device.settings, lang == "zh"
    if settings.merchant_name:
        phones = "  ".join((*settings.phones, *([settings.manager_phone] if settings.manager_phone else [])))
        print(f"  {settings.merchant_name}  {'客服电话' if zh else 'Support'} {phones or '-'}")
    for kind in ListKind:
        kept = now.kept_list(kind)
        entries = f"{len(kept.entries)} {'条' if zh else 'entries'}"
        print(f"  {list_name(kind.value, lang)}: {entries}, {'版本' if zh else 'version'} {kept.version}")
    for wanted in now.wanted:
        print(f"  {'主机要求' if zh else 'The host wants'}: {list_name(wanted, lang)}")
    for row in now.notices:
        print(f"  {'待送' if zh else 'To be told'}: {row.action} STAN {row.of_stan:06d}")
