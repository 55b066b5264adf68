"""The Django app of this folder. Nothing else lives here."""

from django.apps import AppConfig


class SpeakerStore(AppConfig):
    """Registers the models under the label `store_speakers`."""

    name = "xiaopos.store.speakers"
    label = "store_speakers"
