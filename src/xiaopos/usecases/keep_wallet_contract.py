"""A merchant's own contracts with wallets: enter one, prove it, let it take money, end it.

What may live here: the rules and the roles they need played. What may not: storage, protocols (gateways), words (web), who has
the permission (roles).

Keys go into the vault before anything is kept; what is wrong is named by its field. A contract begins on trial: its owner asks
the wallet a question that moves no money (`Finding`), pays a cent and pays it back, and then lets it take what customers pay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Protocol

from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused, Vault, WrappedKey
from xiaopos.keys.public_keys import read_certificate, read_rsa_public
from xiaopos.merchants.wallet_contracts import (
    CONTRACT_LIFE,
    FORMS,
    STANDS_AFTER,
    ContractEvent,
    ContractState,
    Entry,
    Field,
)
from xiaopos.usecases.actors import Actor

LONGEST = 65_536
"""Characters of one field: a long chain of certificates is a third of it."""
LONGEST_SECRET = 16_384


class Finding(Enum):
    """What a wallet's answer to a question without money says about a contract."""

    WORKS = "works"
    """The wallet knows us, and we know that it is the wallet."""
    UNREACHABLE = "unreachable"
    CLOCK = "clock"
    """One of the two clocks is wrong."""
    OUR_NUMBER = "our_number"
    """The wallet does not know the application or merchant number."""
    OUR_KEY = "our_key"
    """The wallet cannot verify our signature: it knows another public key of ours."""
    OUR_CERTIFICATE = "our_certificate"
    """The wallet does not know the certificate number that we name."""
    THEIR_KEY = "their_key"
    """We cannot verify the wallet's signature: what we have is not its key."""
    PERMISSION = "permission"
    """The contract does not cover what was asked."""
    UNSURE = "unsure"
    """The wallet has trouble of its own; ask again."""
    REFUSED = "refused"
    """Refused for a reason that has no words here; the wallet's own word is shown."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What asking found. `said` is the wallet's own word for it, empty when it said nothing."""

    finding: Finding
    said: str = ""


class ContractFault(Enum):
    """Why nothing was changed."""

    WALLET_UNKNOWN = "wallet_unknown"
    MODE_UNKNOWN = "mode_unknown"
    MISSING = "missing"
    WRONG_FORM = "wrong_form"
    NOT_A_KEY = "not_a_key"
    """It cannot be read as what belongs here."""
    PRIVATE_HERE = "private_here"
    """A private key where a public one belongs: it should be nowhere near a form that is shown again."""
    PUBLIC_HERE = "public_here"
    """A public key or certificate where the private key belongs."""
    LOCKED = "locked"
    """The private key is under a password."""
    WEAK = "weak"
    """A shorter key than wallets take."""
    OWN_KEY = "own_key"
    """The merchant's own public key where the wallet's belongs."""
    NOT_A_PAIR = "not_a_pair"
    """The private key is not the one in the certificate."""
    NOT_VALID_NOW = "not_valid_now"
    """The certificate is over, or not begun."""
    UNUSABLE = "unusable"
    """The gateway cannot work with it."""
    CONTRACT_UNKNOWN = "contract_unknown"
    NOT_NOW = "not_now"
    """Its state does not allow it, or somebody else changed it at the same moment."""
    NOT_PROVEN = "not_proven"
    """The wallet has not answered well yet since the contract was entered."""


@dataclass(frozen=True, slots=True)
class NotKept:
    """Why not, at which field, and the vault's own words where it was the vault."""

    fault: ContractFault
    field: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class WalletContract:
    """A contract as it is kept. `settings` hold nothing secret, `keys` are wrapped; `settings["mode"]` is its way of working.

    It takes what customers pay from `active_from` until `ended_from`. `probe` is what the last question found.
    """

    contract_id: str
    merchant_id: str
    wallet: str
    settings: Mapping[str, str]
    keys: Mapping[str, str] = field(repr=False)
    state: ContractState
    entered_by: str
    entered_at: datetime
    active_from: datetime | None = None
    ended_from: datetime | None = None
    probe: Probe | None = None
    probed_at: datetime | None = None

    @property
    def mode(self) -> str:
        """The way of working."""
        return self.settings["mode"]


@dataclass(frozen=True, slots=True)
class ContractDraft:
    """What somebody entered: `texts` by field, `secrets` by field. An empty private key asks for the pair that waits."""

    contract_id: str
    merchant_id: str
    wallet: str
    mode: str
    texts: Mapping[str, str]
    secrets: Mapping[str, Secret]
    actor: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class Incoming:
    """What somebody sent to the address at which a wallet tells us of payments. Header names are in lower case."""

    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Noticed:
    """A notification that is the wallet's: about which payment of ours, and what the wallet wants to read once it is seen to."""

    payment_id: str
    accepted: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Unbelieved:
    """A notification that is not to be believed, and why."""

    cause: str


