"""Software that runs on a payment terminal: what it remembers, asks and answers; bytes in, bytes out.

What may live here: the device's states, its durable memory as a value, its messages, its words for the person at the counter.
What may not: sockets, files, clocks, randomness (all handed in); anything of the host's side. It knows only wire, keys, kernel.
"""
