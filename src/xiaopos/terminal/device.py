"""The terminal: what can be asked with it.

What may live here: the questions, each checked and made into a frame. What may not: what all questions have in common
(exchange), message layouts (messages), what an answer means (judging).

Whoever drives a device sends the bytes that a question returns, and hands back what came (`take`) or that nothing came
(`no_answer`). While the device `owes`, `pay_up` gives the message that must go first.
"""

from __future__ import annotations

from datetime import datetime

from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.kernel.secret import Pan, Secret
from xiaopos.keys import KeyRefused, WrappedKey
from xiaopos.terminal import guard, messages
from xiaopos.terminal.cards import CardRead, How
from xiaopos.terminal.chip import field_55, reversal_field_55
from xiaopos.terminal.exchange import Frame
from xiaopos.terminal.judging import UPLOADED_AT_ONCE
from xiaopos.terminal.lists import ListKind
from xiaopos.terminal.memory import Remembered, Voucher, totals
from xiaopos.terminal.messages import Original
from xiaopos.terminal.outcome import TAKINGS, Action
from xiaopos.terminal.states import BUSY, DEVICE, OWES, Event
from xiaopos.terminal.telling import Telling
from xiaopos.wire.iso8583 import Message
from xiaopos.wire.iso8583.terminal_fields import BatchDetail


