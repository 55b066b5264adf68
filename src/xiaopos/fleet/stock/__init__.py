"""Single devices from the day they come into stock until they are scrapped, and the orders that they fill.

What may live here: their states, what a list of serial numbers must say. What may not: models (catalogue), parcels (deliveries),
storage.
"""
