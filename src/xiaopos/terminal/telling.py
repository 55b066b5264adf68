"""A terminal's questions that move no money of their own: lists to fetch, its status, signatures, scripts' results, queries.

What may live here: these questions, each checked and made into a frame. What may not: layouts (messages), what an answer means
(fetching, noting), what takes money (device).
"""

from __future__ import annotations

from dataclasses import replace

from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.kernel.secret import Secret
from xiaopos.keys import WrappedKey
from xiaopos.terminal import fetching, guard, messages, noting
from xiaopos.terminal.chip import notice_field_55
from xiaopos.terminal.exchange import Exchange, Frame
from xiaopos.terminal.lists import Fetch, ListKind
from xiaopos.terminal.memory import Notice
from xiaopos.terminal.messages import Original
from xiaopos.terminal.outcome import Action
from xiaopos.terminal.states import BUSY, DEVICE, Event

PICTURE_MOST = 999
"""The bytes of a signature that field 62 has room for."""

_KEYED_IN = "012"


class Telling(Exchange):
    """See Exchange for what a terminal is made of."""

    # -- lists -------------------------------------------------------------------------------------------------------

    def fetch(self, kind: ListKind) -> Frame:
        """The next frame of fetching a list (下载): its names, an entry, the end. Possible while no answer is awaited.

        Asked again until `remembered.fetch` is None. A fetch of another list that is under way is broken off.
        """
        if self.state in BUSY:
            return self._refusal()
        if self._now.fetch is not None and self._now.fetch.kind != kind.value:
            self.break_off_fetch()
        under_way = self._now.fetch or Fetch(kind.value)
        mti, code, content = fetching.next_message(under_way)
        stan, after = replace(self._now, fetch=under_way).taking_stan()
        message = messages.management(self.identity, mti, stan=stan, batch_number=after.batch_number, code=code)
        if content:
            message.fields[62] = content
        return self._ask(Action.FETCH, message, stan, after)

    def break_off_fetch(self) -> None:
        """Leave a fetch that is under way; its list is wanted, and begins anew. The old one stays in use."""
        left = self._now.fetch
        if left is not None:
            wanted = tuple(dict.fromkeys((*self._now.wanted, left.kind)))
            self._keep(replace(self._now, fetch=None, wanted=wanted))

    def tell_status(self) -> Frame:
        """The frame of a status upload (状态上送). Possible while no answer is awaited."""
        if self.state in BUSY:
            return self._refusal()
        stan, after = self._now.taking_stan()
        message = messages.management(self.identity, "0820", stan=stan, batch_number=after.batch_number, code="362")
        message.fields[62] = noting.status_text(self.identity, self._now).encode("gbk")
        return self._ask(Action.STATUS, message, stan, after)

    # -- queries -----------------------------------------------------------------------------------------------------

    def query(self, rrn: str = "", *, stan: int = 0, batch_number: int | None = None, code: bool = False) -> Frame:
        """The frame of a query (订单查询) about a payment of this terminal, by its RRN or its trace number.

        With `code` it is asked as for a payment code (扫码查询).
        """
        if not DEVICE.allows(self.state, Event.ASK):
            return self._refusal()
        original = Original(rrn, self._now.batch_number if batch_number is None else batch_number, stan)
        if not rrn and not stan:
            return Refused(Reason.ORIGINAL_UNKNOWN, "neither a reference number nor a trace number")
        own, after = self._now.taking_stan()
        message = messages.query(
            self.identity, self.profile, stan=own, batch_number=after.batch_number, original=original, code=code
        )
        return self._ask(Action.QUERY, message, own, after, with_mac=True)

    # -- notices -----------------------------------------------------------------------------------------------------

    def sign(self, stan: int, picture: Secret, batch_number: int | None = None) -> Frame:
        """The frame of a customer's signature (电子签名上送) for a payment whose voucher is here; it is kept until the host
        has answered. `picture` has 1 to 999 bytes."""
        voucher = self._now.voucher(stan, batch_number)
        if not DEVICE.allows(self.state, Event.ASK):
            return self._refusal()
        if voucher is None:
            return Refused(Reason.ORIGINAL_UNKNOWN)
        if not 1 <= len(picture.value) <= PICTURE_MOST:
            return Refused(Reason.FORMAT_WRONG, f"a signature has 1 to {PICTURE_MOST} bytes")
        key = WrappedKey.from_text(self._now.seal_key)
        sealed = guard.seal_picture(self._vault, key, picture, self.identity.terminal_id)
        return self._tell(replace(messages.signature(self.identity, voucher), sealed=sealed))

    def tell_script_result(self, stan: int, results: bytes, batch_number: int | None = None) -> Frame:
        """The frame of a script's result (脚本处理结果通知) for a payment whose voucher is here; kept until the host has
        answered. `results` are five bytes for each script."""
        voucher = self._now.voucher(stan, batch_number)
        if not DEVICE.allows(self.state, Event.ASK):
            return self._refusal()
        if voucher is None:
            return Refused(Reason.ORIGINAL_UNKNOWN)
        if not results or len(results) % 5:
            return Refused(Reason.FORMAT_WRONG, "a script's result has five bytes")
        own, after = self._now.taking_stan()
        self._keep(after)
        chip = notice_field_55(results, b"")
        return self._tell(
            messages.script_notice(self.identity, self.profile, voucher, stan=own, entry_mode=_KEYED_IN, chip=chip)
        )

    def tell_notice(self) -> Frame:
        """The frame of the oldest notice that the host has not answered."""
        if not self._now.notices or not DEVICE.allows(self.state, Event.ASK):
            return self._refusal()
        return self._tell(self._now.notices[0])

    def _tell(self, notice: Notice) -> bytes:
        picture = b""
        if notice.sealed:
            key = WrappedKey.from_text(self._now.seal_key)
            picture = guard.open_picture(self._vault, key, notice.sealed, self.identity.terminal_id)
        message = messages.notice_message(notice, picture)
        return self._ask(notice.tells, message, notice.stan, noting.with_notice(self._now, notice), with_mac=True)
