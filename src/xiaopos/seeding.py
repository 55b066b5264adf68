"""Setting the demo's database up: tables, the house's keys, the small town. Doing it again changes nothing.

What may live here: writing the town's rows. What may not: the town itself (simulator.town), anything for production.
"""

from __future__ import annotations

import base64
import hashlib
import os
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import transaction

from xiaopos import wiring
from xiaopos.deployment import Deployment
from xiaopos.fleet.downloads import DownloadKind
from xiaopos.fleet.profiles import PROFILES
from xiaopos.kernel.clock import business_day
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyUsage, SoftwareVault, Vault, WrappedKey
from xiaopos.keys.signatures import RsaSigningKey
from xiaopos.keys.suites import Suite
from xiaopos.merchants.agents.states import AgentEvent, AgentState
from xiaopos.merchants.applications.sealing import MARK_NAME, SEAL_NAME
from xiaopos.merchants.badges.credential import Deed
from xiaopos.merchants.badges.credential import Suite as BadgeSuite
from xiaopos.merchants.wallet_contracts import PUBLIC_KEY_MODE, STANDS_AFTER
from xiaopos.secrets_file import ALIPAY_APPS, SECRETS, WECHAT_MERCHANTS, DemoSecrets, both, demo_secrets, keep
from xiaopos.simulator import chip_lists, town
from xiaopos.simulator.alipay import OpenPlatform
from xiaopos.simulator.wechat_pay import MerchantPlatform
from xiaopos.store.agents.book import AgentRows, PromoterRegister
from xiaopos.store.api_keys.keys import make_api_key
from xiaopos.store.badges.book import BadgeRows
from xiaopos.store.fleet.models import Terminal, TerminalDownload, TerminalModel
from xiaopos.store.keys.inventory import record_key
from xiaopos.store.keys.models import HouseKey
from xiaopos.store.merchants.models import Merchant, MerchantTerms, PricePlan, Shop
from xiaopos.store.people.models import User
from xiaopos.store.wallets.book import ContractRows
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.keep_agents import (
    AgentDraft,
    FilingProof,
    PromoterDraft,
    capture_filing,
    change_agent,
    enter_agent,
    enter_promoter,
)
from xiaopos.usecases.keep_badges import BadgePress, KeptBadge, issue_badge
from xiaopos.usecases.keep_wallet_contract import (
    ContractDraft,
    Finding,
    Probe,
    WalletContract,
    activate_contract,
    enter_contract,
    make_pair,
)
from xiaopos.usecases.key_ceremony import Origin
from xiaopos.web import badge_room
from xiaopos.web.accounts.sealing import seal_second_factor
from xiaopos.webhook_plan import WEBHOOK_PAIR

FIRST_DAY = date(2026, 1, 1)
T = TypeVar("T")
BY = "demo set-up"


def seed(deployment: Deployment) -> None:
    """Bring the tables up to date and, in an empty database, write the town."""
    call_command("migrate", verbosity=0)
    if Merchant.objects.exists():
        return
    secrets = demo_secrets(deployment.data_dir)
    vault = wiring.build_vault(deployment)
    now = datetime.now(UTC)
    with transaction.atomic():
        _house_keys(vault, secrets, deployment.network_suite, now)
        _plans_and_models()
        _downloads()
        for merchant in town.MERCHANTS:
            _merchant(merchant, now)
            for terminal in merchant.terminals:
                _terminal(terminal, merchant, vault, secrets, now)
            for person in merchant.people:
                _person(person, secrets, merchant.merchant_id)
        for person in town.OPERATORS:
            _person(person, secrets)
        _agent(town.AGENT, secrets, vault, deployment, now)
        for merchant in (town.TEA, town.NOODLES):
            _alipay_contract(merchant.merchant_id, vault, deployment, now)
            _wechat_contract(merchant.merchant_id, vault, deployment, now)
        # Also when the file holds one: an empty database knows none.
        _, secrets.api_key = make_api_key(town.TEA.merchant_id, ("take", "refund", "read"), made_by=BY, at=now)
        keep(deployment.data_dir / SECRETS, secrets)


def _alipay_contract(merchant: str, vault: Vault, deployment: Deployment, now: datetime) -> None:
    """A shop takes Alipay under its own contract: its pair is made in the vault, the pretend platform is told the rest."""
    if not deployment.alipay_url:
        return
    book, owner = ContractRows(), Actor(BY, "", BY)
    alipay = RsaSigningKey(bytes.fromhex(demo_secrets(deployment.data_dir).alipay_key)).public()
    public = make_pair(merchant, "alipay", owner, now, book=book, vault=vault)
    platform = OpenPlatform.at(deployment.data_dir / ALIPAY_APPS, alipay)
    app_id = platform.register(base64.b64encode(public).decode())
    texts = {
        "app_id": app_id,
        "seller_id": platform.apps[app_id].seller_id,
        "wallet_public_key": base64.b64encode(alipay).decode(),
    }
    _enter(ContractDraft(wiring.new_id(now), merchant, "alipay", PUBLIC_KEY_MODE, texts, {}, owner, now), vault)


