"""Screening at rest: lists by version, their entries and keys, what was found.

What may live here: tables, reading and writing them. What may not: comparing names (risk.screening), numbers in clear.
"""
