"""Parcels with devices, from the day a courier is ordered until they are delivered or back.

What may live here: their states, the link behind which a merchant follows one. What may not: couriers' own words (gateways),
devices (stock), storage.
"""
