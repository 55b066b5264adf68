"""Roles and what each may do: one table.

What may live here: Role, Permission, the table. What may not: who has which role (store), how a page asks (web).
"""

from __future__ import annotations

from enum import Enum


class Role(Enum):
    """What a person is to the house: the first three at a merchant, the last two at an agent, the others at the operator."""

    CASHIER = "cashier"
    MANAGER = "manager"
    OWNER = "owner"
    SUPPORT = "support"
    RISK = "risk"
    FINANCE = "finance"
    ADMINISTRATOR = "administrator"
    AGENT = "agent"
    """Runs an agent's business: its people, their badges."""
    PROMOTER = "promoter"
    """Speaks to merchants for an agent, and carries a badge."""


class Permission(Enum):
    """What a person may do or see."""

    TAKE_PAYMENT = "take_payment"
    APPROVE_UNDO = "approve_undo"
    SEE_SHOP = "see_shop"
    SEE_STAFF = "see_staff"
    LOOK_AFTER_STAFF = "look_after_staff"
    """Invite the shop's cashiers and managers, renew how they sign in, switch them off."""
    KEEP_WEBHOOKS = "keep_webhooks"
    """Say where the merchant's own servers are told of payments."""
    KEEP_API_KEYS = "keep_api_keys"
    """Make and take back the keys with which the merchant's own cash registers call the API."""
    KEEP_SPEAKERS = "keep_speakers"
    """Pair speakers with the merchant's shops, and take them out of service."""
    KEEP_CONTRACTS = "keep_contracts"
    """Enter the shop's own contracts with wallets, test them, let them take money, end them."""
    KEEP_CODES = "keep_codes"
    """Make, lock, rotate and retire the shop's codes, and make orders by hand."""
    LOOK_AFTER_PEOPLE = "look_after_people"
    """The same for owners and the operator's own people."""
    SEE_CONSOLE = "see_console"
    SEE_LEDGER = "see_ledger"
    SEE_UNRESOLVED = "see_unresolved"
    SEE_AUDIT = "see_audit"
    SWITCH_TERMINAL = "switch_terminal"
    REGISTER_TERMINAL = "register_terminal"
    """Register a terminal at a shop, and choose how it is spoken to."""
    ENTER_LISTS = "enter_lists"
    """Enter what terminals download, and approve what another person entered."""
    SWITCH_NETWORK = "switch_network"
    """Stop giving a card network new payments, and begin again."""
    ASK_TERMINAL = "ask_terminal"
    """Ask a terminal to sign in again, to fetch its lists, to tell its status."""
    CLOSE_DISCREPANCY = "close_discrepancy"
    SEE_SIGNATURE = "see_signature"
    """See how a customer signed for a payment."""
    READ_MESSAGES = "read_messages"
    """Have a pasted message decoded, its MAC judged with the terminal's key."""
    CHANGE_TERMS = "change_terms"
    """Enter a merchant's price plan and limits from a day to come; approve what another person entered."""
    KEEP_AGENTS = "keep_agents"
    """Enter and check agents and their promoters, authorise and suspend them, their badges; decide what is reported of them."""
    REVIEW_APPLICATIONS = "review_applications"
    """Review applications for a POS: see papers, call back, return parts, approve, refuse."""
    KEEP_STOCK = "keep_stock"
    """Receive devices, fill orders, follow parcels; ask for changes of what terminals are bound to."""
    ACTIVATE_TERMINAL = "activate_terminal"
    """Activate a terminal of one's own merchant, once the short lesson is passed."""
    KEEP_ADVICE = "keep_advice"
    """Enter the rules by which devices are advised, and approve what another person entered."""
    KEEP_SCREENING = "keep_screening"
    """Import the lists that applicants are screened against, and look somebody up in them."""
    CARRY_BADGE = "carry_badge"
    """Show and renew one's own badge, and answer whoever asks whether it is one's own."""
    SEE_OWN_AGENT = "see_own_agent"
    """See one's own agent's authority, people, badges and record."""
    SEE_KEYS = "see_keys"
    ENTER_COMPONENT = "enter_component"
    CHANGE_KEYS = "change_keys"
    """Plan keys and ask for their changes; approve what another person asked for."""


