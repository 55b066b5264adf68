"""Words every room needs and no room owns: Money, ids, Clock, Machine, Refusal, Pan.

What may live here: small frozen values and pure functions on the standard library and msgspec.
What may not: anything that reads a clock, a socket, a disk or a source of randomness; anything a single room owns.
"""
