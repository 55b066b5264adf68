"""Terminals' six-way bindings at rest: as they stand, their history, the codes that activate, the changes that wait, the papers.

What may live here: tables, the pages' reading and writing. What may not: which moves there are (fleet.bindings), keys in clear.
"""
