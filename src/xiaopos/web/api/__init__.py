"""The REST API for merchants' own systems: a table of operations, served under /api/v1/, and its description.

What may live here: shapes of JSON, the table, views that parse, ask once and render. What may not: rules, SQL.
"""
