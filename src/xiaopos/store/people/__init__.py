"""People at rest: who signs in, in which role, at which merchant.

What may live here: the user model and its queries. What may not: what a role may do (merchants), pages.
"""
