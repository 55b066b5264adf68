"""The door at which wallets tell us of payments.

What may live here: HTTP. What may not: whom to believe and what it means (usecases.hear_wallet, gateways).
"""
