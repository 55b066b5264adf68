"""What a monitor asks of the web process: alive, ready, metrics.

What may live here: those three answers. What may not: pages for people.
"""
