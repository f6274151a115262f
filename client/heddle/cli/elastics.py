"""Elastic groups as they are typed: `decode=1-4`, and `decode=12345 09:00-17:00 3`. What is wrong the portal says."""

import re
from collections.abc import Iterable
from typing import Any

from heddle.cli.exits import Unreadable

BOUNDS = re.compile(r"(?P<role>[^=]*)=(?P<floor>[1-9]\d*)-(?P<ceiling>[1-9]\d*)")
TIME = re.compile(
    r"(?P<role>[^=]*)=(?P<weekdays>[1-7]+)\s+(?P<begin>\d\d:\d\d)-(?P<until>\d\d:\d\d)\s+(?P<nodes>[1-9]\d*)"
)


def read(bounds: Iterable[str], profile: Iterable[str]) -> dict[str, dict[str, Any]]:
    """By role, as the API takes it. Raises Unreadable."""
    found: dict[str, dict[str, Any]] = {}
    for word in bounds:
        one = BOUNDS.fullmatch(word.strip())
        if one is None:
            raise Unreadable(f"{word!r} is no ROLE=FLOOR-CEILING, such as decode=1-4.")
        found[one["role"]] = {"floor": int(one["floor"]), "ceiling": int(one["ceiling"]), "profile": []}
    for word in profile:
        time = TIME.fullmatch(word.strip())
        if time is None or time["role"] not in found:
            raise Unreadable(f"{word!r} is no time of a group with bounds, such as 'decode=12345 09:00-17:00 3'.")
        times = {"weekdays": time["weekdays"], "from": time["begin"], "until": time["until"]}
        found[time["role"]]["profile"].append({**times, "nodes": int(time["nodes"])})
    return found
