"""What is the same for every question of a terminal: it remembers before it sends, and puts right what it does not know.

What may live here: the order of things (check, remember, make the frame; read, judge, remember). What may not: what can be
asked (device), sockets, files, clocks, randomness (all handed in), message layouts (messages), what an answer means (judging).

Whoever drives a device sends the bytes that a question returns, and hands back what came (`take`) or that nothing came
(`no_answer`). While the device `owes`, `pay_up` gives the message that must go first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.kernel.secret import Pan
from xiaopos.keys import KeyAlgorithm, KeyRefused, KeyUsage, Vault, WrappedKey
from xiaopos.terminal import fetching, guard, judging, messages, noting, texts
from xiaopos.terminal.chip import PretendChip, notice_field_55, script_results
from xiaopos.terminal.judging import Question, Verdict
from xiaopos.terminal.lists import ListKind, Settings, settings_of
from xiaopos.terminal.memory import Memory, MemoryDamaged, Owed, Remembered
from xiaopos.terminal.messages import text
from xiaopos.terminal.outcome import ADVICES, QUIET, Action, Outcome
from xiaopos.terminal.profile import PROFILES, Identity, Profile
from xiaopos.terminal.states import BUSY, DEVICE, OWES, Event, State
from xiaopos.wire.iso8583 import Malformed, Message
from xiaopos.wire.iso8583.framing import TerminalFrame

HIGHEST_AMOUNT = 10**12 - 1
NO_ANSWER, BAD_MAC, OTHER = "98", "A0", "06"
MUST_SIGN_IN = "sign_in"
REVERSAL_ANSWER = "0410"

SCRIPTED = frozenset({Action.SALE, Action.PREAUTH})
"""What an issuer answers with scripts for the chip."""

_JUDGES: dict[Action, Callable[[Remembered, Question, Message], Verdict]] = {
    Action.SETTLE: judging.settled,
    Action.ECHO: judging.plain_answer,
    Action.SIGN_OFF: judging.plain_answer,
    Action.UPLOAD: judging.uploaded,
    Action.BALANCE: judging.balance_answer,
    Action.STATUS: noting.status_answer,
    Action.QUERY: noting.query_answer,
    Action.SIGNATURE: noting.notice_answer,
    Action.SCRIPT_NOTICE: noting.notice_answer,
}
"""What judges an answer that neither brings keys nor is about money of its own."""

Frame = bytes | Refused
"""What a question returns: the bytes to send, or why it cannot be asked now."""


class Exchange:
    """A terminal's side of its exchanges. `entropy(n)` gives n random bytes; without a `chip`, cards are read without chip data.

    Raises MemoryDamaged when the memory is unreadable or another terminal's. A restart in the middle of a question is
    noticed here: the device then owes the message that the question may need.
    """

    def __init__(
        self,
        identity: Identity,
        *,
        vault: Vault,
        tmk: WrappedKey,
        memory: Memory,
        entropy: Callable[[int], bytes],
        profile: Profile = PROFILES["unionpay-3des-2012"],
        chip: PretendChip | None = None,
    ) -> None:
        self.identity = identity
        self.profile = profile
        self._vault = vault
        self._tmk = tmk
        self._memory = memory
        self._entropy = entropy
        self._chip = chip
        self._question: Question | None = None
        self._now = self._recalled()
        if self._now.at in BUSY:
            self._keep(self._now.moved(DEVICE.move(self._now.at, Event.POWER_BACK)))

    def _recalled(self) -> Remembered:
        kept = self._memory.load()
        if kept is None:
            seal_key = self._vault.generate(usage=KeyUsage.SEAL, algorithm=KeyAlgorithm.AES256)
            return Remembered(self.identity.terminal_id, self.identity.merchant_id, seal_key=seal_key.text())
        remembered = Remembered.from_json(kept)
        if (remembered.terminal_id, remembered.merchant_id) != (self.identity.terminal_id, self.identity.merchant_id):
            raise MemoryDamaged(f"this memory belongs to terminal {remembered.terminal_id}")
        return remembered

    # -- what can be seen --------------------------------------------------------------------------------------------

    @property
    def remembered(self) -> Remembered:
        """What the device knows now, and would still know after a power cut."""
        return self._now

    @property
    def state(self) -> State:
        """Where the device stands."""
        return self._now.at

    @property
    def owes(self) -> bool:
        """Whether a message is owed that must go before any new question."""
        return self._now.owed is not None and self.state in OWES

    @property
    def needs_sign_in(self) -> bool:
        """Whether nothing can be asked before signing in."""
        return self.state in (State.SIGNED_OUT, State.SIGNED_OUT_OWING)

    @property
    def settings(self) -> Settings:
        """What the downloaded parameters say."""
        return settings_of(self._now.kept_list(ListKind.PARAMETERS).entries)

    @property
    def _tries(self) -> int:
        """How often an owed message is sent before it is put aside: once, and again as often as the parameters say."""
        resends = self.settings.resends
        return self.profile.reversal_tries if resends is None else resends + 1

    # -- what is owed ------------------------------------------------------------------------------------------------

    def pay_up(self) -> Frame:
        """The frame that is owed: the reversal 0400 with the original's trace number, or the refund notice once more."""
        owed = self._now.owed
        if owed is None or not DEVICE.allows(self.state, Event.PAY_UP):
            return self._refusal()
        owed = replace(owed, tries=owed.tries + 1)
        pan = self._kept_pan(owed.sealed_pan)
        message = messages.owed_message(owed, pan.digits)
        after = replace(self._now, owed=owed).moved(DEVICE.move(self.state, Event.PAY_UP))
        return self._ask(judging.follow_up_action(owed), message, owed.stan, after, with_mac=True)

    def reopen(self) -> bool:
        """Take up the oldest unresolved message again; False when there is none or this is not the moment."""
        if not self._now.unresolved or not DEVICE.allows(self.state, Event.REOPEN):
            return False
        first, *rest = self._now.unresolved
        after = replace(self._now, owed=replace(first, tries=0), unresolved=tuple(rest))
        self._keep(after.moved(DEVICE.move(self.state, Event.REOPEN)))
        return True

    def _kept_pan(self, sealed_pan: str) -> Pan:
        key = WrappedKey.from_text(self._now.seal_key)
        return guard.open_pan(self._vault, key, sealed_pan, self.identity.terminal_id)

    # -- answers -----------------------------------------------------------------------------------------------------

    def take(self, raw: bytes, *, now: datetime) -> Outcome:
        """What came back, as one frame without its length. Unreadable or foreign bytes count as no valid answer."""
        question = self._asked()
        try:
            frame = TerminalFrame.parse(raw)
            answer = guard.CODEC.decode(frame.body)
        except Malformed:
            return self._lost(OTHER)
        if not messages.answers(question.message, answer) or not text(answer.fields, 39):
            return self._lost(OTHER)
        if question.with_mac and text(answer.fields, 39) not in texts.SIGN_IN_AGAIN:
            if not self._mac_fits(frame.body, answer):
                return self._lost(BAD_MAC)
            if not _amount_fits(question.message, answer):
                return self._lost(OTHER)
        after, outcome = self._judged(question, answer, now)
        self._conclude(self._with_scripts(question, answer, after), outcome)
        self._heed(frame.header.hex()[5], question, outcome)
        return outcome

    def _heed(self, digit: str, question: Question, outcome: Outcome) -> None:
        """What the answer's header asks for (处理要求, domain A2), and keys that the host does not know any more.

        Signing in comes before anything else; the rest is remembered until it is done. The answer to what was asked for does
        not ask for it again.
        """
        wanted = next((name for name, mark in self.profile.downloads.asks.items() if mark == digit), "")
        if wanted and wanted in (outcome.listed, outcome.action.value):
            return
        told = wanted == MUST_SIGN_IN
        refused = question.with_mac and outcome.response_code in texts.SIGN_IN_AGAIN
        if (told or refused) and DEVICE.allows(self.state, Event.TOLD_TO_SIGN_IN):
            self._keep(self._now.moved(DEVICE.move(self.state, Event.TOLD_TO_SIGN_IN)))
        elif wanted and wanted != MUST_SIGN_IN and wanted not in self._now.wanted:
            self._keep(replace(self._now, wanted=(*self._now.wanted, wanted)))

    def _with_scripts(self, question: Question, answer: Message, after: Remembered) -> Remembered:
        """The memory with a notice of what came of the issuer's scripts in the answer to an approved chip payment."""
        results = script_results(answer.raw(55)) if self._chip is not None and 55 in question.message.fields else b""
        voucher = after.voucher(question.stan)
        if not results or voucher is None or question.action not in SCRIPTED:
            return after
        stan, after = after.taking_stan()
        notice = messages.script_notice(
            self.identity, self.profile, voucher, stan=stan, entry_mode=text(question.message.fields, 22),
            chip=notice_field_55(results, question.message.raw(55)),
        )  # fmt: skip
        return noting.with_notice(after, notice)

    def no_answer(self) -> Outcome:
        """Nothing came: the line broke, or the time was up. Whether the host has seen the question is not known."""
        return self._lost(NO_ANSWER)

    def _asked(self) -> Question:
        assert self._question is not None, "no question is open"
        return self._question

    def _mac_fits(self, body: bytes, answer: Message) -> bool:
        """A success must carry a right MAC; another answer may come without one, but not with a wrong one.

        A refund that is told again may have been done the first time: without a MAC its refusal is nobody's word.
        """
        if 64 not in answer.fields:
            told_again = self.state is State.PAYING_UP and answer.mti != REVERSAL_ANSWER
            return not told_again and text(answer.fields, 39) not in texts.SUCCESS
        return guard.mac_fits(self._vault, WrappedKey.from_text(self._now.tak), body, self.profile.suite.mac_kind)

    def _judged(self, question: Question, answer: Message, now: datetime) -> Verdict:
        if question.action is Action.SIGN_IN:
            return self._judged_sign_in(question, answer)
        if question.action is Action.FETCH:
            return fetching.answered(self._now, question, answer, self.profile.downloads)
        if question.action in _JUDGES:
            return _JUDGES[question.action](self._now, question, answer)
        if question.action is Action.REVERSAL:
            verdict = judging.reversal_answer(self._now, answer)
        else:
            verdict = judging.money_answer(self._now, question, answer, now.astimezone(self.profile.zone))
        if self.state is State.PAYING_UP and verdict[0].at is State.OWING:
            return judging.still_owed(self._now, verdict[1].response_code, self._tries)
        return verdict

    def _judged_sign_in(self, question: Question, answer: Message) -> Verdict:
        if text(answer.fields, 39) not in texts.SUCCESS:
            return judging.not_signed_in(self._now, question, answer, keys_wrong=False)
        field_62 = answer.raw(62)
        try:
            keys = guard.working_keys(self._vault, self._tmk, field_62, self.profile.sign_in_code, self.profile.suite)
        except KeyRefused:
            return judging.not_signed_in(self._now, question, answer, keys_wrong=True)
        named = {"tpk": keys.tpk, "tak": keys.tak, "tdk": keys.tdk}
        return judging.signed_in(
            self._now, question, answer, {name: key.text() if key else "" for name, key in named.items()}
        )

    def _lost(self, reason: str) -> Outcome:
        question = self._asked()
        if self.state is State.PAYING_UP:
            return self._conclude(*judging.still_owed(self._now, "", self._tries))
        if question.with_mac and question.action not in QUIET:
            return self._conclude(*judging.unanswered(self._now, question, reason))
        return self._conclude(*judging.no_plain_answer(self._now, question))

    # -- remembering -------------------------------------------------------------------------------------------------

    def _ask_money(
        self,
        action: Action,
        message: Message,
        stan: int,
        after: Remembered,
        amount_minor: int,
        pan: Pan,
        *,
        chip: str = "",
        original_stan: int = 0,
    ) -> bytes:
        """Keep what would be owed if no answer came, then the frame: the memory is durable before anything is sent."""
        key = WrappedKey.from_text(after.seal_key)
        owed = Owed(
            action=action.value,
            mti="0220" if action in ADVICES else "0400",
            stan=stan,
            batch_number=after.batch_number,
            amount_minor=amount_minor,
            fields=messages.repeatable(message),
            sealed_pan=guard.seal_pan(self._vault, key, pan, self.identity.terminal_id),
            masked_pan=pan.masked,
            chip=chip,
            reason=OTHER,
            original_stan=original_stan,
        )
        waiting = replace(after, owed=owed).moved(DEVICE.move(self.state, Event.ASK))
        return self._ask(action, message, stan, waiting, with_mac=True)

    def _ask(self, action: Action, message: Message, stan: int, after: Remembered, *, with_mac: bool = False) -> bytes:
        tak = WrappedKey.from_text(after.tak) if with_mac else None
        body = guard.with_mac(self._vault, tak, message, self.profile.suite.mac_kind) if tak else guard.encoded(message)
        frame = TerminalFrame(self.profile.tpdu, self.profile.header, body).encode()
        self._keep(after)
        self._question = Question(action, message, stan)
        return frame

    def _conclude(self, after: Remembered, outcome: Outcome) -> Outcome:
        self._question = None
        self._keep(after)
        return outcome

    def _keep(self, after: Remembered) -> None:
        self._memory.save(after.as_json())
        self._now = after

    # -- refusals ----------------------------------------------------------------------------------------------------

    def _refused_money(self, amount_minor: int) -> Refused | None:
        if not DEVICE.allows(self.state, Event.ASK):
            return self._refusal()
        if amount_minor <= 0:
            return Refused(Reason.AMOUNT_ZERO)
        return Refused(Reason.AMOUNT_OVER_LIMIT) if amount_minor > HIGHEST_AMOUNT else None

    def _refusal(self) -> Refused:
        """Why nothing new can be asked in this state."""
        if self.state in BUSY:
            return Refused(Reason.IN_PROGRESS)
        if self.state in OWES:
            return Refused(Reason.OUTCOME_UNKNOWN, "a reversal or a repeated refund goes first")
        if self.state is State.SIGNED_OUT:
            return Refused(Reason.TERMINAL_NOT_SIGNED_IN)
        return Refused(Reason.ORIGINAL_UNKNOWN, "nothing is owed")


def _amount_fits(request: Message, answer: Message) -> bool:
    """Whether the answer is about the same amount. Only an approval in part (10) may change it."""
    given = text(answer.fields, 4)
    return not given or 4 not in request.fields or given == text(request.fields, 4) or text(answer.fields, 39) == "10"
