"""ISO 8583 messages: a spec is a table, a codec is generated from it.

What may live here: the table's words, the codec, the dialects' tables, framing, what a message says to people.
What may not: answering a message, checking a MAC, knowing a terminal.

    >>> from xiaopos.wire.iso8583 import Codec, Message
    >>> from xiaopos.wire.iso8583.unionpay_terminal import SPEC
    >>> codec = Codec(SPEC)
    >>> body = codec.encode(Message("0820", {11: "000007", 60: "00000001301"}))
    >>> body.hex()
    '082000200000000000100000070011000000013010'
    >>> codec.decode(body).fields[60]
    '00000001301'
"""

from xiaopos.wire.iso8583.codec import Codec
from xiaopos.wire.iso8583.message import Message
from xiaopos.wire.iso8583.spec import (
    Bitmap,
    Encoding,
    Field,
    Pad,
    Prefix,
    Shown,
    Size,
    Spec,
    Third,
    Typed,
    Unit,
    Version,
)
from xiaopos.wire.malformed import Malformed

__all__ = [
    "Bitmap",
    "Codec",
    "Encoding",
    "Field",
    "Malformed",
    "Message",
    "Pad",
    "Prefix",
    "Shown",
    "Size",
    "Spec",
    "Third",
    "Typed",
    "Unit",
    "Version",
]
