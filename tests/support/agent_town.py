"""A town whose operator has authorised an agent: its head Feng, its promoter Tao, strangers with phones, the console's people.

What may live here: rows, made by the use cases themselves, and browsers. What may not: what a test expects.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import Any
from urllib.parse import quote

from django.test import Client
from django.utils import timezone

from support.channels import new_vault
from support.desk_town import Town
from xiaopos.kernel.ids import make_id
from xiaopos.keys import KeyAlgorithm, SoftwareVault
from xiaopos.merchants.agents.states import AgentEvent, AgentState
from xiaopos.merchants.badges.credential import Deed
from xiaopos.store.agents.book import AgentRows
from xiaopos.store.badges.models import BadgeRow
from xiaopos.store.keys.inventory import record_key
from xiaopos.store.keys.models import HouseKey, KeyRecord
from xiaopos.store.people.models import User
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
from xiaopos.usecases.key_ceremony import Origin
from xiaopos.web import badge_room, key_room

LICENCE, OTHER_LICENCE = "91110000MA0000001L", "91310000DEM000001H"
GAO, HE = Actor("gao", "administrator", "came with a letter"), Actor("he", "risk", "read all of it")
PLACES = count(1)


def new_id(at: Any) -> str:
    return make_id(int(at.timestamp() * 1000), secrets.token_bytes(10))


@dataclass
class AgentTown:
    """The town, its agent and whoever has to do with it. `scanner()` is a stranger's phone on a network of its own."""

    town: Town
    vault: SoftwareVault
    agent_id: str = ""
    promoter_id: str = ""
    phones: dict[str, Client] = field(default_factory=dict)

    def authorised(self, *, licence: str = LICENCE, regions: tuple[str, ...] = ("31",), name: str = "柳巷商务") -> str:
        """The number of an agent that went the whole way."""
        now, rows = timezone.now(), AgentRows()
        today = now.date()
        deeds = (Deed.INTRODUCE.value, Deed.HELP_APPLY.value)
        first, last = today - timedelta(days=30), today + timedelta(days=300)
        draft = AgentDraft(name, licence, "F-2026-0001", "", regions, (), deeds, "C-1", first, last)
        agent_id = enter_agent(draft, HE, now, book=rows, make_id=new_id)
        assert isinstance(agent_id, str), agent_id
        assert capture_filing(agent_id, FilingProof(now, "a public list", "ab" * 32), HE, now, book=rows) is None
        for event, actor in ((AgentEvent.CHECK, HE), (AgentEvent.AUTHORISE, GAO)):
            assert isinstance(change_agent(agent_id, event, actor, now, today, book=rows), AgentState)
        return agent_id

    def promoter(self, agent_id: str, name: str = "陶然", work_number: str = "T-001") -> str:
        """The number of somebody who promotes for an agent."""
        now = timezone.now()
        draft = PromoterDraft(agent_id, name, work_number, now.date() - timedelta(days=20))
        made = enter_promoter(draft, HE, now, book=AgentRows(), make_id=new_id)
        assert isinstance(made, str), made
        return made

    def somebody(self, username: str, role: str, agent_id: str, promoter_id: str = "") -> None:
        """Somebody who signs in for an agent."""
        User.objects.create(
            username=username, name_zh=username, name_en=username, role=role, agent_id=agent_id, promoter_id=promoter_id
        )

    def generates(self, algorithm: KeyAlgorithm = KeyAlgorithm.ED25519) -> None:
        """The house gets a pair that signs badges; one that it had is replaced in good order."""
        pair, now = self.vault.generate_pair(algorithm=algorithm), timezone.now()
        HouseKey.objects.update_or_create(
            name=badge_room.PAIR,
            defaults={"wrapped": pair.text(), "check_value": pair.kcv, "made_at": now, "made_by": "gao"},
        )
        KeyRecord.objects.filter(name=badge_room.PAIR).update(state="retired")
        record_key(new_id(now), badge_room.PAIR, pair, Origin.GENERATED, now, by="gao")

    def browser(self, username: str, language: str = "zh-hans") -> Client:
        return self.town.browser(username, language, shown=True)

    def scanner(self, name: str = "mei", language: str = "zh-hans") -> Client:
        """A phone, at an address of its own."""
        if name not in self.phones:
            self.phones[name] = Client(REMOTE_ADDR=f"203.0.113.{next(PLACES) % 250 + 1}")
        self.phones[name].cookies["xiaopos_language"] = language
        return self.phones[name]

    def takes_badge(self, username: str = "tao") -> str:
        """Somebody takes a badge, or a newer one; its text."""
        self.browser(username).post("/agent/badge/renew/")
        return str(
            BadgeRow.objects.get(state="valid", promoter_id=User.objects.get(username=username).promoter_id).text
        )

    def scans(self, text: str, by: str = "mei", at: str = "", language: str = "zh-hans") -> str:
        """What a stranger reads about a badge."""
        answer = self.scanner(by, language).get(f"/badge/{quote(text)}/" + (f"?at={at}" if at else ""))
        assert answer["X-Robots-Tag"] == "noindex"
        return str(answer.content.decode())


def build(*, with_key: bool = True) -> AgentTown:
    """The town with one agent and one promoter, nobody of whom carries a badge yet."""
    made = AgentTown(Town(), new_vault())
    made.town.build()
    key_room.install(lambda: made.vault)
    if with_key:
        made.generates()
    agent_id = made.authorised()
    promoter_id = made.promoter(agent_id)
    made.somebody("feng", "agent", agent_id)
    made.somebody("tao", "promoter", agent_id, promoter_id)
    return replace(made, agent_id=agent_id, promoter_id=promoter_id)
