"""Applications at rest: what was given, sealed; pictures; moves, calls and consents, which are only added to.

What may live here: models, the book, list queries. What may not: rules about applications (merchants.applications, usecases).
"""
