"""The rule book of applications of one installation: the operator's file, or the one that comes with the house.

What may live here: reading that file. What may not: its form (merchants.applications.rule_file), rules.
"""

from __future__ import annotations

from pathlib import Path

from xiaopos.deployment import Deployment, WrongSetting
from xiaopos.merchants.applications.rule_file import WrongRules, read_rule_book
from xiaopos.merchants.applications.rulebook import RuleBook

OURS = Path(__file__).with_name("application_rules.toml")


def rules_of(deployment: Deployment) -> RuleBook:
    """The rule book. Raises WrongSetting, also for a file that cannot be read."""
    path = deployment.application_rules or OURS
    try:
        return read_rule_book(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise WrongSetting(f"XIAOPOS_APPLICATION_RULES: {path} cannot be read: {error}") from None
    except WrongRules as wrong:
        raise WrongSetting(f"XIAOPOS_APPLICATION_RULES: {wrong}") from None
