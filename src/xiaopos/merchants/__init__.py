"""Applications, agents and their authority, merchants, shops, price plans, and who may do what.

What lives here now: roles and permissions. What will live here: applications and their checks, agents, contracts.
What may not: storage, pages, payments.
"""
