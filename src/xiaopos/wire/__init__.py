"""Bytes to values and back: ISO 8583 messages and frames, EMV data, QR codes.

What may live here: message specs as tables, codecs, framing, TLV, what a code says. Byte-exact, no opinions.
What may not: sockets, keys and MAC arithmetic (the keys room), what a transaction means for money (payments).
"""
