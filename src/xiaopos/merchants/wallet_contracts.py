"""A merchant's own contract with a wallet (直连签约): its life, what has to be entered for it, and which one serves a payment.

What may live here: the table of moves, the fields of each wallet's form, the choice between contracts.
What may not: storage, keys in any form, protocols (gateways), words (web).

A payment is asked about, paid back and undone under the contract under which it was taken: the one that stood when it was
received. Only the keys may be newer, since a wallet knows a renewed key under the same number (`identity`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol, TypeVar

from xiaopos.kernel.machine import Machine

STANDS_AFTER = timedelta(seconds=10)
"""A change of contracts counts from so long after it was made: by then every process has read it."""


class ContractState(Enum):
    """Where a contract is in its life."""

    TRIAL = "trial"
    """Entered and checked by itself: only its owner's test payments use it."""
    ACTIVE = "active"
    """Takes what customers pay."""
    ENDED = "ended"
    """Takes nothing new; what was paid under it can still be asked about and paid back."""


class ContractEvent(Enum):
    """What happens to a contract."""

    ACTIVATE = "activate"
    END = "end"


_S, _E = ContractState, ContractEvent

CONTRACT_LIFE: Machine[ContractState, ContractEvent] = Machine(
    "wallet_contract",
    starts=_S.TRIAL,
    table={
        (_S.TRIAL, _E.ACTIVATE): _S.ACTIVE,
        (_S.TRIAL, _E.END): _S.ENDED,
        (_S.ACTIVE, _E.END): _S.ENDED,
    },
)


