"""ISO 8583:1993 with digits packed two a byte: the fields of `iso1993_ascii`, lengths and message type in BCD.

What may live here: the table. What may not: any network's own reading of a field.
"""

from xiaopos.wire.iso8583 import iso1993_ascii
from xiaopos.wire.iso8583.deriving import packed

SPEC = packed(
    iso1993_ascii.SPEC,
    "ISO 8583:1993 binary",
    signed=iso1993_ascii.AMOUNTS_WITH_SIGN,
    tracks=iso1993_ascii.TRACKS,
)
