"""The public pages about badges: what may be believed of one, whether it is this person's, reporting a false one.

What lives here: parse, limits, render. What may not: rules (merchants.badges), keys.
"""