class Entry(Enum):
    """What is entered into a field."""

    TEXT = "text"
    PRIVATE_KEY = "private_key"
    """The merchant's own RSA key; it goes into the vault and is never shown again."""
    SHARED_KEY = "shared_key"
    """32 characters that the wallet and the merchant share."""
    PUBLIC_KEY = "public_key"
    CERTIFICATE = "certificate"
    CERTIFICATES = "certificates"
    """A chain, or several that are valid side by side."""

    @property
    def is_secret(self) -> bool:
        """Whether it may only go into the vault."""
        return self in (Entry.PRIVATE_KEY, Entry.SHARED_KEY)


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that is entered. `modes` are the ways of working that need it, none for all; `form` is what it must look like."""

    name: str
    entry: Entry = Entry.TEXT
    form: str = ""
    modes: frozenset[str] = frozenset()
    optional: bool = False

    def belongs_to(self, mode: str) -> bool:
        """Whether this way of working knows the field."""
        return not self.modes or mode in self.modes

    def fits(self, text: str) -> bool:
        """Whether a text can be this. What is no plain text is judged by the vault."""
        return self.entry is not Entry.TEXT or re.fullmatch(self.form, text) is not None


@dataclass(frozen=True, slots=True)
class WalletForm:
    """What has to be entered for a wallet. `identity` are the fields by which the wallet knows the merchant."""

    wallet: str
    modes: tuple[str, ...]
    fields: tuple[Field, ...]
    identity: tuple[str, ...]

    def of(self, mode: str) -> tuple[Field, ...]:
        """The fields of one way of working, in the order in which they are asked for."""
        return tuple(field for field in self.fields if field.belongs_to(mode))


PUBLIC_KEY_MODE, CERTIFICATE_MODE = "public_key", "certificate"
_PARTNER = "_partner"


def _modes(*names: str) -> frozenset[str]:
    return frozenset(names)


ALIPAY = WalletForm(
    wallet="alipay",
    modes=(PUBLIC_KEY_MODE, CERTIFICATE_MODE),
    fields=(
        Field("app_id", form=r"[0-9]{16}"),
        Field("seller_id", form=r"2088[0-9]{12}", optional=True),
        Field("app_auth_token", form=r"[0-9A-Za-z]{20,64}", optional=True),
        Field("private_key", Entry.PRIVATE_KEY),
        Field("wallet_public_key", Entry.PUBLIC_KEY, modes=_modes(PUBLIC_KEY_MODE)),
        Field("app_certificate", Entry.CERTIFICATE, modes=_modes(CERTIFICATE_MODE)),
        Field("wallet_certificate", Entry.CERTIFICATES, modes=_modes(CERTIFICATE_MODE)),
        Field("root_certificate", Entry.CERTIFICATES, modes=_modes(CERTIFICATE_MODE)),
    ),
    identity=("app_id", "app_auth_token"),
)
"""An application of the open platform, of the merchant or (with the merchant's authorisation) of a service provider."""

WECHAT_PAY = WalletForm(
    wallet="wechat",
    modes=(PUBLIC_KEY_MODE, CERTIFICATE_MODE, PUBLIC_KEY_MODE + _PARTNER, CERTIFICATE_MODE + _PARTNER),
    fields=(
        Field("mchid", form=r"[0-9]{8,10}"),
        Field("appid", form=r"wx[0-9a-z]{16}"),
        Field("sub_mchid", form=r"[0-9]{8,10}", modes=_modes(PUBLIC_KEY_MODE + _PARTNER, CERTIFICATE_MODE + _PARTNER)),
        Field("certificate", Entry.CERTIFICATE),
        Field("private_key", Entry.PRIVATE_KEY),
        Field("api_v3_key", Entry.SHARED_KEY),
        Field(
            "wallet_key_id",
            form=r"PUB_KEY_ID_[0-9A-Za-z]{8,64}",
            modes=_modes(PUBLIC_KEY_MODE, PUBLIC_KEY_MODE + _PARTNER),
        ),
        Field("wallet_public_key", Entry.PUBLIC_KEY, modes=_modes(PUBLIC_KEY_MODE, PUBLIC_KEY_MODE + _PARTNER)),
        Field(
            "wallet_certificate",
            Entry.CERTIFICATES,
            modes=_modes(CERTIFICATE_MODE, CERTIFICATE_MODE + _PARTNER),
            optional=True,
        ),
    ),
    identity=("mchid", "sub_mchid", "appid"),
)
"""A merchant of WeChat Pay (APIv3), or a sub-merchant of a partner."""

FORMS: Mapping[str, WalletForm] = {form.wallet: form for form in (ALIPAY, WECHAT_PAY)}
"""The wallets with which a merchant may have a contract of its own."""

TRIAL_MARK = "-trial"
"""Behind a wallet's name: the channel of the test payments of contracts on trial."""


class Contract(Protocol):
    """What the choice between contracts looks at."""

    @property
    def merchant_id(self) -> str: ...
    @property
    def wallet(self) -> str: ...
    @property
    def settings(self) -> Mapping[str, str]: ...
    @property
    def entered_at(self) -> datetime: ...
    @property
    def active_from(self) -> datetime | None: ...
    @property
    def ended_from(self) -> datetime | None: ...


C = TypeVar("C", bound=Contract)


def identity_of(wallet: str, settings: Mapping[str, str]) -> tuple[str, ...]:
    """By what the wallet knows this merchant: contracts with the same are the same business under newer keys."""
    return tuple(settings.get(name, "") for name in FORMS[wallet].identity)


def active_at(contracts: Iterable[C], at: datetime) -> C | None:
    """The contract of one merchant and wallet that takes what customers pay at an instant."""
    return next(
        (
            one
            for one in sorted(contracts, key=lambda one: one.entered_at, reverse=True)
            if one.active_from is not None and one.active_from <= at and (one.ended_from is None or at < one.ended_from)
        ),
        None,
    )


def serving(contracts: Iterable[C], received_at: datetime, *, trial: bool) -> C | None:
    """The contract of one merchant and wallet that speaks for a payment received at an instant: taken then, newest keys.

    A test payment was taken under what was entered last.
    """
    known = sorted(contracts, key=lambda one: one.entered_at)
    taken: C | None
    if trial:
        taken = next((one for one in reversed(known) if one.entered_at <= received_at), None)
    else:
        taken = active_at(known, received_at)
    if taken is None:
        return None
    same = identity_of(taken.wallet, taken.settings)
    alike = [one for one in known if identity_of(one.wallet, one.settings) == same]
    if not trial:
        alike = [one for one in alike if one.active_from is not None]
    return alike[-1]
