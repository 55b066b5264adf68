"""Who looks after whom: which people a role may invite, renew and switch off, and what a name and an approval code look like.

What may live here: the table and the forms. What may not: storage, passwords (a library judges them), links.
"""

from __future__ import annotations

import re
from datetime import timedelta

from xiaopos.merchants.roles import AT_AGENT, PERMISSIONS, Permission, Role

LOOKS_AFTER: dict[Role, frozenset[Role]] = {
    Role.OWNER: frozenset({Role.CASHIER, Role.MANAGER}),
    Role.ADMINISTRATOR: frozenset({Role.OWNER, Role.SUPPORT, Role.RISK, Role.FINANCE, Role.ADMINISTRATOR}) | AT_AGENT,
}
"""An owner looks after the shop's people, an administrator after owners, agents and the operator's own."""

INVITED_FOR = timedelta(hours=24)
"""For how long a link by which somebody sets a password is good."""
RECOVERY_CODES = 8

_USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")
_APPROVAL_CODE = re.compile(r"[0-9]{6,12}")
_RISING = "01234567890123456789"


def is_username(text: str) -> bool:
    """Whether this can be the name by which somebody signs in.

    >>> is_username("zhou.2"), is_username("Zhou"), is_username("z")
    (True, False, False)
    """
    return _USERNAME.fullmatch(text) is not None


def needs_second_factor(role: Role) -> bool:
    """Whether nobody of this role signs in with a password alone."""
    return role is not Role.CASHIER


def approves(role: Role) -> bool:
    """Whether this role approves voids and refunds, and so has an approval code."""
    return Permission.APPROVE_UNDO in PERMISSIONS[role]


def is_approval_code(text: str) -> bool:
    """Whether this can be an approval code: 6 to 12 digits that nobody tries first (all the same, or one after the other).

    >>> [is_approval_code(text) for text in ("246810", "111111", "123456", "987654", "12345")]
    [True, False, False, False, False]
    """
    return (
        _APPROVAL_CODE.fullmatch(text) is not None
        and len(set(text)) > 1
        and text not in _RISING
        and text[::-1] not in _RISING
    )
