"""Applications for a POS (进件): what is asked of whom and why, what is checked, and the life of an application.

What lives here: states, fields, requirements, checks, the operator's rules as values. What may not: storage, pages, ids, clocks.

An office room: it says as protocols what it needs of a row, and the row satisfies them as it is.
"""
