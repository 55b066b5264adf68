"""xiaopos (小POS): the service behind a small merchant's payment terminal, and the cashier app in front of it.

What lives here: one folder per room, layered as `docs/ARCHITECTURE.md` draws it. No code of its own.
"""

__version__ = "0.1.0"
