"""Merchants at rest: merchants, shops, price plans, dated terms.

What may live here: models and list queries. What may not: rules about merchants (the merchants room).
"""
