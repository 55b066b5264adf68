"""The audit trail at rest: append-only rows, each holding the hash of the one before it.

What may live here: the table, appending, verifying, queries. What may not: the rule of the chain (kernel), pages.
"""
