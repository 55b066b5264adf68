"""Whether a model of device and a way of speaking go together, so that nobody registers what will fail at the counter.

What may live here: what does not fit, as a list of names. What may not: words for it (web), registering (usecases).
"""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum

from xiaopos.fleet.profiles import TerminalProfile
from xiaopos.keys.suites import SuiteName

SCANNER, NATIONAL_KEYS = "qr", "sm4"
"""The words among a model's capabilities that matter here."""


class Misfit(Enum):
    """What does not fit between a model and a profile. Nothing of it forbids; all of it should be known before."""

    CODES_NOT_SERVED = "codes_not_served"
    """The device scans customers' codes, and this profile has no place for them."""
    NO_NATIONAL_KEYS = "no_national_keys"
    """The profile's keys are SM4, which the model is not known to have."""
    NO_PINS = "no_pins"
    """The profile takes no PIN: a card that asks for one is refused at this terminal."""
    NOT_CONFIRMED = "not_confirmed"
    """No source was seen for this profile."""


def misfits(capabilities: Collection[str], profile: TerminalProfile) -> tuple[Misfit, ...]:
    """What does not fit, in the order of Misfit."""
    found = {
        Misfit.CODES_NOT_SERVED: SCANNER in capabilities and profile.payer_code is None,
        Misfit.NO_NATIONAL_KEYS: profile.suite.name is SuiteName.GM and NATIONAL_KEYS not in capabilities,
        Misfit.NO_PINS: not profile.takes_pins,
        Misfit.NOT_CONFIRMED: not profile.confirmed,
    }
    return tuple(misfit for misfit, there in found.items() if there)
