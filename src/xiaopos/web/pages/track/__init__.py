"""The page behind the link of a parcel, for the merchant who waits for it.

What may live here: that page. What may not: anything else of an order.
"""
