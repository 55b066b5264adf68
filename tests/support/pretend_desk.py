"""The pretend twin of ContractDesk: it believes what a test tells it to believe.

What may live here: that twin. What may not: contracts, signatures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from xiaopos.usecases.keep_wallet_contract import Incoming, Noticed, Probe, Unbelieved, WalletContract


@dataclass
class PretendDesk:
    """Speaks for wallets: `says` is what the next notification is about, by merchant and payment."""

    says: tuple[str, str] | None = None
    asked: list[str] = field(default_factory=list)

    def takes(self, wallet: str, merchant_id: str) -> bool:
        return True

    def unusable(self, wallet: str, settings: Mapping[str, str]) -> str:
        raise AssertionError(f"nobody enters a contract of {wallet} here")

    def notice_address(self, contract: WalletContract) -> str:
        raise AssertionError(f"nobody asks for {contract.contract_id}")

    async def probe(self, contract_id: str) -> Probe:
        raise AssertionError(f"nobody probes {contract_id}")

    async def read_notice(self, contract_id: str, incoming: Incoming) -> tuple[str, Noticed] | Unbelieved:
        self.asked.append(contract_id)
        if self.says is None:
            return Unbelieved("not signed")
        merchant_id, payment_id = self.says
        return merchant_id, Noticed(payment_id, b"success", "text/plain")
