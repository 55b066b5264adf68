"""Merchants' contracts with wallets in the database.

What may live here: their rows, who writes and who reads them. What may not: rules (usecases), clear keys, protocols (gateways).
"""
