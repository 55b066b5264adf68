"""Rings (团伙): applications of different people that are tied together by what each should have of their own.

What lives here: traits, what a shared one says, ties, clusters, the finding that a reviewer sees. What may not: storage, clear
phone numbers or ids (a trait is a keyed hash), deciding an application.
"""
