"""Tries of passwords: so many wrong ones for an account from an address, and so many from it for whatever accounts.

From all addresses together an account may be tried more often: else anybody could keep anybody from signing in.
A try counts before it is made, so that many at once are not more than one after the other; a good one is put back.
Accounts that do not exist are counted too, so that the limit says nothing about who is there.
"""

import hashlib
from collections.abc import Mapping

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
    """One try of a password. Making it raises TooManyTries."""

    def __init__(self, rates: Mapping[str, Rate | None]) -> None:
        self._buckets = [Bucket("passwords", owner, rate) for owner, rate in rates.items() if rate is not None]
        levels = take_surely(self._buckets) if self._buckets else ()
        if wait := max((level.retry_in for level in levels), default=0.0):
            raise TooManyTries(wait)

    def succeeded(self) -> None:
        """Also when it was not the password that was wrong."""
        if self._buckets:
            put_back(self._buckets)


def try_to_sign_in(request: HttpRequest, *, account: str) -> Try:
    """`account` as the form understands it, so that no other spelling of it is another one. Raises TooManyTries."""
    digest = hashlib.sha256(account.casefold().encode("utf-8", "replace")).hexdigest()[:32]
    address = counted_as(request)
    return Try(
        {
            f"password:{digest}:{address}": settings.HEDDLE_PASSWORD_RATE,
            f"password:{digest}": settings.HEDDLE_PASSWORD_ACCOUNT_RATE,
            f"passwords-from:{address}": settings.HEDDLE_PASSWORD_ADDRESS_RATE,
        }
    )


def try_again(request: HttpRequest, *, person_id: int) -> Try:
    """Of a person who is signed in: strangers who try to sign in as them do not count. Raises TooManyTries."""
    return Try(
        {
            f"password-of:{person_id}": settings.HEDDLE_PASSWORD_RATE,
            f"passwords-from:{counted_as(request)}": settings.HEDDLE_PASSWORD_ADDRESS_RATE,
        }
    )
