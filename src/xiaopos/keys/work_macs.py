"""Message authentication in a vault: which kind a key makes, and comparing in constant time.

What may live here: `mac` and `verify_mac`. What may not: the algorithms (`macs`), which bytes are covered (`wire`).
"""

from __future__ import annotations

import hmac

from xiaopos.keys import macs
from xiaopos.keys.hierarchy import Operation
from xiaopos.keys.shelf import Shelf
from xiaopos.keys.vault import KeyFault, KeyRefused, MacKind, WrappedKey


class MacWork(Shelf):
    """The part of `Vault` that authenticates messages."""

    def mac(self, *, key: WrappedKey, data: bytes, kind: MacKind) -> bytes:
        """See `Vault`."""
        ready = self._ready(key, Operation.MAC)
        if kind not in ready.kinds:
            raise KeyRefused(KeyFault.WRONG_ALGORITHM, f"a {key.algorithm.value} key does not make {kind.value}")
        opened = ready.open
        if kind is MacKind.UNIONPAY_ECB:
            return macs.unionpay_ecb(opened.whole, data)
        if kind is MacKind.X9_19:
            return macs.x9_19(opened, data)
        if kind is MacKind.X9_9:
            return macs.x9_9(opened.whole, data)
        if kind is MacKind.HMAC_SHA256:
            return opened.hmac(data)
        whole = opened.cmac(data)
        return whole if kind is MacKind.AES_CMAC else whole[:8]

    def verify_mac(self, *, key: WrappedKey, data: bytes, kind: MacKind, mac: bytes) -> bool:
        """See `Vault`."""
        return hmac.compare_digest(self.mac(key=key, data=data, kind=kind), mac)
