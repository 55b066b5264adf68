"""Our database: Django models and migrations, queries, the batch writer. The only room with SQL.

What may live here: one Django app per domain, and the writer that the processes without Django use. What may not: rules,
pages, other people's systems.
"""
