"""Message authentication in a vault: which kind a key makes, and comparing in constant time.

What may live here: `mac` and `verify_mac`. What may not: the algorithms (`macs`), which bytes are covered (`wire`).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable

from xiaopos.keys import macs
from xiaopos.keys.engines import OpenKey
from xiaopos.keys.hierarchy import Operation
from xiaopos.keys.shelf import ReadyKey, Shelf
from xiaopos.keys.vault import KeyFault, KeyRefused, MacKind, WrappedKey


class MacWork(Shelf):
    """The part of `Vault` that authenticates messages."""

    def mac(self, *, key: WrappedKey, data: bytes, kind: MacKind) -> bytes:
        """See `Vault`."""
        return made(self._ready(key, Operation.MAC), data, kind)

    def verify_mac(self, *, key: WrappedKey, data: bytes, kind: MacKind, mac: bytes) -> bool:
        """See `Vault`."""
        return hmac.compare_digest(made(self._ready(key, Operation.MAC_CHECK), data, kind), mac)


def made(ready: ReadyKey, data: bytes, kind: MacKind) -> bytes:
    """The MAC of `data` under a key that may make one. WRONG_ALGORITHM for a kind that its algorithm does not make."""
    if kind not in ready.kinds:
        raise KeyRefused(KeyFault.WRONG_ALGORITHM, f"a {ready.wrapped.algorithm.value} key does not make {kind.value}")
    opened = ready.open
    if kind is MacKind.UNIONPAY_ECB:
        return macs.unionpay_ecb(opened.whole, data)
    if kind is MacKind.X9_19:
        return macs.x9_19(opened, data)
    if kind is MacKind.X9_9:
        return macs.x9_9(opened.whole, data)
    if kind is MacKind.HMAC_SHA256:
        return opened.hmac(data)
    if kind is MacKind.AES_CMAC:
        return opened.cmac(data)
    if kind is MacKind.AES_CMAC_8:
        return opened.cmac(data)[:8]
    return _SELDOM[kind](opened, data)


_SELDOM: dict[MacKind, Callable[[OpenKey, bytes], bytes]] = {
    MacKind.UNIONPAY_ECB_BYTES: lambda key, data: macs.unionpay_ecb_block(key.whole, data)[:8],
    MacKind.ALG1_PAD2: lambda key, data: macs.algorithm_1(key.whole, data, macs.Padding.ONE_ZERO),
    MacKind.ALG1_PAD3: lambda key, data: macs.algorithm_1(key.whole, data, macs.Padding.LENGTH),
    MacKind.ALG3_PAD2: lambda key, data: macs.algorithm_3(key, data, macs.Padding.ONE_ZERO),
    MacKind.ALG3_PAD3: lambda key, data: macs.algorithm_3(key, data, macs.Padding.LENGTH),
    MacKind.DES_CMAC: lambda key, data: macs.cmac(key.whole, data),
    MacKind.SM4_CMAC: lambda key, data: macs.cmac(key.whole, data),
    MacKind.SM4_CMAC_8: lambda key, data: macs.cmac(key.whole, data)[:8],
    MacKind.HMAC_SM3: lambda key, data: key.hmac_sm3(data),
}
