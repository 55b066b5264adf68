"""API keys at rest: only their hashes.

What may live here: the table, making a key, finding one by its text. What may not: what a key may do (merchants), HTTP.
"""
