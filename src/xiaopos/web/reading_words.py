"""What the page that reads messages says of a MAC, and how it picks a text's language.

What may live here: words. What may not: judging (usecases.judge_mac).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from xiaopos.fleet.profiles import PROFILES
from xiaopos.usecases.judge_mac import MacJudgement, MacVerdict
from xiaopos.web.words import in_english

_VERDICTS: dict[MacVerdict, tuple[str, Any, Any]] = {
    MacVerdict.RIGHT: ("good", gettext_lazy("MAC 正确"), gettext_lazy("终端的密钥与这里的一致，报文没有被改动。")),
    MacVerdict.OTHER_KIND: (
        "bad",
        gettext_lazy("密钥一致，MAC 的算法不符"),
        gettext_lazy("终端按另一种算法做了 MAC。让终端改用登记的规范，或在终端登记里换成它的规范，再重新签到。"),
    ),
    MacVerdict.WRONG: (
        "bad",
        gettext_lazy("MAC 不正确"),
        gettext_lazy(
            "终端的密钥与这里的不同，或报文被改动。若这一帧在上次签到之前，旧密钥已不在；否则让终端重新签到。"
        ),
    ),
    MacVerdict.TERMINAL_UNKNOWN: (
        "calm",
        gettext_lazy("MAC 无法核对：没有这台终端"),
        gettext_lazy("报文里的终端号没有登记。核对 41 域，或先登记终端。"),
    ),
    MacVerdict.NO_KEY: (
        "calm",
        gettext_lazy("MAC 无法核对：终端没有签到"),
        gettext_lazy("这台终端没有工作密钥。让它先签到。"),
    ),
    MacVerdict.VAULT_REFUSED: (
        "calm",
        gettext_lazy("MAC 暂时无法核对"),
        gettext_lazy("密钥库现在没有回答。过一会儿再试。"),
    ),
}


@dataclass(frozen=True, slots=True)
class JudgementWords:
    """A MAC's verdict for a notice: its tone, what it is, what to do, and the terminal's dialect."""

    tone: str
    title: str
    then: str
    profile: str
    kind: str


def judgement_words(judgement: MacJudgement) -> JudgementWords:
    """The words of a verdict in the reader's language."""
    tone, title, then = _VERDICTS[judgement.verdict]
    profile = PROFILES.get(judgement.profile)
    name = "" if profile is None else profile.english if in_english() else profile.chinese
    kind = "" if judgement.kind is None else judgement.kind.value
    return JudgementWords(tone, str(title), str(then), name, kind)


def said(words: tuple[str, str]) -> str:
    """A text that exists in Chinese and English, in the reader's language."""
    return words[in_english()]
