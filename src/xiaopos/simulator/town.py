"""The demo's small town as data: shops, people, terminals, prices.

What may live here: rows that the seeding writes. What may not: writing them, any real person or business.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PlanData:
    """A price plan: rates in parts per million and caps in minor units, by kind of card."""

    plan_id: str
    name_zh: str
    name_en: str
    prices: dict[str, tuple[int, int | None]]
    refund_returns_fee: bool


@dataclass(frozen=True, slots=True)
class ModelData:
    """A model of device and what it can do."""

    model_id: str
    maker: str
    name: str
    year: int
    capabilities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TerminalData:
    """A terminal of a shop. `pretend` says whether the simulator plays it."""

    terminal_id: str
    model_id: str
    serial: str
    profile: str
    pretend: bool = True


@dataclass(frozen=True, slots=True)
class PersonData:
    """Somebody who signs in. `approval_code` is what a manager types to approve a void or refund."""

    username: str
    name_zh: str
    name_en: str
    role: str
    approval_code: str = ""


@dataclass(frozen=True, slots=True)
class MerchantData:
    """A merchant with one shop. `tip_percent` is what tips may take of a sale; 0 for none."""

    merchant_id: str
    name: str
    name_en: str
    category_code: str
    plan_id: str
    payment_limit_minor: int
    address: str
    phone: str
    terminals: tuple[TerminalData, ...]
    people: tuple[PersonData, ...] = field(default_factory=tuple)
    tip_percent: int = 0


@dataclass(frozen=True, slots=True)
class AgentData:
    """An agent that the operator has authorised, who runs it, and one promoter with a badge."""

    name: str
    licence: str
    filing: str
    filing_place: str
    contract: str
    regions: tuple[str, ...]
    head: PersonData
    promoter: PersonData
    promoter_name: str
    work_number: str


PLANS = (
    PlanData(
        "street", "街边小店", "Street shop",
        {"debit": (5_000, 2_000), "credit": (6_000, None), "wallet": (3_800, None), "unknown": (6_000, None)}, True,
    ),
    PlanData(
        "books", "书店优惠", "Bookshop",
        {"debit": (4_000, 1_800), "credit": (5_500, None), "wallet": (3_000, None), "unknown": (5_500, None)}, False,
    ),
)  # fmt: skip

MODELS = (
    ModelData("swift-a1", "示例机具厂", "A1", 2024, ("chip", "contactless", "qr", "printer", "4g", "touch")),
    ModelData("swift-k9", "示例机具厂", "K9", 2016, ("chip", "stripe", "printer", "gprs", "keypad")),
    ModelData("plain-q2", "示例扫码厂", "Q2", 2020, ("qr", "wifi", "speaker")),
)

TEA = MerchantData(
    "898110058120001", "小林茶铺", "Little Lin's Tea", "5812", "street", 500_000, "演示市柳巷 8 号", "010-0000-0001",
    (
        TerminalData("10000001", "swift-a1", "DEMO-A1-0001", "unionpay-3des-track-2012"),
        TerminalData("10000002", "swift-k9", "DEMO-K9-0002", "unionpay-3des-2012"),
    ),
    (
        PersonData("lin", "林", "Lin", "manager", "246810"),
        PersonData("zhou", "周", "Zhou", "cashier"),
    ),
)  # fmt: skip

NOODLES = MerchantData(
    "898110058120002", "陈记面馆", "Chen's Noodles", "5812", "street", 300_000, "演示市柳巷 12 号", "010-0000-0002",
    (
        TerminalData("10000003", "swift-k9", "DEMO-K9-0003", "unionpay-3des-2012"),
        TerminalData("10000005", "swift-a1", "DEMO-A1-0005", "unionpay-3des-track-2012"),
    ),
    (PersonData("chen", "陈", "Chen", "owner", "135790"),),
    tip_percent=15,
)  # fmt: skip

BOOKS = MerchantData(
    "898110059420003", "梧桐书店", "Wutong Books", "5942", "books", 2_000_000, "演示市梧桐路 3 号", "010-0000-0003",
    (
        TerminalData("10000004", "swift-a1", "DEMO-A1-0004", "unionpay-3des-track-2012"),
        TerminalData("10000006", "swift-k9", "DEMO-K9-0006", "unionpay-3des-mac-2012"),
        TerminalData("10000007", "swift-a1", "DEMO-A1-0007", "unionpay-sm4-draft"),
    ),
    (PersonData("wu", "吴", "Wu", "owner", "112358"),),
)  # fmt: skip

RECORDED = MerchantData(
    "952718182217875", "回放样例商户", "Replay sample", "5999", "street", 100_000, "演示市", "010-0000-0004",
    (TerminalData("00000001", "plain-q2", "DEMO-Q2-0001", "regional-qr-2020", pretend=False),),
)  # fmt: skip
"""The merchant of a publicly recorded frame, so that anyone can replay it against the demo's host."""

RECORDED_TAK = "0723C80DB5F4CD3D"
"""The published MAC key of the recorded frame. It protects nothing."""

MERCHANTS = (TEA, NOODLES, BOOKS, RECORDED)

OPERATORS = (
    PersonData("gao", "高", "Gao", "administrator"),
    PersonData("sun", "孙", "Sun", "support"),
    PersonData("he", "何", "He", "risk"),
    PersonData("qian", "钱", "Qian", "finance"),
)

AGENT = AgentData(
    "柳巷商务服务部", "91110000MA0000001L", "DEMO-2026-0001", "演示公示名单", "DEMO-HT-01", ("11", "3205"),
    PersonData("feng", "冯", "Feng", "agent"),
    PersonData("tao", "陶", "Tao", "promoter"),
    "陶然", "T-001",
)  # fmt: skip

AGENT_PEOPLE = (AGENT.head, AGENT.promoter)


def everybody() -> list[tuple[PersonData, str]]:
    """Whoever signs in in the demo, and the name of their shop or agent; empty for the operator's own people."""
    at_shops = [(person, merchant.name) for merchant in MERCHANTS for person in merchant.people]
    return [*at_shops, *((person, AGENT.name) for person in AGENT_PEOPLE), *((person, "") for person in OPERATORS)]
