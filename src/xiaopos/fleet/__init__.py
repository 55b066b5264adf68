"""Terminals, models, compatibility, certification, configuration, rollout.

What lives here now: the profiles by which old and new terminals speak to the host. What will live here: compatibility
tables, certification, configuration with its rollout, updates, health. What may not: sockets, storage, payments.
"""
