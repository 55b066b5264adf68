"""A pretend world: terminals, issuers, wallets and their customers, speaking the real wire protocols.

What may live here: pretend twins of other people's systems, used by the demo, certification and tests.
What may not: anything that the product needs in order to take money; whatever is shown says that it is simulated.
"""
