"""The pretend network's rules: what an issuer answers, what is moved, what is undone.

What may live here: one method per kind of request, from message to answer, with the records moved. What may not: sockets,
MACs, moods (the server).

Requests are known by (F7, F11, F37): the same ones again get the same answer and move nothing. A reversal of something
that never came is answered 25 and remembered, so that its late original is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from xiaopos.kernel.clock import Clock
from xiaopos.keys import KeyRefused, PinFormat, Vault, WrappedKey
from xiaopos.payments.payment import CardKind
from xiaopos.simulator.network.cards import Card, CardStatus
from xiaopos.simulator.network.records import NetworkRecords, Transaction
from xiaopos.wire.iso8583 import Malformed, Message
from xiaopos.wire.iso8583.card_network import AdditionalAmount, OriginalData

SUCCESS_CODES = frozenset({"00", "10", "11", "A2", "A4", "A5", "A6"})
WRONG_PINS_MAX = 3
SALE, UNDOING, HOLD, BALANCE = "000000", "200000", "030000", "310000"
COMPLETION_PERCENT = 115
"""What an issuer lets a completion take of what it held."""
_ECHOED = (3, 4, 7, 11, 25, 32, 33, 37, 41, 42, 49)
_NEEDED = (3, 4, 7, 11, 32, 37, 41, 42, 49)
_KIND_LETTERS = {CardKind.DEBIT: "D", CardKind.CREDIT: "C"}


class Switch:
    """The network and its issuers in one. `zpk` is the PIN key that the asking side holds in common with the network."""

    def __init__(
        self,
        records: NetworkRecords,
        cards: Iterable[Card],
        *,
        vault: Vault,
        clock: Clock,
        pin_form: PinFormat = PinFormat.ISO0,
    ) -> None:
        self.records = records
        self._cards = {card.pan.digits: card for card in cards}
        self._labels = {card.label: card for card in self._cards.values()}
        self._vault = vault
        self._pin_form = pin_form
        self._clock = clock

    def label_of(self, asked: Message) -> str:
        """The label of the card that a request is about, empty for a card that nobody issued."""
        card = self._cards.get(asked.text(2))
        return card.label if card else ""

    def answer(self, asked: Message, *, zpk: WrappedKey, forced: str = "") -> Message:
        """The answer to a request, after what it asks was done. `forced` is a code to answer with instead of deciding."""
        if any(not asked.text(number) for number in _NEEDED):
            return self.refuse(asked, "30")
        mti = asked.mti[:3] + "0"
        if mti == "0420":
            return self._reverse(asked)
        if mti == "0620":
            return self._note_script(asked, forced)
        known = self.records.find(asked.text(32), mti, asked.text(7), asked.text(11), asked.text(37))
        if known is not None:
            return self._repeat(asked, known)
        follows = asked.text(3) == UNDOING or bool(asked.text(90))
        if forced in SUCCESS_CODES and (follows or not self.label_of(asked)):
            forced = ""  # nobody can be made to approve what does not exist
        return self._decided(asked, mti, zpk, forced)

    def _decided(self, asked: Message, mti: str, zpk: WrappedKey, forced: str) -> Message:
        match mti, asked.text(3):
            case "0220", "200000":
                return self._refund(asked, forced)
            case (("0100" | "0200"), "200000"):
                return self._void(asked, forced)
            case (("0200" | "0220"), "000000") if asked.text(90):
                return self._complete(asked, zpk, forced)
            case "0220", "000000":
                return self._settled_offline(asked, forced)
            case ("0200", "000000") | ("0100", "030000"):
                return self._take(asked, zpk, forced)
            case "0200", "310000":
                return self._tell_balance(asked, zpk, forced)
        return self.refuse(asked, "40")

    # -- money out of the card ---------------------------------------------------------------------------------------

    def _take(self, asked: Message, zpk: WrappedKey, forced: str) -> Message:
        """A sale, or a hold: either way the card can spend that much less."""
        amount = int(asked.text(4))
        card = self._cards.get(asked.text(2))
        code = forced or self._decide(asked, card, amount, zpk)
        if code not in SUCCESS_CODES or card is None:
            return self._keep(asked, code, 0)
        if code == "10":
            amount //= 2
        self.records.move(card.label, -amount)
        return self._keep(asked, code, amount)

    def _settled_offline(self, asked: Message, forced: str) -> Message:
        """A sale that card and terminal settled between them: the issuer can no longer refuse it, whatever it holds."""
        card = self._cards.get(asked.text(2))
        code = forced or ("00" if card else "14")
        if code not in SUCCESS_CODES or card is None:
            return self._keep(asked, code, 0)
        amount = int(asked.text(4))
        self.records.move(card.label, -amount)
        return self._keep(asked, code, amount)

    def _complete(self, asked: Message, zpk: WrappedKey, forced: str) -> Message:
        """What was held is let go and the final amount taken."""
        hold = self._original(asked)
        amount = int(asked.text(4))
        code = forced or self._may_follow(asked, hold, ("0100", HOLD))
        if code == "00" and hold is not None and amount * 100 > hold.amount_minor * COMPLETION_PERCENT:
            code = "61"
        if code == "00" and asked.raw(52):
            card = self._cards[asked.text(2)]
            code = self._check_pin(asked, card, zpk) or code
        if code != "00" or hold is None:
            return self._keep(asked, code, 0, hold)
        self.records.move(hold.label, hold.amount_minor - amount)
        self.records.keep(replace(hold, state="completed"))
        return self._keep(asked, code, amount, hold)

    def _tell_balance(self, asked: Message, zpk: WrappedKey, forced: str) -> Message:
        card = self._cards.get(asked.text(2))
        code = forced or ("55" if not asked.raw(52) else self._decide(asked, card, 0, zpk))
        answer = self.refuse(asked, code)
        if code in SUCCESS_CODES and card is not None:
            held = self.records.balance(card.label)
            answer.fields[54] = "".join(
                AdditionalAmount("10", kind, asked.text(49), held).text()
                for kind in (AdditionalAmount.BOOKED, AdditionalAmount.AVAILABLE)
            )
        return answer

    def _decide(self, asked: Message, card: Card | None, amount: int, zpk: WrappedKey) -> str:
        if card is None:
            return "14"
        if card.status is not CardStatus.GOOD:
            return "41" if card.status is CardStatus.LOST else "43"
        if card.expiry < self._clock.now().strftime("%y%m"):
            return "54"
        refused = self._check_pin(asked, card, zpk)
        if refused:
            return refused
        return "00" if self.records.balance(card.label) >= amount else "51"

    def _check_pin(self, asked: Message, card: Card, zpk: WrappedKey) -> str:
        """The code that refuses the PIN, empty when it is right or none came. The third wrong one locks the card."""
        wrong = self.records.wrong_pins(card.label)
        if wrong >= WRONG_PINS_MAX:
            return "75"
        block = asked.raw(52)
        if not block:
            return ""
        try:
            right = self._vault.verify_pin(block=block, key=zpk, form=self._pin_form, pan=card.pan, expected=card.pin)
        except KeyRefused:
            return "99"
        self.records.count_wrong_pins(card.label, 0 if right else wrong + 1)
        if right:
            return ""
        return "75" if wrong + 1 >= WRONG_PINS_MAX else "55"

    # -- money back to the card --------------------------------------------------------------------------------------

    def _original(self, asked: Message) -> Transaction | None:
        try:
            named = OriginalData.parse(asked.text(90))
        except Malformed:
            return None
        return self.records.find_original(asked.text(32), named.mti, named.transmitted_at, named.stan)

    def _void(self, asked: Message, forced: str) -> Message:
        original = self._original(asked)
        amount = int(asked.text(4))
        voidable = (("0100", HOLD),) if asked.mti == "0100" else (("0200", SALE), ("0220", SALE))
        code = forced or self._may_follow(asked, original, *voidable)
        if code == "00" and original is not None and amount != original.amount_minor:
            code = "64"
        if code == "00" and original is not None and original.refunded_minor:
            code = "12"
        if code != "00" or original is None:
            return self._keep(asked, code, 0, original)
        self.records.move(original.label, amount)
        self.records.keep(replace(original, state="voided"))
        self._hold_again(original)
        return self._keep(asked, code, amount, original)

    def _refund(self, asked: Message, forced: str) -> Message:
        original = self._original(asked)
        amount = int(asked.text(4))
        code = forced or self._may_follow(asked, original, ("0200", SALE), ("0220", SALE))
        if code == "00" and original is not None and original.refunded_minor + amount > original.amount_minor:
            code = "61"
        if code != "00" or original is None:
            return self._keep(asked, code, 0, original)
        self.records.move(original.label, amount)
        self.records.keep(replace(original, refunded_minor=original.refunded_minor + amount))
        return self._keep(asked, code, amount, original)

    def _may_follow(self, asked: Message, original: Transaction | None, *kinds: tuple[str, str]) -> str:
        if original is None or original.state == "never":
            return "25"
        if original.state != "approved" or (original.mti, original.processing_code) not in kinds:
            return "12"
        return "00" if self.label_of(asked) == original.label else "14"

    def _reverse(self, asked: Message) -> Message:
        """Undo a request. Done once; asked again it is answered the same. What was an advice stays."""
        original = self._original(asked)
        if original is None:
            return self._remember_never(asked)
        if original.mti == "0220":
            return self.refuse(asked, "12")
        if original.state == "never":
            return self.refuse(asked, "25")
        if original.state == "completed":
            return self.refuse(asked, "12")
        if original.state == "approved":
            if original.processing_code == UNDOING:
                self._undo_void(original)
            else:
                self.records.move(original.label, original.amount_minor - original.refunded_minor)
                self._hold_again(original)
            self.records.keep(replace(original, state="reversed"))
        return self.refuse(asked, "00")

    def _undo_void(self, void: Transaction) -> None:
        """What was voided stands again, and a pre-authorisation that it had opened again is completed again."""
        voided = self.records.by_rrn(void.acquirer, void.original_rrn)
        assert voided is not None, "an approved void names what it voids"
        self.records.move(voided.label, -voided.amount_minor)
        self.records.keep(replace(voided, state="approved"))
        hold = self._hold_of(voided)
        if hold is not None and hold.state == "approved":
            self.records.move(hold.label, hold.amount_minor)
            self.records.keep(replace(hold, state="completed"))

    def _hold_again(self, completion: Transaction) -> None:
        """A completion that is taken back leaves its pre-authorisation as it was before. Anything else: nothing."""
        hold = self._hold_of(completion)
        if hold is not None and hold.state == "completed":
            self.records.move(hold.label, -hold.amount_minor)
            self.records.keep(replace(hold, state="approved"))

    def _hold_of(self, completion: Transaction) -> Transaction | None:
        if completion.processing_code != SALE or not completion.original_rrn:
            return None
        return self.records.by_rrn(completion.acquirer, completion.original_rrn)

    def _remember_never(self, asked: Message) -> Message:
        try:
            named = OriginalData.parse(asked.text(90))
        except Malformed:
            return self.refuse(asked, "30")
        self.records.keep(
            Transaction(
                acquirer=asked.text(32),
                mti=named.mti,
                transmitted_at=named.transmitted_at,
                stan=named.stan,
                rrn=asked.text(37),
                processing_code=asked.text(3),
                label=self.label_of(asked),
                asked_minor=int(asked.text(4)),
                amount_minor=0,
                response_code="",
                approval_code="",
                state="never",
            )
        )
        return self.refuse(asked, "25")

    # -- what is only told -------------------------------------------------------------------------------------------

    def _note_script(self, asked: Message, forced: str) -> Message:
        """What came of a script that an answer of an issuer brought. Moves nothing; told again it is kept once."""
        original = self._original(asked)
        code = "25" if original is None or original.state == "never" else forced or "00"
        if code in SUCCESS_CODES and original is not None:
            self.records.keep_script(original.rrn, asked.raw(55))
        return self.refuse(asked, code)

    # -- remembering and answering -----------------------------------------------------------------------------------

    def _keep(self, asked: Message, code: str, amount: int, original: Transaction | None = None) -> Message:
        approved = code in SUCCESS_CODES
        label = original.label if original else self.label_of(asked)
        transaction = Transaction(
            acquirer=asked.text(32),
            mti=asked.mti[:3] + "0",
            transmitted_at=asked.text(7),
            stan=asked.text(11),
            rrn=asked.text(37),
            processing_code=asked.text(3),
            label=label,
            asked_minor=int(asked.text(4)),
            amount_minor=amount,
            response_code=code,
            approval_code=asked.text(37)[-6:] if approved else "",
            state="approved" if approved else "declined",
            original_rrn=original.rrn if original else "",
        )
        self.records.keep(transaction)
        return self._told(asked, transaction)

    def _repeat(self, asked: Message, known: Transaction) -> Message:
        if known.state in ("reversed", "never"):
            return self.refuse(asked, "12")
        if known.asked_minor != int(asked.text(4)) or known.processing_code != asked.text(3):
            return self.refuse(asked, "94")
        return self._told(asked, known)

    def _told(self, asked: Message, transaction: Transaction) -> Message:
        reply = self.refuse(asked, transaction.response_code)
        if transaction.approval_code:
            reply.fields[38] = transaction.approval_code
        if transaction.response_code == "10":
            reply.fields[4] = f"{transaction.amount_minor:012d}"
        card = self._labels.get(transaction.label)
        if card is not None:
            reply.fields[44] = card.issuer
            reply.fields[60] = _KIND_LETTERS[card.kind]
        return reply

    def refuse(self, asked: Message, code: str) -> Message:
        """The bare answer: what was asked, its code, the network's settlement date."""
        fields = {number: asked.fields[number] for number in _ECHOED if number in asked.fields}
        fields[15] = self._clock.now().strftime("%m%d")
        fields[39] = code
        return Message(asked.mti[:2] + {"0": "1", "2": "3"}[asked.mti[2]] + "0", fields)
