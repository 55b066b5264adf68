"""What the house can ask of a terminal, in the header of its answers (处理要求): sign in again, fetch a list, tell its status.

What may live here: the asks and which messages comply with them. What may not: the digits (the profile's data), storage.
"""

from __future__ import annotations

from enum import Enum


class TerminalAsk(Enum):
    """One thing that a terminal is asked to do after the transaction at hand, the most urgent first."""

    SIGN_IN = "sign_in"
    PUBLIC_KEYS = "public_keys"
    CHIP_PARAMETERS = "chip_parameters"
    PARAMETERS = "parameters"
    BLACKLIST = "blacklist"
    STATUS = "status"

    @property
    def urgency(self) -> int:
        """Which is asked first: 0 before 1."""
        return list(TerminalAsk).index(self)


ASK_WORDS: dict[TerminalAsk, tuple[str, str]] = {
    TerminalAsk.SIGN_IN: ("重新签到", "sign in again"),
    TerminalAsk.PUBLIC_KEYS: ("更新IC卡公钥", "fetch the chip public keys"),
    TerminalAsk.CHIP_PARAMETERS: ("更新IC卡参数", "fetch the chip parameters"),
    TerminalAsk.PARAMETERS: ("下载终端参数", "fetch its parameters"),
    TerminalAsk.BLACKLIST: ("下载卡BIN黑名单", "fetch the card blacklist"),
    TerminalAsk.STATUS: ("上送状态", "tell its status"),
}
"""What people call each."""


def belongs_to(message: str, ask: TerminalAsk) -> bool:
    """Whether a message, by its transaction's name, is part of what is asked: its answer does not ask for it again.

    >>> belongs_to("sign_in_track", TerminalAsk.SIGN_IN), belongs_to("sale", TerminalAsk.SIGN_IN)
    (True, False)
    """
    family = message.removesuffix("_query").removesuffix("_end")
    return family == ask.value or (ask is TerminalAsk.SIGN_IN and message.startswith("sign_in"))
