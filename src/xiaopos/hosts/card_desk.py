"""Where a terminal's message meets a use case: from the bytes of one frame to the bytes of its answer.

What may live here: which use case a message asks for, checking and making MACs. What may not: field numbers
(card_messages), sockets (card_host), rules.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog
from prometheus_client import Counter

from xiaopos.fleet.asks import belongs_to
from xiaopos.fleet.profiles import PROFILES
from xiaopos.hosts import card_messages as messages
from xiaopos.hosts import card_notice_messages as notices
from xiaopos.hosts.card_administration import Administration
from xiaopos.hosts.card_messages import Asked
from xiaopos.kernel.ids import PaymentId
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.keys import KeyRefused, WrappedKey
from xiaopos.payments.answers import Declined
from xiaopos.usecases.add_tip import TipAsk, add_tip
from xiaopos.usecases.ask_balance import ask_balance
from xiaopos.usecases.follow_payment import FollowAsk, complete_preauth, refund_payment, void_payment
from xiaopos.usecases.keep_signature import keep_signature
from xiaopos.usecases.note_script_result import note_script_result
from xiaopos.usecases.ports import BooksLost, House, TerminalFacts
from xiaopos.usecases.reverse_payment import ReversalAsk, accept_reversal
from xiaopos.usecases.steps import Result, refuse_acceptor
from xiaopos.usecases.take_payment import SaleAsk, take_payment
from xiaopos.usecases.tell_payment import tell_payment
from xiaopos.wire.iso8583 import Codec, Malformed, Message
from xiaopos.wire.iso8583.deriving import PIN_BLOCK
from xiaopos.wire.iso8583.describing import named_by
from xiaopos.wire.iso8583.framing import MAC_BYTES, TerminalFrame, mac_input
from xiaopos.wire.iso8583.meaning import Transaction, transaction_of
from xiaopos.wire.iso8583.requirements import demand
from xiaopos.wire.iso8583.unionpay_terminal import LONG_PIN_SPEC, SPEC

log = structlog.get_logger("card_host")

MESSAGES = Counter("xiaopos_card_messages_total", "Messages from terminals", ["transaction", "response_code"])
DROPPED = Counter("xiaopos_card_frames_dropped_total", "Frames that could not be answered", ["why"])

_counter = functools.cache(MESSAGES.labels)

MAC_FIELD = 64
MOVES_NOTHING = frozenset(
    {"reversal", "unserved_reversal", "script_notice", "signature", "order_query", "wallet_query"}
)
"""What a terminal says with a MAC and may simply say again after a fault."""
REQUESTS = "024"
"""The third digit of a message type that asks for something; others answer, and nobody answers an answer."""


def _fault_of(transaction: Transaction | None) -> Refused:
    """What a terminal hears when we failed while doing what it asked.

    Something may have been done by then, so a sale, void or refund is answered as unknown: the terminal takes it back or
    asks again, and never believes that no money moved. For anything else it is enough to try later.
    """
    moves_money = transaction is not None and transaction.mac and transaction.name not in MOVES_NOTHING
    return Refused(Reason.OUTCOME_UNKNOWN if moves_money else Reason.FAULT)


def _wanted(facts: TerminalFacts | None, transaction: Transaction | None) -> str:
    """The processing request (A2) of an answer's header: what is asked of the terminal; nothing while it is complying."""
    if facts is None or facts.asked is None or (transaction is not None and belongs_to(transaction.name, facts.asked)):
        return "0"
    return PROFILES[facts.profile].downloads.asks.get(facts.asked.value, "0")


