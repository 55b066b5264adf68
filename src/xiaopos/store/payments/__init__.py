"""Payments at rest: rows of payments, their time lines and discrepancies.

What may live here: the Django models (for reading, checking and migrating), the explicit mapping between a Payment and
its row, list queries. What may not: rules; writes outside `store.writer`.
"""