def _wechat_contract(merchant: str, vault: Vault, deployment: Deployment, now: datetime) -> None:
    """A shop takes WeChat Pay under its own contract, as the pretend merchant platform gave it out."""
    if not deployment.wechat_pay_url:
        return
    kept = demo_secrets(deployment.data_dir)
    platform = MerchantPlatform.at(
        deployment.data_dir / WECHAT_MERCHANTS,
        RsaSigningKey(bytes.fromhex(kept.wechat_key)).public(),
        vault=SoftwareVault(Secret(bytes.fromhex(kept.simulator_master_key)), os.urandom),
        clock=wiring.SystemClock(),
        entropy=os.urandom,
    )
    given = platform.open()
    secrets = {name: Secret(given.pop(name).encode()) for name in ("private_key", "api_v3_key")}
    owner = Actor(BY, "", BY)
    _enter(ContractDraft(wiring.new_id(now), merchant, "wechat", PUBLIC_KEY_MODE, given, secrets, owner, now), vault)


def _enter(draft: ContractDraft, vault: Vault) -> None:
    """A contract that both sides know works and takes money from now."""
    book = ContractRows()
    kept = enter_contract(draft, book=book, vault=vault, unusable=lambda *_: "")
    assert isinstance(kept, WalletContract), kept
    book.note_probe(kept, Probe(Finding.WORKS, BY), draft.actor, draft.at)
    activate_contract(draft.merchant_id, kept.contract_id, draft.actor, draft.at - STANDS_AFTER, book)


def _house_keys(vault: Vault, secrets: DemoSecrets, network: Suite, now: datetime) -> None:
    seal = vault.generate(usage=KeyUsage.SEAL, algorithm=KeyAlgorithm.AES256)
    token = vault.generate(usage=KeyUsage.TOKEN, algorithm=KeyAlgorithm.HMAC256)
    zmk = vault.combine(components=both(secrets.network_zmk), usage=KeyUsage.ZMK, algorithm=network.carrier)
    wallet = vault.combine(components=both(secrets.wallet_key), usage=KeyUsage.ZAK, algorithm=KeyAlgorithm.HMAC256)
    named = {wiring.PAN_SEAL: seal, wiring.PAN_TOKEN: token, wiring.NETWORK_ZMK: zmk, wiring.WALLET_KEY: wallet}
    for pair in (WEBHOOK_PAIR, badge_room.PAIR):
        named[pair] = vault.generate_pair(algorithm=KeyAlgorithm.ED25519)
    named[SEAL_NAME] = vault.generate(usage=KeyUsage.SEAL, algorithm=KeyAlgorithm.AES256)
    named[MARK_NAME] = vault.generate(usage=KeyUsage.TOKEN, algorithm=KeyAlgorithm.HMAC256)
    HouseKey.objects.bulk_create(
        HouseKey(name=name, wrapped=key.text(), check_value=key.kcv, made_at=now, made_by=BY)
        for name, key in named.items()
    )
    for name, key in named.items():
        origin = Origin.COMPONENTS if name in (wiring.NETWORK_ZMK, wiring.WALLET_KEY) else Origin.GENERATED
        record_key(wiring.new_id(now), name, key, origin, now, by=BY)


def _plans_and_models() -> None:
    for plan in town.PLANS:
        prices = {kind: {"ppm": ppm, "cap_minor": cap} for kind, (ppm, cap) in plan.prices.items()}
        PricePlan.objects.create(
            plan_id=plan.plan_id,
            name_zh=plan.name_zh,
            name_en=plan.name_en,
            prices=prices,
            refund_returns_fee=plan.refund_returns_fee,
        )
    for model in town.MODELS:
        TerminalModel.objects.create(
            model_id=model.model_id,
            maker=model.maker,
            name=model.name,
            year=model.year,
            capabilities=list(model.capabilities),
        )


def _downloads() -> None:
    lists = {
        DownloadKind.PARAMETERS: chip_lists.PARAMETERS,
        DownloadKind.PUBLIC_KEYS: chip_lists.PUBLIC_KEYS,
        DownloadKind.CHIP_PARAMETERS: chip_lists.CHIP_PARAMETERS,
        DownloadKind.BLACKLIST: {begins: begins for begins in chip_lists.BLACKLIST},
    }
    TerminalDownload.objects.bulk_create(
        TerminalDownload(
            kind=kind.value, profile="", row_key=key, valid_from=FIRST_DAY, content=content, author=BY, approver=BY
        )
        for kind, entries in lists.items()
        for key, content in entries.items()
    )


