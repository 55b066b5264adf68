"""Shops' codes that any paying app can open, their orders, and what was begun with wallets.

What may live here: the tables and reading and writing them from pages. What may not: rules (merchants, usecases).
"""
