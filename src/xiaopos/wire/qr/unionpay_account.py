"""The merchant account of UnionPay in a shop's code (tags 15 and 16): who acquires, who forwards, which merchant.

What may live here: that one value. What may not: other schemes' accounts (they are opaque to us).

    acquirer's number 8 digits | forwarder's number 8 digits | merchant id 15 characters
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from xiaopos.wire.malformed import Malformed
from xiaopos.wire.qr.merchant_presented import DataObject

_FORM = re.compile("([0-9]{8})([0-9]{8})([0-9A-Za-z]{15})")


@dataclass(frozen=True, slots=True)
class UnionPayAccount:
    """`acquirer` and `forwarder` are institution numbers of 8 digits, `merchant_id` has 15 characters."""

    acquirer: str
    forwarder: str
    merchant_id: str

    @classmethod
    def parse(cls, value: str) -> UnionPayAccount:
        """Reads the value of tag 15 or 16. Raises Malformed for another form than 31 characters as drawn above.

        >>> UnionPayAccount.parse("3289052432890524000047797701524").merchant_id
        '000047797701524'
        """
        found = _FORM.fullmatch(value)
        if found is None:
            raise Malformed(None, 0, "8 digits, 8 digits, 15 characters", f"{len(value)} characters", "15")
        return cls(*found.groups())

    def data_object(self, tag: str = "15") -> DataObject:
        """The object for a shop's code. Raises Malformed for parts of another form, and another tag than 15 or 16."""
        value = f"{self.acquirer}{self.forwarder}{self.merchant_id}"
        if UnionPayAccount.parse(value) != self or tag not in ("15", "16"):
            raise Malformed(None, None, "tag 15 or 16 and parts of 8, 8 and 15 characters", "others", tag)
        return DataObject(tag, value)
