"""Batches, fees, payouts, disputes, matching our books with theirs.

What lives here now: prices and fees. What will live here: batches of payouts, the calendar, channel files and their
matching, disputes. What may not: storage, channels, the payment's own states.
"""
