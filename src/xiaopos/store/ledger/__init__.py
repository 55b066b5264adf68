"""The ledger at rest: legs that the database itself refuses to change.

What may live here: the model, its triggers, the sums behind balances. What may not: which entry is posted when.
"""
