"""The operator console: merchants, terminals, payments, the ledger, what is unresolved, the audit trail.

What may live here: views and their addresses. What may not: rules, SQL; every change is a use case with actor and reason.
"""
