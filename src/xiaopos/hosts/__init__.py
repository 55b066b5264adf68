"""Long-running processes: the card host, the worker.

What may live here: sockets, loops, time limits; turning messages into requests and outcomes into messages.
What may not: rules, SQL, Django (these processes stay small).
"""
