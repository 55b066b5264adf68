"""The Django app of this folder. Nothing else lives here."""

from django.apps import AppConfig


class AgentStore(AppConfig):
    """Registers the models under the label `store_agents`."""

    name = "xiaopos.store.agents"
    label = "store_agents"
