"""Draining card networks in the database, with its line in the audit trail.

What may live here: the NetworkBoard on Django, and who drained what since when. What may not: the rule (usecases.switch_network).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from xiaopos.store.audit.trail import AuditEntry, append
from xiaopos.store.payments.models import DrainedNetworkRow
from xiaopos.usecases.switch_network import NetworkSwitch


@dataclass(frozen=True, slots=True)
class Drained:
    """A network that takes no new payments: since when, by whom, why."""

    network: str
    since: datetime
    by: str
    reason: str


def drained_networks() -> dict[str, Drained]:
    """The drained networks by name."""
    rows = DrainedNetworkRow.objects.values_list("network", "since", "by", "reason")
    return {network: Drained(network, since, by, reason) for network, since, by, reason in rows}


class NetworkRows:
    """See NetworkBoard."""

    def drained(self) -> frozenset[str]:
        """See NetworkBoard."""
        return frozenset(DrainedNetworkRow.objects.values_list("network", flat=True))

    def switch(self, wanted: NetworkSwitch) -> bool:
        """See NetworkBoard."""
        try:
            with transaction.atomic():
                if not self._switched(wanted):
                    return False
                append(
                    AuditEntry(
                        actor=wanted.actor.username,
                        role=wanted.actor.role,
                        action="switch_network",
                        merchant_id="",
                        object_kind="network",
                        object_id=wanted.network,
                        reason=wanted.actor.reason.strip(),
                        detail={"open": wanted.open},
                    ),
                    at=wanted.at,
                )
        except IntegrityError:
            return False  # another person drained it in the same instant
        return True

    def _switched(self, wanted: NetworkSwitch) -> bool:
        if wanted.open:
            return bool(DrainedNetworkRow.objects.filter(network=wanted.network).delete()[0])
        DrainedNetworkRow.objects.create(
            network=wanted.network, since=wanted.at, by=wanted.actor.username, reason=wanted.actor.reason.strip()
        )
        return True
