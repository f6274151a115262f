"""Which servers' certificates are believed: those of the public authorities, read once a process."""

import ssl
from functools import cache

import httpx


@cache
def trusted() -> ssl.SSLContext:
    """Reading the authorities takes longer than most calls of a driver."""
    return httpx.create_ssl_context(trust_env=False)
