"""What applications share, at rest: traits as keyed hashes, how many have each, what was found.

What may live here: tables, reading and writing them. What may not: what a tie is (risk.rings), clear values.
"""
