"""The pages of agents and their promoters: one's own badge, and for whoever runs an agent its people and its record.

What lives here: parse, call one use case or one query, render. What may not: rules, cards, keys, merchants' payments, an agent's
number that came from the request.
"""