def _merchant(merchant: town.MerchantData, now: datetime) -> None:
    row = Merchant.objects.create(
        merchant_id=merchant.merchant_id,
        name=merchant.name,
        name_en=merchant.name_en,
        category_code=merchant.category_code,
        active=True,
        zone="Asia/Shanghai",
        cut_over_hour=24,
        created_at=now,
    )
    MerchantTerms.objects.create(
        merchant_id=merchant.merchant_id,
        valid_from=FIRST_DAY,
        plan_id=merchant.plan_id,
        currency="CNY",
        payment_limit_minor=merchant.payment_limit_minor,
        tip_percent=merchant.tip_percent,
        author=BY,
        approver=BY,
    )
    Shop.objects.create(
        shop_id=shop_of(merchant),
        merchant=row,
        name=merchant.name,
        name_en=merchant.name_en,
        address=merchant.address,
        phone=merchant.phone,
    )


def shop_of(merchant: town.MerchantData) -> str:
    """The id of a town merchant's one shop."""
    return f"shop-{merchant.merchant_id}"


def _terminal(
    terminal: town.TerminalData, merchant: town.MerchantData, vault: Vault, secrets: DemoSecrets, now: datetime
) -> None:
    keys: dict[str, Any] = {}
    if terminal.pretend:
        tmk = _combined(
            vault, both(secrets.terminals[terminal.terminal_id]), KeyUsage.TMK, PROFILES[terminal.profile].suite.carrier
        )
        keys["tmk"] = tmk.text()
        record_key(wiring.new_id(now), terminal.terminal_id, tmk, Origin.COMPONENTS, now, by=BY)
    else:
        published = (Secret(bytes.fromhex(town.RECORDED_TAK)), Secret(bytes(8)))
        keys["tak"] = _combined(vault, published, KeyUsage.TAK, KeyAlgorithm.DES).text()
        keys["signed_in_at"] = now
    Terminal.objects.create(
        terminal_id=terminal.terminal_id,
        merchant_id=merchant.merchant_id,
        shop_id=shop_of(merchant),
        model_id=terminal.model_id,
        serial=terminal.serial,
        active=True,
        profile=terminal.profile,
        batch_number=1,
        **keys,
    )


def _combined(vault: Vault, components: tuple[Secret, Secret], usage: KeyUsage, algorithm: KeyAlgorithm) -> WrappedKey:
    return vault.combine(components=components, usage=usage, algorithm=algorithm)


def _agent(agent: town.AgentData, secrets: DemoSecrets, vault: Vault, deployment: Deployment, now: datetime) -> None:
    """An agent that went the whole way: entered, its filing captured, checked by one person, authorised by another."""
    rows, today = AgentRows(), business_day(now, deployment.zone)
    he, gao = Actor("he", "risk", BY), Actor("gao", "administrator", BY)
    deeds = tuple(deed.value for deed in Deed)
    until = today + timedelta(days=730)
    draft = AgentDraft(
        agent.name, agent.licence, agent.filing, "", agent.regions, (), deeds, agent.contract, FIRST_DAY, until
    )
    agent_id = _done(enter_agent(draft, he, now, book=rows, make_id=wiring.new_id), str)
    proof = FilingProof(now, agent.filing_place, hashlib.sha256(agent.filing.encode()).hexdigest())
    assert capture_filing(agent_id, proof, he, now, book=rows) is None
    for event, actor in ((AgentEvent.CHECK, he), (AgentEvent.AUTHORISE, gao)):
        _done(change_agent(agent_id, event, actor, now, today, book=rows), AgentState)
    promoter = PromoterDraft(agent_id, agent.promoter_name, agent.work_number, FIRST_DAY)
    promoter_id = _done(enter_promoter(promoter, he, now, book=rows, make_id=wiring.new_id), str)
    _person(agent.head, secrets, agent_id=agent_id)
    _person(agent.promoter, secrets, agent_id=agent_id, promoter_id=promoter_id)
    pair = WrappedKey.from_text(HouseKey.objects.get(name=badge_room.PAIR).wrapped)
    press = BadgePress(badge_room.operator(), vault, pair, pair.kcv, BadgeSuite.ED25519, wiring.new_id)
    bearer = Actor(agent.promoter.username, agent.promoter.role, BY)
    register = PromoterRegister(deployment.zone)
    _done(
        issue_badge(promoter_id, bearer, now, book=BadgeRows(wiring.new_id), register=register, press=press), KeptBadge
    )


def _done(made: object, kind: type[T]) -> T:
    """What a use case made; anything else is a fault in the town's data."""
    assert isinstance(made, kind), f"the town's data was refused: {made}"
    return made


def _person(
    person: town.PersonData, secrets: DemoSecrets, merchant_id: str = "", agent_id: str = "", promoter_id: str = ""
) -> None:
    User.objects.create(
        username=person.username,
        password=make_password(secrets.password),
        name_zh=person.name_zh,
        name_en=person.name_en,
        role=person.role,
        merchant_id=merchant_id,
        shop_id=f"shop-{merchant_id}" if merchant_id else "",
        agent_id=agent_id,
        promoter_id=promoter_id,
        approval_code=make_password(person.approval_code) if person.approval_code else "",
        second_factor=seal_second_factor(bytes.fromhex(secrets.second_factors[person.username]), person.username),
        is_demo=True,
    )