class CardDesk:
    """Answers frames. Never raises for what a peer sent; a bug of ours is answered as a fault and logged."""

    def __init__(self, house: House, acquirer_id: str) -> None:
        self._house = house
        self._acquirer_id = acquirer_id
        self._administration = Administration(house)
        self._codec = Codec(SPEC)
        self._long_pins = Codec(LONG_PIN_SPEC)
        self._verbs: dict[str, Callable[[Asked], Awaitable[Message]]] = {
            "sale": self._sale,
            "code_sale": self._sale,
            "wallet_scan": self._sale,
            "pre_auth": self._sale,
            "offline_sale": self._sale,
            "void": functools.partial(self._follow, void_payment),
            "completion_void": functools.partial(self._follow, void_payment),
            "code_void": functools.partial(self._follow, void_payment),
            "wallet_void": functools.partial(self._follow, void_payment),
            "pre_auth_void": functools.partial(self._follow, void_payment),
            "refund": functools.partial(self._follow, refund_payment),
            "completion": functools.partial(self._follow, complete_preauth),
            "completion_advice": functools.partial(self._follow, complete_preauth),
            "reversal": self._reverse,
            "unserved_reversal": self._reverse_unserved,
            "tip": self._tip,
            "balance": self._balance,
            "order_query": self._query,
            "wallet_query": self._query,
            "script_notice": self._script_notice,
            "signature": self._signature,
        }

    async def answer(self, raw: bytes) -> bytes | None:
        """The bytes that answer a frame, or None for one that nobody can answer (it is dropped and counted)."""
        try:
            frame = TerminalFrame.parse(raw)
        except Malformed as error:
            DROPPED.labels("frame").inc()
            log.info("frame dropped", why=str(error))
            return None
        received_at = self._house.clock.now()
        try:
            message = self._read(frame.body)
            addressee = messages.addressee_of(message)
        except Malformed as error:
            return self._format_error(frame, error, received_at)
        if message.mti[2] not in REQUESTS:
            DROPPED.labels("not a request").inc()
            log.info("not a request", mti=message.mti)
            return None
        transaction, answer, body, facts = await self._judged(message, addressee, frame, received_at)
        _counter(transaction.name if transaction else "unknown", answer.text(39)).inc()
        return frame.answering(body, request=_wanted(facts, transaction)).encode()

    def _read(self, body: bytes) -> Message:
        """The message, whichever length of PIN block it has: whose it is, and what it must be, is only known afterwards."""
        try:
            return self._codec.decode(body)
        except Malformed as fault:
            try:
                return self._long_pins.decode(body)
            except Malformed:
                raise fault from None

    def _as_registered(self, message: Message, body: bytes, facts: TerminalFacts) -> Message:
        """The message as this terminal's profile means it. Raises Malformed for a PIN block of the other length."""
        block, due = message.raw(PIN_BLOCK), PROFILES[facts.profile].suite.pin_block_bytes
        if not block or len(block) == due:
            return message
        if len(block) < due:
            return self._long_pins.decode(body)
        raise Malformed(PIN_BLOCK, None, f"{due} bytes, as its profile {facts.profile} says", f"{len(block)} bytes")

    async def _judged(
        self, message: Message, addressee: messages.Addressee, frame: TerminalFrame, received_at: datetime
    ) -> tuple[Transaction | None, Message, bytes, TerminalFacts | None]:
        """Which transaction it is, the answer as a message and as bytes, with a MAC when the request's own was good, and the
        terminal if it is known.

        Without that it gets none: the host makes no MACs over what a stranger sends.
        """
        facts: TerminalFacts | None = None
        seal: WrappedKey | None = None
        transaction = transaction_of(message)
        try:
            facts = await self._house.books.recall_terminal(addressee.terminal_id, self._house.day(received_at))
            if facts is None:
                refused = Refused(Reason.TERMINAL_UNKNOWN, addressee.terminal_id)
                answer = self._refuse(message, refused, None, received_at)
            else:
                meant = self._as_registered(message, frame.body, facts)
                if meant is not message:
                    message, transaction = meant, transaction_of(meant)
                asked = Asked(message, frame.body, frame.header, facts, received_at)
                distrusted = self._check_mac(asked) if MAC_FIELD in message.fields else Refused(Reason.MAC_WRONG)
                seal = None if distrusted else facts.tak
                answer = await self._do(asked, transaction, addressee, distrusted)
        except Malformed as error:
            answer = self._refuse(message, Refused(Reason.FORMAT_WRONG, str(error)), facts, received_at)
        except KeyRefused as error:
            answer = self._refuse(message, Refused(Reason.KEY_FAULT, str(error)), facts, received_at)
        except BooksLost as error:
            log.error("books lost", why=str(error))
            answer = self._refuse(message, _fault_of(transaction), facts, received_at)
        except Exception:
            log.exception("fault", terminal_id=addressee.terminal_id)
            answer = self._refuse(message, _fault_of(transaction), facts, received_at)
        return transaction, answer, self._encoded(answer, facts, seal), facts

    async def _do(
        self,
        asked: Asked,
        transaction: Transaction | None,
        addressee: messages.Addressee,
        distrusted: Refused | None,
    ) -> Message:
        refused = refuse_acceptor(asked.facts, addressee.merchant_id)
        if refused is not None:
            return self._refusal(asked, refused)
        verb = None if transaction is None else self._verbs.get(transaction.name)
        if transaction is None or (transaction.mac and verb is None):
            # Before its fields are looked at, so that the cashier hears why; but a message that was spoilt on its way may
            # have been another, and a terminal must not believe that this one was refused for good.
            spoilt = distrusted if MAC_FIELD in asked.message.fields else None
            return self._refusal(asked, spoilt or self._unserved(asked, transaction))
        demand(asked.message, transaction)
        if PIN_BLOCK in asked.message.fields and not PROFILES[asked.facts.profile].takes_pins:
            return self._refusal(
                asked, distrusted or Refused(Reason.PIN_NOT_TAKEN, f"its profile {asked.facts.profile}")
            )
        if verb is None:
            done = await self._administration.answer(asked, transaction.name)
            return self._refusal(asked, done) if isinstance(done, Refused) else done
        if distrusted is not None:
            return self._refusal(asked, distrusted)
        return await verb(asked)

    def _unserved(self, asked: Asked, transaction: Transaction | None) -> Refused:
        name = transaction.name if transaction else "no transaction"
        return Refused(Reason.TRANSACTION_UNSUPPORTED, f"{name}: {named_by(asked.message)}")

    def _check_mac(self, asked: Asked) -> Refused | None:
        facts = asked.facts
        if facts.tak is None or not facts.signed_in:
            return Refused(Reason.TERMINAL_NOT_SIGNED_IN)
        covered = mac_input(asked.body)
        kind = PROFILES[facts.profile].suite.mac_kind
        if self._house.vault.verify_mac(key=facts.tak, data=covered, kind=kind, mac=asked.message.raw(MAC_FIELD)):
            return None
        return Refused(Reason.MAC_WRONG)

    def _encoded(self, answer: Message, facts: TerminalFacts | None, seal: WrappedKey | None) -> bytes:
        """The answer's bytes, with a MAC under `seal` if one is due."""
        if facts is None or seal is None:
            return self._codec.encode(answer)
        answer.fields[MAC_FIELD] = bytes(MAC_BYTES)
        covered = self._codec.encode(answer)[:-MAC_BYTES]
        kind = PROFILES[facts.profile].suite.mac_kind
        return covered + self._house.vault.mac(key=seal, data=covered, kind=kind)

    async def _sale(self, asked: Asked) -> Message:
        code = messages.payer_code_of(asked.message)
        means = code or messages.card_of(asked.message, asked.facts, self._house.vault)
        if means is None:
            return self._refusal(asked, Refused(Reason.PAN_WRONG, "neither card nor payment code"))
        request = messages.request_of(asked.message, self._new_id(asked), asked.facts, asked.received_at)
        kind, offline = messages.kind_of(asked.message), messages.is_advice(asked.message)
        chip = messages.chip_on_receipt(messages.chip_of(asked.message))
        return self._result(asked, await take_payment(SaleAsk(request, means, chip, kind, offline), self._house))

    async def _follow(self, verb: Callable[[FollowAsk, House], Awaitable[Result]], asked: Asked) -> Message:
        request = messages.request_of(asked.message, self._new_id(asked), asked.facts, asked.received_at)
        card = messages.card_of(asked.message, asked.facts, self._house.vault)
        completed = verb is complete_preauth and messages.is_advice(asked.message)
        ask = FollowAsk(request, messages.original_of(asked.message), card, completed)
        return self._result(asked, await verb(ask, self._house))

    async def _tip(self, asked: Asked) -> Message:
        told = messages.request_of(asked.message, self._new_id(asked), asked.facts, asked.received_at)
        request, total = messages.tip_of(asked.message, told)
        card = messages.card_of(asked.message, asked.facts, self._house.vault)
        ask = TipAsk(request, notices.original_of(asked.message), total, card)
        return self._result(asked, await add_tip(ask, self._house))

    async def _balance(self, asked: Asked) -> Message:
        request = messages.request_of(asked.message, self._new_id(asked), asked.facts, asked.received_at)
        card = messages.card_of(asked.message, asked.facts, self._house.vault)
        if card is None:
            return self._refusal(asked, Refused(Reason.PAN_WRONG, "no card"))
        told = await ask_balance(request, card, self._house)
        if isinstance(told, Refused):
            return self._refusal(asked, told)
        if isinstance(told, Declined):
            return self._refusal(asked, Refused(told.reason, told.detail))
        return messages.balance_answer(asked.message, told, self._house.clock.now(), asked.facts.zone)

    async def _query(self, asked: Asked) -> Message:
        return self._result(asked, await tell_payment(asked.facts, notices.original_of(asked.message), self._house))

    async def _script_notice(self, asked: Asked) -> Message:
        return self._taken(asked, await note_script_result(notices.script_result_of(asked), self._house))

    async def _signature(self, asked: Asked) -> Message:
        return self._taken(asked, await keep_signature(notices.signature_of(asked), self._house))

    def _taken(self, asked: Asked, refused: Refused | None) -> Message:
        if refused is not None:
            return self._refusal(asked, refused)
        return messages.plain_answer(asked.message, self._house.clock.now(), asked.facts.zone)

    async def _reverse(self, asked: Asked) -> Message:
        request = messages.request_of(asked.message, self._new_id(asked), asked.facts, asked.received_at)
        voucher = messages.voucher_of(asked.message)
        ask = ReversalAsk(request, voucher, messages.kind_of(asked.message))
        result = await accept_reversal(ask, self._house)
        if isinstance(result, Refused):
            return self._refusal(asked, result)
        return messages.reversal_answer(asked.message, result, self._house.clock.now(), asked.facts.zone)

    async def _reverse_unserved(self, asked: Asked) -> Message:
        """What is refused has nothing to take back; the terminal, which perhaps never heard the refusal, may stop asking.

        Nothing is remembered: should its original come late, it is refused all the same. Nor is a payment of the same number
        reversed, for it is another one.
        """
        return self._refusal(asked, Refused(Reason.ORIGINAL_UNKNOWN, f"never taken: {named_by(asked.message)}"))

    def _new_id(self, asked: Asked) -> PaymentId:
        return PaymentId(self._house.make_id(asked.received_at))

    def _result(self, asked: Asked, result: Result) -> Message:
        if isinstance(result, Refused):
            return self._refusal(asked, result)
        now = self._house.clock.now()
        return messages.payment_answer(asked.message, result, now, asked.facts.zone, self._acquirer_id)

    def _refusal(self, asked: Asked, refused: Refused) -> Message:
        return self._refuse(asked.message, refused, asked.facts, self._house.clock.now())

    def _refuse(
        self, message: Message, refused: Refused, facts: TerminalFacts | None, received_at: datetime
    ) -> Message:
        terminal_id = facts.terminal_id if facts else ""
        log.info("refused", terminal_id=terminal_id, reason=refused.reason.value, detail=refused.detail)
        zone = facts.zone if facts else str(self._house.zone)
        return messages.refusal_answer(message, refused, received_at, zone)

    def _format_error(self, frame: TerminalFrame, error: Malformed, received_at: datetime) -> bytes | None:
        """Answer 30 when at least type, STAN, terminal and merchant could be read; else drop."""
        try:
            read = self._codec.salvage(frame.body)
        except Malformed:
            read = Message("")
        answerable = len(read.mti) == 4 and read.mti[2] in REQUESTS and {11, 41, 42} <= read.fields.keys()
        log.info("message malformed", why=str(error), answered=answerable)
        if not answerable:
            DROPPED.labels("message").inc()
            return None
        MESSAGES.labels("unknown", "30").inc()
        answer = messages.refusal_answer(read, Refused(Reason.FORMAT_WRONG), received_at, str(self._house.zone))
        return frame.answering(self._codec.encode(answer)).encode()
