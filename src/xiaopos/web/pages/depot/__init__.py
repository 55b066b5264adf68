"""The depot's pages of the console: stock, orders and parcels, bindings.

What may live here: one module for each. What may not: rules, models.
"""
