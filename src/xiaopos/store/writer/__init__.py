"""The batch writer: everything that waits is committed together, and each waiter hears only after that commit.

What may live here: the Books and Jobs on SQLite and PostgreSQL, their SQL. What may not: Django (processes that only
write stay small), rules, anything that asks a channel.
"""