class ContractDesk(Protocol):
    """Whoever speaks with wallets under merchants' contracts."""

    def takes(self, wallet: str, merchant_id: str) -> bool:
        """Whether a wallet takes a new payment of this merchant now; also for wallets that know no contracts."""
        ...

    def unusable(self, wallet: str, settings: Mapping[str, str]) -> str:
        """The first field that the wallet's gateway cannot work with; empty when it can."""
        ...

    def notice_address(self, contract: WalletContract) -> str:
        """Where the wallet tells us of payments; empty when it cannot reach us."""
        ...

    async def probe(self, contract_id: str) -> Probe:
        """Ask the wallet, under a contract, a question that moves no money."""
        ...

    async def read_notice(self, contract_id: str, incoming: Incoming) -> tuple[str, Noticed] | Unbelieved:
        """The merchant and the notification, when it is the wallet's under this contract."""
        ...


Change = tuple[WalletContract, WalletContract]
"""A contract before and after."""


class ContractBook(Protocol):
    """Whoever keeps contracts. Each change writes its line in the audit trail, and keys the inventory, all or nothing."""

    def recall(self, merchant_id: str, contract_id: str) -> WalletContract | None:
        """One of a merchant's contracts."""
        ...

    def contracts_of(self, merchant_id: str) -> Sequence[WalletContract]:
        """All of a merchant's contracts, the newest first."""
        ...

    def waiting_pair(self, merchant_id: str, wallet: str) -> WrappedKey | None:
        """The pair that was made for the next contract."""
        ...

    def keep_pair(self, merchant_id: str, wallet: str, pair: WrappedKey, actor: Actor, at: datetime) -> None:
        """Keep a pair until a contract is entered with it; one that waited before is forgotten."""
        ...

    def enter(self, contract: WalletContract, keys: Mapping[str, WrappedKey], actor: Actor) -> None:
        """Write a new contract; a waiting pair of this wallet is used up."""
        ...

    def note_probe(self, contract: WalletContract, probe: Probe, actor: Actor, at: datetime) -> None:
        """Write what a question found."""
        ...

    def change(self, changes: Sequence[Change], actor: Actor, at: datetime) -> bool:
        """Write other states, all or none; False when one is no longer as it was before."""
        ...


def make_pair(merchant_id: str, wallet: str, actor: Actor, at: datetime, *, book: ContractBook, vault: Vault) -> bytes:
    """Make the merchant's pair in the vault, where its private half stays; returns the public half for the wallet's page.

    Raises KeyRefused.
    """
    pair = vault.generate_pair(algorithm=KeyAlgorithm.RSA2048)
    book.keep_pair(merchant_id, wallet, pair, actor, at)
    return vault.public_key(key=pair)


def enter_contract(
    draft: ContractDraft, *, book: ContractBook, vault: Vault, unusable: Callable[[str, Mapping[str, str]], str]
) -> WalletContract | NotKept:
    """Keep a contract on trial. `unusable` names the first field that the wallet's gateway cannot work with, or is empty.

    Precedence: the fields in their order, then what fits together.
    """
    form = FORMS.get(draft.wallet)
    if form is None:
        return NotKept(ContractFault.WALLET_UNKNOWN)
    if draft.mode not in form.modes:
        return NotKept(ContractFault.MODE_UNKNOWN, "mode")
    settings, keys = {"mode": draft.mode}, dict[str, WrappedKey]()
    for each in form.of(draft.mode):
        taken = _take(each, draft, book, vault)
        if isinstance(taken, NotKept):
            return taken
        if isinstance(taken, WrappedKey):
            keys[each.name] = taken
        elif taken:
            settings[each.name] = taken
    fault = _together(settings, keys, draft.at, vault)
    if fault is not None:
        return fault
    if field_name := unusable(draft.wallet, settings):
        return NotKept(ContractFault.UNUSABLE, field_name)
    contract = WalletContract(
        draft.contract_id,
        draft.merchant_id,
        draft.wallet,
        settings,
        {name: key.text() for name, key in keys.items()},
        CONTRACT_LIFE.starts,
        draft.actor.username,
        draft.at,
    )
    book.enter(contract, keys, draft.actor)
    return contract


def _take(each: Field, draft: ContractDraft, book: ContractBook, vault: Vault) -> str | WrappedKey | NotKept:
    """One field as it is kept: a text, or a key that the vault has taken."""
    if each.entry.is_secret:
        return _take_secret(each, draft, book, vault)
    text = draft.texts.get(each.name, "").strip()
    if not text:
        return "" if each.optional else NotKept(ContractFault.MISSING, each.name)
    if len(text) > LONGEST or not each.fits(text):
        return NotKept(ContractFault.WRONG_FORM, each.name)
    if each.entry is Entry.TEXT:
        return text
    try:
        if each.entry is Entry.PUBLIC_KEY:
            read_rsa_public(text.encode())
        elif each.entry is Entry.CERTIFICATE:
            read_certificate(text.encode())
    except KeyRefused as refused:
        return _not_taken(each, refused)
    return NotKept(ContractFault.PRIVATE_HERE, each.name) if _PRIVATE in text else text


