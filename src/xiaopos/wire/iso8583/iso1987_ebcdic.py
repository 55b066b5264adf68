"""ISO 8583:1987 in EBCDIC (code page 500): the fields of `iso1987_ascii`; bitmaps and security fields stay binary.

What may live here: the table. What may not: any network's own reading of a field. For another code page derive the table
again with `deriving.in_ebcdic`.
"""

from xiaopos.wire.iso8583 import iso1987_ascii
from xiaopos.wire.iso8583.deriving import in_ebcdic

SPEC = in_ebcdic(iso1987_ascii.SPEC, "ISO 8583:1987 EBCDIC", "cp500")
