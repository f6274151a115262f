"""Read the floors, ceilings and profiles of elastic groups, or say of every field what is wrong with it. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from scheduler import limits
from scheduler.reading import Reader
from scheduler.requests import Elastic, Mix, ProfileTime

FIELDS = frozenset({"floor", "ceiling", "profile"})
TIME_FIELDS = frozenset({"weekdays", "from", "until", "nodes"})
_WEEKDAYS = re.compile("[1-7]{1,7}", re.ASCII)
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00", re.ASCII)
DAY_MINUTES = 24 * 60


def parse_elastic(reader: Reader, value: object, *, mix: Mix | None) -> dict[str, Elastic]:
    """By role; each names one group of the mix, whose nodes are between floor and ceiling."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        reader.add("elastic", "invalid", "This must be a JSON object: role → floor and ceiling.")
        return {}
    if len(value) > limits.GROUPS_MAX:
        reader.add("elastic", "too_long", f"At most {limits.GROUPS_MAX} are allowed, not {len(value)}.")
        return {}
    found = {}
    for role, one in value.items():
        found[str(role)] = _one(reader, one, f"elastic.{str(role)[: limits.ROLE_CHARS_MAX]}")
    if mix is not None and not reader.errors:
        for role, bounds in found.items():
            _require_within(reader, role, bounds, mix)
    return found


def elastic_to_wire(elastic: Mapping[str, Elastic]) -> dict[str, Any]:
    return {
        role: {
            "floor": one.floor,
            "ceiling": one.ceiling,
            "profile": [
                {"weekdays": time.weekdays, "from": _words(time.begin), "until": _words(time.end), "nodes": time.nodes}
                for time in one.profile
            ],
        }
        for role, one in elastic.items()
    }


def elastic_from_wire(wire: Mapping[str, Any]) -> dict[str, Elastic]:
    """The inverse, of what was read once; what else is noted of a role is passed over."""
    return parse_elastic(
        Reader(), {role: {n: one[n] for n in FIELDS if n in one} for role, one in wire.items()}, mix=None
    )


def _one(reader: Reader, value: object, path: str) -> Elastic:
    body = reader.mapping(value, path, FIELDS)
    floor = reader.integer(body.get("floor"), f"{path}.floor", 1, limits.NODES_PER_GROUP_MAX)
    ceiling = reader.integer(body.get("ceiling"), f"{path}.ceiling", 1, limits.NODES_PER_GROUP_MAX)
    if floor > ceiling:
        reader.add(f"{path}.ceiling", "too_small", f"The ceiling is at least the floor, which is {floor}.")
    times = body.get("profile")
    items = reader.items(times, f"{path}.profile", limits.PROFILE_TIMES_MAX) if times else []
    profile = tuple(_time(reader, item, f"{path}.profile[{at}]", floor, ceiling) for at, item in enumerate(items))
    return Elastic(floor=floor, ceiling=ceiling, profile=profile)


def _time(reader: Reader, value: object, path: str, floor: int, ceiling: int) -> ProfileTime:
    body = reader.mapping(value, path, TIME_FIELDS)
    weekdays = body.get("weekdays")
    if not isinstance(weekdays, str) or not _WEEKDAYS.fullmatch(weekdays):
        reader.add(f"{path}.weekdays", "invalid", "Give the days by number, such as 12345: 1 is Monday, 7 is Sunday.")
        weekdays = "1"
    begin, end = (_clock(reader, body.get(name), f"{path}.{name}") for name in ("from", "until"))
    if begin >= end and not reader.errors:
        reader.add(f"{path}.until", "inverted", "The time of day ends after it begins; give a night as two times.")
    nodes = reader.integer(body.get("nodes"), f"{path}.nodes", floor, max(floor, ceiling))
    return ProfileTime(weekdays="".join(sorted({*weekdays})), begin=begin, end=end, nodes=nodes)


def _clock(reader: Reader, value: object, path: str) -> int:
    """Minutes of the day."""
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        reader.add(path, "invalid", "Give a time of day such as 09:00.")
        return 0
    return DAY_MINUTES if found[1] is None else int(found[1]) * 60 + int(found[2])


def _words(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _require_within(reader: Reader, role: str, one: Elastic, mix: Mix) -> None:
    named = [at for at, group in enumerate(mix.groups) if group.role == role]
    if len(named) != 1:
        words = "names several groups" if named else "names no group of the mix"
        reader.add(f"elastic.{role}", "unknown", f"“{role}” {words}.")
        return
    nodes, path = mix.groups[named[0]].nodes, f"mix[{named[0]}].nodes"
    bounds = f"“{role}” has a floor of {one.floor} and a ceiling of {one.ceiling} nodes."
    if nodes < one.floor:
        reader.add(path, "too_small", bounds)
    elif nodes > one.ceiling:
        reader.add(path, "too_large", bounds)
