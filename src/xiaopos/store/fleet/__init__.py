"""Terminals at rest: models of device, terminals with their keys under the vault's master key.

What may live here: models and list queries. What may not: clear keys, rules about terminals (the fleet room).
"""
