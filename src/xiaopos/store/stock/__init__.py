"""The stock at rest: devices by serial number, orders for them.

What may live here: tables, the pages' reading and writing. What may not: which moves there are (fleet.stock), parcels, bindings.
"""
