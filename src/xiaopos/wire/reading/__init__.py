"""Reading what a stranger pasted: which bytes it is, how it is framed, which spec it follows, and what every byte means.

What may live here: guessing and saying why, an annotated table with nothing secret in it. What may not: printing it (the
command and the console do), keys (whoever asks brings the MAC's verdict).

    >>> from xiaopos.wire.reading import read_paste
    >>> reading = read_paste("0820 0020000000000010 000007 0011 00000001301 0")
    >>> reading.spec, reading.framing.en, reading.messages[0].fault
    ('unionpay-terminal', 'a bare message', None)
    >>> [(line.offset, line.label, line.shown) for line in reading.messages[0].lines][:4]
    [(0, 'MTI', '0820 回响测试 / echo test'), (2, 'BITMAP', '11 60'), (10, '11', '000007'), (13, '60', '00000001301')]
"""

from xiaopos.wire.iso8583.requirements import Finding
from xiaopos.wire.reading.candidates import FRAMINGS, SPECS, Framing
from xiaopos.wire.reading.pasting import NotBytes
from xiaopos.wire.reading.table import Fault, Line, MacQuestion, Reading, ReadMessage, read_bytes, read_paste

__all__ = [
    "FRAMINGS",
    "SPECS",
    "Fault",
    "Finding",
    "Framing",
    "Line",
    "MacQuestion",
    "NotBytes",
    "ReadMessage",
    "Reading",
    "read_bytes",
    "read_paste",
]
