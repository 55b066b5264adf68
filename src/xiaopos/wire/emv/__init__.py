"""Chip card data as it travels: BER-TLV, tag names, which tags a message carries.

What may live here: reading, writing and naming. What may not: cryptograms (keys), terminal decisions.
"""
