"""A vault's rules, whole: every operation over one engine.

What may live here: putting the parts together. What may not: operations (`work_*`), engines.
"""

from __future__ import annotations

from xiaopos.keys.work_cards import CardWork
from xiaopos.keys.work_data import DataWork
from xiaopos.keys.work_dukpt import DukptWork
from xiaopos.keys.work_keys import KeyWork
from xiaopos.keys.work_macs import MacWork
from xiaopos.keys.work_signatures import SignatureWork


class RuledVault(KeyWork, MacWork, DukptWork, DataWork, CardWork, SignatureWork):
    """A `WiderVault` over the engine that is handed in."""
