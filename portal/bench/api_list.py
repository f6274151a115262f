"""A page of fifty reservations, beside the same rows by a ModelSerializer, without and with a caller to know."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from portal.bench.bare_list import ROWS
from portal.bench.measuring import Stopwatch
from portal.bench.serving import Client

OURS = f"/api/v1/reservations/?limit={ROWS}"
PAGE, DEEP = "page of 50", "page of 50, deep"
BARE, BARE_FOR_THE_CALLER = "ModelSerializer", "ModelSerializer, caller known"
PATHS: Mapping[str, str] = {
    PAGE: OURS,
    BARE: "/bench/reservations/",
    BARE_FOR_THE_CALLER: "/bench/reservations-for-the-caller/",
}
WARM_UP = 3
DEEP_PAGES = 10  # are turned to come to the deep one, where there are so many


def measure(*, client: Client, calls: int, runs: int) -> Stopwatch:
    """Raises AssertionError where the pages do not show the same reservations."""
    paths = {**PATHS, DEEP: _deep(client)}
    assert _codes(client.get(PATHS[PAGE])) == _codes(client.get(PATHS[BARE]))
    watch = Stopwatch()
    for path in list(paths.values()) * WARM_UP:
        client.get(path)
    for _ in range(runs):
        watch.begin_run()
        for _ in range(calls):
            for name, path in paths.items():
                watch.time(name, partial(client.get, path))
    return watch


def _deep(client: Client) -> str:
    """The last but one whole page within reach: `next` followed as it is."""
    path = OURS
    for _ in range(DEEP_PAGES):
        following = _read(client.get(path))["next"]
        if following is None or len(_read(client.get(_local(following)))["results"]) < ROWS:
            break
        path = _local(following)
    return path


def _local(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def _codes(text: bytes) -> list[str]:
    return [row["code"] for row in _read(text)["results"]]


def _read(text: bytes) -> dict[str, Any]:
    return dict(json.loads(text))
