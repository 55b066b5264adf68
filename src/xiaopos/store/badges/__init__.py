"""Badges at rest: what was issued, where it was seen, what was asked of its bearer, what was reported.

What may live here: tables, the pages' reading and writing. What may not: verdicts (merchants.badges), keys.
"""
