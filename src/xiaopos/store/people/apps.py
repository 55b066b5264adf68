"""The Django app of this folder. Nothing else lives here."""

from django.apps import AppConfig


class PeopleStore(AppConfig):
    """Registers the models under the label `store_people`."""

    name = "xiaopos.store.people"
    label = "store_people"
