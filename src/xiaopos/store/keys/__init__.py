"""The house's keys at rest, each wrapped under the vault's master key.

What may live here: the model. What may not: a clear key, the keys of terminals (fleet).
"""
