"""Signing in and out: password, second factor, lock-out, language, and where each role starts.

What may live here: the pages of accounts, the sealing of second-factor secrets. What may not: what a role may do
(merchants.roles), the tables of people (store.people).
"""