_SHOP = frozenset({Permission.TAKE_PAYMENT})
_MANAGER = _SHOP | {Permission.APPROVE_UNDO, Permission.SEE_SHOP, Permission.SEE_STAFF, Permission.ACTIVATE_TERMINAL}
_CONSOLE = frozenset({Permission.SEE_CONSOLE})
_CUSTODIAN = frozenset({Permission.SEE_KEYS, Permission.ENTER_COMPONENT})

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CASHIER: _SHOP,
    Role.MANAGER: _MANAGER,
    Role.OWNER: _MANAGER
    | {Permission.KEEP_CODES, Permission.LOOK_AFTER_STAFF, Permission.KEEP_CONTRACTS, Permission.KEEP_WEBHOOKS}
    | {Permission.KEEP_API_KEYS, Permission.KEEP_SPEAKERS},
    Role.SUPPORT: _CONSOLE
    | {Permission.SEE_UNRESOLVED, Permission.ASK_TERMINAL, Permission.READ_MESSAGES, Permission.KEEP_STOCK},
    Role.RISK: _CONSOLE
    | _CUSTODIAN
    | {
        Permission.SEE_UNRESOLVED,
        Permission.REGISTER_TERMINAL,
        Permission.ENTER_LISTS,
        Permission.SWITCH_TERMINAL,
        Permission.SWITCH_NETWORK,
        Permission.ASK_TERMINAL,
        Permission.CHANGE_KEYS,
        Permission.KEEP_AGENTS,
        Permission.REVIEW_APPLICATIONS,
        Permission.KEEP_SCREENING,
        Permission.KEEP_ADVICE,
        Permission.SEE_SIGNATURE,
        Permission.READ_MESSAGES,
    },
    Role.FINANCE: _CONSOLE
    | _CUSTODIAN
    | {
        Permission.SEE_LEDGER,
        Permission.SEE_UNRESOLVED,
        Permission.CLOSE_DISCREPANCY,
        Permission.CHANGE_TERMS,
        Permission.SEE_SIGNATURE,
    },
    Role.ADMINISTRATOR: _CONSOLE
    | _CUSTODIAN
    | {
        Permission.LOOK_AFTER_PEOPLE,
        Permission.KEEP_AGENTS,
        Permission.REVIEW_APPLICATIONS,
        Permission.KEEP_SCREENING,
        Permission.KEEP_ADVICE,
        Permission.KEEP_STOCK,
        Permission.CHANGE_TERMS,
        Permission.CHANGE_KEYS,
        Permission.READ_MESSAGES,
        Permission.SEE_LEDGER,
        Permission.SEE_UNRESOLVED,
        Permission.SEE_AUDIT,
        Permission.REGISTER_TERMINAL,
        Permission.ENTER_LISTS,
        Permission.SWITCH_TERMINAL,
        Permission.SWITCH_NETWORK,
        Permission.ASK_TERMINAL,
        Permission.SEE_SIGNATURE,
        Permission.CLOSE_DISCREPANCY,
    },
    Role.AGENT: frozenset({Permission.SEE_OWN_AGENT}),
    Role.PROMOTER: frozenset({Permission.CARRY_BADGE}),
}
"""What each role may do. Who may not, sees not."""

AT_MERCHANT = frozenset({Role.CASHIER, Role.MANAGER, Role.OWNER})
"""The roles that belong to one merchant and see nothing of another."""

AT_AGENT = frozenset({Role.AGENT, Role.PROMOTER})
"""The roles that belong to one agent and see nothing of another: no card, no key, no merchant's payments."""
