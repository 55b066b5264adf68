"""Reading merchants' contracts with wallets for the processes that take money, without Django.

What may live here: that query. What may not: choosing between contracts (merchants.wallet_contracts), opening keys.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from xiaopos.merchants.wallet_contracts import ContractState
from xiaopos.store.payments.repo import as_instant
from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.statements import Select
from xiaopos.usecases.keep_wallet_contract import WalletContract

_COLUMNS = "contract_id, merchant_id, wallet, settings, keys, state, entered_by, entered_at, active_from, ended_from"


async def contracts_mark(engine: Engine) -> tuple[object, ...]:
    """Something that is another after every change of a contract. Raises BooksLost."""
    ((count, newest),) = await engine.select(Select("SELECT COUNT(*), MAX(changed_at) FROM wallet_contract", ()))
    return count, newest


async def read_contracts(engine: Engine) -> Sequence[WalletContract]:
    """Every contract. Raises BooksLost."""
    rows = await engine.select(Select(f"SELECT {_COLUMNS} FROM wallet_contract", ()))
    return [_contract(row) for row in rows]


def _contract(row: Sequence[Any]) -> WalletContract:
    contract_id, merchant_id, wallet, settings, keys, state, entered_by, entered_at, active_from, ended_from = row
    return WalletContract(
        contract_id=contract_id,
        merchant_id=merchant_id,
        wallet=wallet,
        settings=json.loads(settings),
        keys=json.loads(keys),
        state=ContractState(state),
        entered_by=entered_by,
        entered_at=as_instant(entered_at),
        active_from=_instant(active_from),
        ended_from=_instant(ended_from),
    )


def _instant(value: Any) -> datetime | None:
    return None if value is None else as_instant(value)
