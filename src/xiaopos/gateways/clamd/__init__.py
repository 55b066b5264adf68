"""ClamAV's daemon: whether a file is a virus that it knows.

What may live here: its protocol over a socket. What may not: what becomes of a file (usecases.keep_documents).
"""

from xiaopos.gateways.clamd.gateway import ClamdScanner

__all__ = ["ClamdScanner"]
