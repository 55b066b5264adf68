"""Parcels at rest, and the news of them.

What may live here: tables, the pages' reading and writing. What may not: which moves there are (fleet.deliveries), couriers.
"""
