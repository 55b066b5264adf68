"""Speakers at rest: the devices that say aloud what was paid, and what each of them is to say.

What may live here: tables, the pages' reading and writing. What may not: telling (hosts), the worker's statements (writer).
"""
