"""The cashier app (收银台): for one hand on a phone or a 5-inch terminal.

What may live here: its views, what they tell the page's script. What may not: rules, SQL, another merchant's data.
"""
