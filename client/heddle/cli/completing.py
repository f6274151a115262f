"""What the shell may complete: codes, pools, projects, classes. Asked of the portal, quickly or not at all."""

import os
from collections.abc import Callable, Iterable
from itertools import islice
from random import random

from heddle.cli import credentials
from heddle.flows import Retries
from heddle.synchronous import Heddle

OFFERS_MAX = 100
SECONDS_MAX = 2.0
Offer = tuple[str, str]


def codes(incomplete: str) -> list[Offer]:
    return _offers(
        lambda heddle: ((one["code"], f"{one['state']} {one['title']}") for one in heddle.reservations(mine=True)),
        incomplete,
    )


def pools(incomplete: str) -> list[Offer]:
    return _offers(lambda heddle: ((one["code"], one["name"]) for one in heddle.pools()), incomplete)


def projects(incomplete: str) -> list[Offer]:
    return _offers(lambda heddle: ((one["slug"], one["name"]) for one in heddle.projects()), incomplete)


def classes(incomplete: str) -> list[Offer]:
    return _offers(lambda heddle: ((one["code"], one["name"]) for one in heddle.device_classes()), incomplete)


def _offers(ask: Callable[[Heddle], Iterable[Offer]], incomplete: str) -> list[Offer]:
    """Somebody is at the keys: whatever goes wrong, nothing is said."""
    try:
        known = credentials.chosen(os.environ, url=None)
        with Heddle(
            known.url, known.token, retries=Retries(chance=random, tries_max=1), read_seconds=SECONDS_MAX
        ) as one:
            return [offer for offer in islice(ask(one), OFFERS_MAX) if offer[0].startswith(incomplete)]
    except Exception:
        return []
