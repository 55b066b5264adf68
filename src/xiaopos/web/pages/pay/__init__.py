"""The page that a shop's code opens (聚合码), for customers with whatever app they pay.

What may live here: recognising the app, the page. What may not: rules (merchants, usecases), more of the shop than its name.
"""
