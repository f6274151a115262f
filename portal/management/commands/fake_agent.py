"""`manage.py fake_agent`: tell a Heddle how busy accelerators are, as an agent on each host would, by made-up numbers.

For trying what follows from idle devices. It knows nothing but the API, and its numbers depend on the block alone.
"""

import os
import time
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

import httpx
from django.core.management.base import BaseCommand, CommandError, CommandParser

from fabric.topology import ACCELERATOR_KINDS

SECONDS_MAX = 30.0
SPREAD = 10  # percent up and down
PERCENT_MAX = 100
PER_CALL_MAX = 1_000


def percent_of(block: str, *, mean: int, idle: Collection[str]) -> int:
    """Around the mean, always the same for one block; an idle one does nothing."""
    if block in idle:
        return 0
    return min(PERCENT_MAX, max(0, mean - SPREAD + crc32(block.encode()) % (2 * SPREAD + 1)))


def bodies(blocks: Sequence[str], *, pool: str, mean: int, idle: Collection[str], at: datetime) -> Iterator[Any]:
    """What is posted to `telemetry/`, in calls that are not too long."""
    for first in range(0, len(blocks), PER_CALL_MAX):
        samples = [
            {"block": block, "at": at.isoformat(), "percent": percent_of(block, mean=mean, idle=idle)}
            for block in blocks[first : first + PER_CALL_MAX]
        ]
        yield {"pool": pool, "source": "fake-agent", "samples": samples}


class Command(BaseCommand):
    help = "Post made-up utilisation of a pool's accelerators."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="of the portal")
        parser.add_argument("--pool", default="lab")
        parser.add_argument("--percent", type=int, default=60, help="what busy ones do (default 60)")
        parser.add_argument("--idle", nargs="*", default=[], metavar="BLOCK", help="codes of those that do nothing")
        parser.add_argument("--every", type=int, default=60, metavar="SECONDS")
        parser.add_argument("--once", action="store_true", help="post once, then stop")

    def handle(self, *args: Any, **options: Any) -> None:
        token = os.environ.get("HEDDLE_TOKEN")
        if not token:
            raise CommandError(
                "Set HEDDLE_TOKEN to an operator's token; narrowed, it needs the scopes operate and inventory:read."
            )
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=f"{options['url']}/api/v1/", headers=headers, timeout=SECONDS_MAX) as caller:
            while True:
                self.stdout.write(f"{post_once(caller, options)} samples were taken.")
                if options["once"]:
                    return
                time.sleep(options["every"])


def post_once(caller: httpx.Client, options: dict[str, Any]) -> int:
    blocks = list(_accelerators(caller, options["pool"]))
    taken, now = 0, datetime.now(UTC)
    for body in bodies(blocks, pool=options["pool"], mean=options["percent"], idle=set(options["idle"]), at=now):
        taken += _json(caller.post("telemetry/", json=body))["taken"]
    return taken


def _accelerators(caller: httpx.Client, pool: str) -> Iterator[str]:
    return (one["code"] for one in _all(caller, f"blocks/?pool={pool}&limit=100") if one["kind"] in ACCELERATOR_KINDS)


def _all(caller: httpx.Client, path: str) -> Iterator[Any]:
    page = _json(caller.get(path))
    yield from page["results"]
    while page["next"]:
        page = _json(caller.get(page["next"]))
        yield from page["results"]


def _json(answer: httpx.Response) -> Any:
    if answer.is_error:
        raise CommandError(f"{answer.request.url} answered {answer.status_code}: {answer.text[:300]}")
    return answer.json()
