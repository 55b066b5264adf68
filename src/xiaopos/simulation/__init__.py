"""The whole service on a virtual clock and a virtual network, played from one seed, with faults, and judged afterwards.

What may live here: the virtual loop, network, disk and processes, plans made from seeds, the play, what must hold after it,
and how a failing play is made shorter. What may not: anything that a running service needs.
"""
