"""Tries of passwords: so many wrong ones for an account, and so many from an address, whatever accounts they are for.

A try counts before it is made, so that many at once are not more than one after the other; a good one is put back.
Accounts that do not exist are counted too, so that the limit says nothing about who is there.
"""

import hashlib
from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest

from portal.throttles.addresses import counted_as
from portal.throttles.buckets import Bucket, put_back, take_surely
from portal.throttles.rates import Rate


class TooManyTries(Exception):
    """Nothing was looked at."""

    def __init__(self, retry_in: float) -> None:
        super().__init__("There were too many wrong passwords.")
        self.retry_in = retry_in  # seconds


class Try:
    """One try of the password of `account`. Making it raises TooManyTries."""

    def __init__(self, request: HttpRequest, account: str) -> None:
        self._buckets = _buckets(request, account)
        levels = take_surely(self._buckets) if self._buckets else ()
        if wait := max((level.retry_in for level in levels), default=0.0):
            raise TooManyTries(wait)

    def succeeded(self) -> None:
        """Also when it was not the password that was wrong."""
        if self._buckets:
            put_back(self._buckets)


def _buckets(request: HttpRequest, account: str) -> Sequence[Bucket]:
    digest = hashlib.sha256(account.casefold().encode("utf-8", "replace")).hexdigest()[:32]
    rates: dict[str, Rate | None] = {
        f"password:{digest}": settings.HEDDLE_PASSWORD_RATE,
        f"passwords-from:{counted_as(request)}": settings.HEDDLE_PASSWORD_ADDRESS_RATE,
    }
    return [Bucket("passwords", owner, rate) for owner, rate in rates.items() if rate is not None]
