"""Key components: a key in two or three parts, each held by another custodian, none of which tells anything of the key.

What may live here: putting parts together, taking a key apart, checking each part against its sheet.
What may not: who the custodians are and in which order they come (use cases), where the key then lives (a vault).
Clear values touch these functions' memory: a vault calls them inside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xiaopos.kernel.secret import Secret
from xiaopos.keys.check_values import FORMS, CheckForm, check_value, fits, hash_check_value
from xiaopos.keys.des import block_cipher
from xiaopos.keys.macs import hmac_sha256
from xiaopos.keys.vault import KeyAlgorithm, KeyFault, KeyRefused

COUNTS = (2, 3)


def component_check(component: Secret, algorithm: KeyAlgorithm) -> bytes:
    """The check value of one component as its sheet prints it: a key's with the component's value (ANSI X9.24-1:2017, annex A).

    Refusal: WRONG_LENGTH for a component that has not the algorithm's length.

    >>> component_check(Secret(bytes.fromhex("0C5F27F0536077FA1BA9D76AA3711100")), KeyAlgorithm.TDES2).hex().upper()[:6]
    '9BAE3E'
    """
    _require_length(component, algorithm)
    if FORMS[algorithm] is CheckForm.HMAC:
        return hash_check_value(hmac_sha256(component.value))
    return check_value(block_cipher(algorithm, component.value), FORMS[algorithm])


def combined(components: Sequence[Secret], algorithm: KeyAlgorithm, checks: Sequence[bytes] = ()) -> bytes:
    """The key that the components make: each bit is the XOR of their bits (NIST SP 800-133 rev. 2, 6.3).

    `checks` are the sheets' check values in the same order, where sheets carry them. Refusals: WRONG_LENGTH for other than
    2 or 3 components, another number of checks, or a component of another length; CHECK_VALUE, naming the component by its
    place, when it is not what its sheet says.

    >>> combined([Secret(b"\\x0f" * 8), Secret(b"\\xf1" * 8)], KeyAlgorithm.DES).hex()
    'fefefefefefefefe'
    """
    if len(components) not in COUNTS:
        raise KeyRefused(KeyFault.WRONG_LENGTH, f"a key has 2 or 3 components, got {len(components)}")
    if checks and len(checks) != len(components):
        raise KeyRefused(KeyFault.WRONG_LENGTH, f"{len(components)} components have as many check values")
    mixed = 0
    for place, component in enumerate(components):
        _require_length(component, algorithm)
        if checks and not fits(component_check(component, algorithm), checks[place]):
            raise KeyRefused(KeyFault.CHECK_VALUE, f"component {place + 1} is not what its sheet says")
        mixed ^= int.from_bytes(component.value, "big")
    return mixed.to_bytes(algorithm.key_length, "big")


def taken_apart(key: bytes, count: int, entropy: Callable[[int], bytes]) -> list[Secret]:
    """A key as 2 or 3 components: all but the last are random, the last is what is missing.

    Refusal: WRONG_LENGTH for another count.

    >>> parts = taken_apart(bytes(8), 2, lambda count: b"\\xa5" * count)
    >>> [part.value.hex() for part in parts]
    ['a5a5a5a5a5a5a5a5', 'a5a5a5a5a5a5a5a5']
    """
    if count not in COUNTS:
        raise KeyRefused(KeyFault.WRONG_LENGTH, f"a key has 2 or 3 components, got {count}")
    rest = int.from_bytes(key, "big")
    parts = []
    for _ in range(count - 1):
        drawn = entropy(len(key))
        rest ^= int.from_bytes(drawn, "big")
        parts.append(Secret(drawn))
    return [*parts, Secret(rest.to_bytes(len(key), "big"))]


def _require_length(component: Secret, algorithm: KeyAlgorithm) -> None:
    if len(component.value) != algorithm.key_length:
        raise KeyRefused(
            KeyFault.WRONG_LENGTH,
            f"a component of a {algorithm.value} key has {algorithm.key_length} bytes, got {len(component.value)}",
        )
