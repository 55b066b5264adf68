"""The verbs: everything the product can do, one file each; `ports.py` names what they need.

What may live here: use cases that read top to bottom, and the roles they ask. A unit of work begins here and nowhere else.
What may not: rules (the rooms below hold them), sockets, SQL, pages.
"""
