"""Other people's systems: one folder per outside system, all with the same anatomy. The only room from which money leaves.

What may live here: adapters (`gateway.py`), pure building and reading of their messages (`messages.py`), their codes as
tables (`codes.py`). What may not: decisions about payments, storage, Django.
"""
