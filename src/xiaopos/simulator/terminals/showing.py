"""What can be seen of a pretend terminal, as plain values for its page and for scripts.

What may live here: choosing what is shown. What may not: card numbers other than masked,
what people do (playing), routes (pages).
"""

from __future__ import annotations

from xiaopos.simulator.terminals.playing import PretendTerminal, result_json
from xiaopos.terminal.lists import ListKind

SHOWN_ERRANDS = 5
"""How many of the last things done for the host are shown."""


def state_json(terminal: PretendTerminal, lang: str = "zh") -> dict[str, object]:
    """What can be seen of a terminal: its state, vouchers, lists and debts, what its last results were."""
    now, settings = terminal.device.remembered, terminal.device.settings
    return {
        "simulated": True,
        "terminal_id": now.terminal_id,
        "merchant_id": now.merchant_id,
        "state": now.state,
        "step": terminal.step,
        "signed_in": not terminal.device.needs_sign_in,
        "batch_number": f"{now.batch_number:06d}",
        "next_stan": f"{now.next_stan:06d}",
        "owes": terminal.device.owes,
        "unresolved": len(now.unresolved),
        "faults": terminal.faults.names(),
        "last": None if terminal.last is None else result_json(terminal.last, lang),
        "put_right": None if terminal.put_right_last is None else result_json(terminal.put_right_last, lang),
        "shop": {
            "name": settings.merchant_name,
            "phones": list(settings.phones),
            "manager_phone": settings.manager_phone,
            "tip_percent": settings.tip_percent,
        },
        "lists": [
            {
                "list": kind.value,
                "entries": len(kept.entries),
                "version": kept.version,
                "fetched_on": kept.fetched_on,
            }
            for kind in ListKind
            for kept in (now.kept_list(kind),)
        ],
        "wanted": list(now.wanted),
        "errands": [result_json(one, lang) for one in terminal.errands[-SHOWN_ERRANDS:]],
        "notices": [{"tells": row.action, "stan": f"{row.of_stan:06d}"} for row in now.notices],
        "vouchers": [
            {
                "action": row.action,
                "stan": f"{row.stan:06d}",
                "batch_number": f"{row.batch_number:06d}",
                "amount_minor": row.amount_minor,
                "rrn": row.rrn,
                "approval_code": row.approval_code,
                "on": row.on,
                "masked_pan": row.masked_pan,
                "voided": row.voided,
                "signed": row.signed,
            }
            for row in now.vouchers
        ],
    }
