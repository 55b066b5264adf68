"""Agents (代理商) and their promoters (推广员): who may speak to merchants in the operator's name, where, about what, until when.

What lives here: their lives, and how far their authority goes. What may not: storage, pages, badges (merchants.badges).

An office room: it says as protocols what it needs of a row, and the row satisfies them as it is.
"""