class Device(Telling):
    """One terminal: see Exchange for what it is made of, Telling for what it asks beside money."""

    # -- questions without money -------------------------------------------------------------------------------------

    def sign_in(self) -> Frame:
        """The frame of a sign-in (签到): it brings new working keys and perhaps a batch number."""
        if not DEVICE.allows(self.state, Event.SIGN_IN):
            return self._refusal()
        stan, after = self._now.taking_stan()
        message = messages.sign_in(self.identity, self.profile, stan=stan, batch_number=after.batch_number)
        return self._ask(Action.SIGN_IN, message, stan, after.moved(DEVICE.move(self.state, Event.SIGN_IN)))

    def echo(self) -> Frame:
        """The frame of an echo test (回响测试): possible in every state in which no answer is awaited."""
        if self.state in BUSY:
            return self._refusal()
        return self._management(Action.ECHO, "301", self._now)

    def sign_off(self) -> Frame:
        """The frame of a sign-off (签退): the working keys are forgotten, whatever the answer."""
        if not DEVICE.allows(self.state, Event.SIGN_OFF):
            return self._refusal()
        return self._management(Action.SIGN_OFF, "002", self._now.moved(DEVICE.move(self.state, Event.SIGN_OFF)))

    def _management(self, action: Action, code: str, before: Remembered) -> bytes:
        stan, after = before.taking_stan()
        message = messages.management(self.identity, "0820", stan=stan, batch_number=after.batch_number, code=code)
        return self._ask(action, message, stan, after)

    def settle(self) -> Frame:
        """The frame of a batch settlement (批结算) with this terminal's totals. Not possible while something is owed."""
        if self.state in OWES:
            return Refused(Reason.BATCH_HAS_UNKNOWN)
        if not DEVICE.allows(self.state, Event.SETTLE):
            return self._refusal()
        stan, after = self._now.taking_stan()
        message = messages.settlement(
            self.identity, self.profile, stan=stan, batch_number=after.batch_number, totals=totals(after)
        )
        return self._ask(Action.SETTLE, message, stan, after.moved(DEVICE.move(self.state, Event.SETTLE)))

    def upload(self) -> Frame:
        """The next frame of a batch upload (批上送): the details of a batch whose totals differed, then its end.

        Possible while `remembered.upload_batch` names one.
        """
        now = self._now
        if not now.upload_batch or not DEVICE.allows(self.state, Event.ASK):
            return self._refusal()
        details = [
            BatchDetail(False, row.stan, self._kept_pan(row.sealed_pan).digits, row.amount_minor)
            for row in now.uploads[:UPLOADED_AT_ONCE]
        ]
        stan, after = now.taking_stan()
        message = messages.upload(
            self.identity,
            self.profile,
            stan=stan,
            batch_number=now.upload_batch,
            details=details,
            count=now.upload_count,
        )
        return self._ask(Action.UPLOAD, message, stan, after)

    # -- questions about money ---------------------------------------------------------------------------------------

    def sale(self, amount_minor: int, card: CardRead, how: How, *, now: datetime, pin: Secret | None = None) -> Frame:
        """The frame of a sale (消费); the reversal that it may need is in the memory before this returns.

        `pin` holds 4 to 12 ASCII digits as typed on the pad; it is used for the PIN block and kept nowhere.
        """
        return self._with_card(Action.SALE, amount_minor, card, how, now, pin)

    def preauth(
        self, amount_minor: int, card: CardRead, how: How, *, now: datetime, pin: Secret | None = None
    ) -> Frame:
        """The frame of a pre-authorisation (预授权): the amount is held on the card, none moves."""
        return self._with_card(Action.PREAUTH, amount_minor, card, how, now, pin)

    def offline_sale(self, amount_minor: int, card: CardRead, how: How, *, now: datetime) -> Frame:
        """The frame that tells the host of a sale that the card itself has approved (离线结算): told until it is taken."""
        return self._with_card(Action.OFFLINE_SALE, amount_minor, card, how, now, None)

    def balance(self, card: CardRead, how: How, *, now: datetime, pin: Secret | None = None) -> Frame:
        """The frame of a balance enquiry (余额查询): no money, nothing is owed if no answer comes."""
        return self._with_card(Action.BALANCE, 0, card, how, now, pin)

    def _with_card(
        self, action: Action, amount_minor: int, card: CardRead, how: How, now: datetime, pin: Secret | None
    ) -> Frame:
        refused = self._refused_money(1 if action is Action.BALANCE else amount_minor)
        if refused is not None:
            return refused
        if self._is_listed(card.pan):
            return Refused(Reason.CARD_RESTRICTED, "its number is on this terminal's blacklist")
        if pin is not None and not self._now.tpk:
            return Refused(Reason.PIN_FORMAT_WRONG, "this sign-in gave no PIN key")
        stan, after = self._now.taking_stan()
        message = messages.money(
            self.identity,
            self.profile,
            action,
            stan=stan,
            batch_number=after.batch_number,
            amount_minor=amount_minor,
            how=how,
            with_pin=pin is not None,
        )
        message.fields[2] = card.pan.digits
        message.fields[14] = card.expiry
        try:
            self._add_card(message, card, pin)
        except KeyRefused as refusal:
            return Refused(Reason.PIN_FORMAT_WRONG, refusal.fault.value)
        chip = self._add_chip(message, card, how, amount_minor, stan, now) if how.has_chip_data else ""
        if action is Action.BALANCE:
            return self._ask(action, message, stan, after, with_mac=True)
        return self._ask_money(action, message, stan, after, amount_minor, card.pan, chip=chip)

    def _is_listed(self, pan: Pan) -> bool:
        """Whether the downloaded blacklist holds the card number's beginning."""
        entries = self._now.kept_list(ListKind.BLACKLIST).entries
        return bool(entries) and pan.digits.startswith(entries)

    def _add_card(self, message: Message, card: CardRead, pin: Secret | None) -> None:
        if pin is not None:
            tpk = WrappedKey.from_text(self._now.tpk)
            guard.add_pin(self._vault, tpk, self.profile, message, pin=pin, pan=card.pan)
        tdk = WrappedKey.from_text(self._now.tdk) if self._now.tdk else None
        guard.add_track(self._vault, tdk, message, card.track2())

    def _add_chip(self, message: Message, card: CardRead, how: How, amount_minor: int, stan: int, now: datetime) -> str:
        """Chip data into the message; the short form for a reversal, as hex, comes back."""
        if self._chip is None:
            return ""
        tags = self._chip.tags(
            card,
            how=how,
            amount_minor=amount_minor,
            currency=self.profile.currency,
            transaction_type=messages.text(message.fields, 3)[:2],
            counter=stan % 0xFFFF + 1,
            unpredictable=self._entropy(4),
            local=now.astimezone(self.profile.zone),
            with_pin=52 in message.fields,
        )
        message.fields[23] = card.sequence
        message.fields[55] = field_55(tags)
        return reversal_field_55(tags).hex()

    def void(self, stan: int, batch_number: int | None = None) -> Frame:
        """The frame of a void (撤销) of a sale or tip of the current batch, by its trace number; whole amount, kept card number.

        A tip is voided before its sale.
        """
        return self._void(Action.VOID, (Action.SALE, Action.TIP), stan, batch_number)

    def void_completion(self, stan: int, batch_number: int | None = None) -> Frame:
        """The frame of a completion's void (预授权完成撤销): the money goes back, the hold stands again."""
        return self._void(Action.COMPLETION_VOID, (Action.COMPLETION, Action.COMPLETION_ADVICE), stan, batch_number)

    def _void(self, action: Action, voids: tuple[Action, ...], stan: int, batch_number: int | None) -> Frame:
        refused = self._refused_money(1)
        if refused is not None:
            return refused
        if batch_number is not None and batch_number != self._now.batch_number:
            return Refused(Reason.ORIGINAL_SETTLED)
        voucher = self._now.voucher(stan)
        if voucher is None or Action(voucher.action) not in voids:
            return Refused(Reason.ORIGINAL_UNKNOWN)
        if voucher.voided:
            return Refused(Reason.ORIGINAL_VOIDED)
        if self._now.tips_on(voucher):
            return Refused(Reason.TIP_STANDS)
        pan = self._kept_pan(voucher.sealed_pan)
        return self._undo(action, voucher.amount_minor, pan, How.MANUAL, _original(voucher))

    def tip(self, amount_minor: int, stan: int, batch_number: int | None = None) -> Frame:
        """The frame of a tip (小费) on a sale or completion of the current batch: told until it is taken, never reversed.

        What the downloaded parameters say of tips is checked first; without them the host alone decides.
        """
        refused = self._refused_money(amount_minor)
        if refused is not None:
            return refused
        if batch_number is not None and batch_number != self._now.batch_number:
            return Refused(Reason.ORIGINAL_SETTLED)
        voucher = self._now.voucher(stan)
        if voucher is None or Action(voucher.action) not in TAKINGS:
            return Refused(Reason.ORIGINAL_UNKNOWN)
        if voucher.voided:
            return Refused(Reason.ORIGINAL_VOIDED)
        share, tips = self.settings.tip_percent, self._now.tips_on(voucher) + amount_minor
        if share == 0:
            return Refused(Reason.TRANSACTION_UNSUPPORTED, "the parameters allow no tips")
        if share is not None and tips > voucher.amount_minor * share // 100:
            return Refused(Reason.TIP_WRONG, f"more than {share} per cent of the sale")
        own, after = self._now.taking_stan()
        message = messages.money(
            self.identity, self.profile, Action.TIP, stan=own, batch_number=after.batch_number,
            amount_minor=voucher.amount_minor + tips, how=How.MANUAL, with_pin=False, original=_original(voucher),
        )  # fmt: skip
        pan = self._kept_pan(voucher.sealed_pan)
        message.fields[2] = pan.digits
        message.fields[48] = f"{amount_minor:012d}"
        return self._ask_money(Action.TIP, message, own, after, amount_minor, pan, original_stan=stan)

    def complete(
        self,
        amount_minor: int,
        approval_code: str,
        card: CardRead | None = None,
        how: How = How.SWIPE,
        *,
        advice: bool = False,
    ) -> Frame:
        """The frame of a completion (预授权完成), named by the hold's approval code: what was held, or less, or a little more.

        With `advice` the host is told of what was agreed with the customer, until it has taken it. Without a card, the
        voucher of the hold must still be in this terminal.
        """
        return self._follow_hold(
            Action.COMPLETION_ADVICE if advice else Action.COMPLETION, amount_minor, approval_code, card, how
        )

    def void_preauth(
        self, approval_code: str, amount_minor: int = 0, card: CardRead | None = None, how: How = How.SWIPE
    ) -> Frame:
        """The frame of a pre-authorisation's void (预授权撤销): the hold is lifted. Amount and card as in `complete`."""
        return self._follow_hold(Action.PREAUTH_VOID, amount_minor, approval_code, card, how)

    def _follow_hold(
        self, action: Action, amount_minor: int, approval_code: str, card: CardRead | None, how: How
    ) -> Frame:
        hold = self._now.hold(approval_code)
        if hold is not None and action is Action.PREAUTH_VOID:
            amount_minor = amount_minor or hold.amount_minor
        refused = self._refused_money(amount_minor)
        if refused is not None:
            return refused
        if hold is not None and hold.voided:
            return Refused(Reason.ORIGINAL_VOIDED)
        original = Original("", approval_code=approval_code) if hold is None else _original(hold)
        if card is not None:
            return self._undo(action, amount_minor, card.pan, how, original, expiry=card.expiry)
        if hold is None:
            return Refused(Reason.PAN_WRONG, "the card must be read: this terminal does not hold the voucher")
        return self._undo(action, amount_minor, self._kept_pan(hold.sealed_pan), How.MANUAL, original)

    def refund(
        self, amount_minor: int, original: Original, card: CardRead | None = None, how: How = How.SWIPE
    ) -> Frame:
        """The frame of a refund notice (退货), all or part of an earlier sale.

        Without a card, the card number of the voucher is used while the terminal still holds it.
        """
        refused = self._refused_money(amount_minor)
        if refused is not None:
            return refused
        voucher = self._now.by_rrn(original.rrn)
        if voucher is not None:
            original = _original(voucher)
        if card is not None:
            return self._undo(Action.REFUND, amount_minor, card.pan, how, original)
        if voucher is None:
            return Refused(Reason.PAN_WRONG, "the card must be read: this terminal does not hold the voucher")
        return self._undo(Action.REFUND, amount_minor, self._kept_pan(voucher.sealed_pan), How.MANUAL, original)

    def _undo(
        self, action: Action, amount_minor: int, pan: Pan, how: How, original: Original, *, expiry: str = ""
    ) -> bytes:
        stan, after = self._now.taking_stan()
        message = messages.money(
            self.identity,
            self.profile,
            action,
            stan=stan,
            batch_number=after.batch_number,
            amount_minor=amount_minor,
            how=how,
            with_pin=False,
            original=original,
        )
        message.fields[2] = pan.digits
        if expiry:
            message.fields[14] = expiry
        return self._ask_money(action, message, stan, after, amount_minor, pan, original_stan=original.stan)


def _original(voucher: Voucher) -> Original:
    return Original(voucher.rrn, voucher.batch_number, voucher.stan, voucher.on, voucher.approval_code)