_PRIVATE = "PRIVATE KEY-----"


def _take_secret(each: Field, draft: ContractDraft, book: ContractBook, vault: Vault) -> WrappedKey | NotKept:
    secret = draft.secrets.get(each.name, Secret(b""))
    if not secret.value.strip():
        pair = book.waiting_pair(draft.merchant_id, draft.wallet) if each.entry is Entry.PRIVATE_KEY else None
        return pair or NotKept(ContractFault.MISSING, each.name)
    if len(secret.value) > LONGEST_SECRET:
        return NotKept(ContractFault.WRONG_FORM, each.name)
    try:
        if each.entry is Entry.PRIVATE_KEY:
            return vault.import_pair(private=secret, algorithm=None)
        return vault.import_aead(secret=Secret(secret.value.strip()))
    except KeyRefused as refused:
        return _not_taken(each, refused)


_FAULTS = {
    KeyFault.NOT_PUBLIC: ContractFault.PRIVATE_HERE,
    KeyFault.NOT_PRIVATE: ContractFault.PUBLIC_HERE,
    KeyFault.LOCKED: ContractFault.LOCKED,
    KeyFault.WEAK_KEY: ContractFault.WEAK,
    KeyFault.WRONG_LENGTH: ContractFault.WRONG_FORM,
}


def _not_taken(each: Field, refused: KeyRefused) -> NotKept:
    return NotKept(_FAULTS.get(refused.fault, ContractFault.NOT_A_KEY), each.name, str(refused))


def _together(
    settings: Mapping[str, str], keys: Mapping[str, WrappedKey], at: datetime, vault: Vault
) -> NotKept | None:
    """What is wrong between fields that are each in order."""
    ours = vault.public_key(key=keys["private_key"])
    theirs = settings.get("wallet_public_key")
    if theirs is not None and read_rsa_public(theirs.encode()) == ours:
        return NotKept(ContractFault.OWN_KEY, "wallet_public_key")
    for name in ("app_certificate", "certificate"):
        if name not in settings:
            continue
        certificate = read_certificate(settings[name].encode())
        if certificate.public != ours:
            return NotKept(ContractFault.NOT_A_PAIR, name)
        if not certificate.starts <= at < certificate.ends:
            return NotKept(ContractFault.NOT_VALID_NOW, name)
    return None


def activate_contract(
    merchant_id: str, contract_id: str, actor: Actor, at: datetime, book: ContractBook
) -> WalletContract | NotKept:
    """Let a contract on trial take what customers pay, `STANDS_AFTER` from now; the one that did so far ends at that instant."""
    before = book.recall(merchant_id, contract_id)
    if before is None:
        return NotKept(ContractFault.CONTRACT_UNKNOWN)
    if not CONTRACT_LIFE.allows(before.state, ContractEvent.ACTIVATE):
        return NotKept(ContractFault.NOT_NOW)
    if before.probe is None or before.probe.finding is not Finding.WORKS:
        return NotKept(ContractFault.NOT_PROVEN)
    stands = at + STANDS_AFTER
    active = [
        other
        for other in book.contracts_of(merchant_id)
        if other.wallet == before.wallet and other.state is ContractState.ACTIVE
    ]
    after = replace(before, state=CONTRACT_LIFE.move(before.state, ContractEvent.ACTIVATE), active_from=stands)
    changes = [*((other, _ended(other, stands)) for other in active), (before, after)]
    return after if book.change(changes, actor, at) else NotKept(ContractFault.NOT_NOW)


def end_contract(
    merchant_id: str, contract_id: str, actor: Actor, at: datetime, book: ContractBook
) -> WalletContract | NotKept:
    """Let a contract take nothing new, `STANDS_AFTER` from now. What was paid under it can still be paid back."""
    before = book.recall(merchant_id, contract_id)
    if before is None:
        return NotKept(ContractFault.CONTRACT_UNKNOWN)
    if not CONTRACT_LIFE.allows(before.state, ContractEvent.END):
        return NotKept(ContractFault.NOT_NOW)
    after = _ended(before, at + STANDS_AFTER)
    return after if book.change([(before, after)], actor, at) else NotKept(ContractFault.NOT_NOW)


def _ended(contract: WalletContract, at: datetime) -> WalletContract:
    return replace(contract, state=CONTRACT_LIFE.move(contract.state, ContractEvent.END), ended_from=at)
