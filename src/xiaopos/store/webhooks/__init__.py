"""Webhooks at rest: merchants' endpoints, what happened that they are told of, and every attempt to tell it.

What may live here: tables, the pages' reading and writing. What may not: sending (gateways), the worker's statements (writer).
"""
