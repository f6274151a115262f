"""A mix file, or a few words of the command → the body of a reservation. What is wrong in a mix the portal says."""

import re
import sys
from collections.abc import Hashable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from heddle.cli.exits import Unreadable
from heddle.cli.moments import Zone, minutes_of, moment_of

FILE_BYTES_MAX = 8_388_608
MOMENTS = ("starts_at", "ends_at", "not_before", "not_after")
LINE = re.compile(r"(?P<device_class>[^:\s]+)(?::(?P<count>[1-9]\d*))?")
GROUP = re.compile(r"(?P<role>[^=]*)=(?P<nodes>[1-9]\d*)")

_READ_AS_JSON = (
    ("bool", r"true|false", "tf"),
    ("null", r"null|~|", ["n", "~", ""]),
    ("int", r"-?(?:0|[1-9]\d*)", "-0123456789"),
    ("float", r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?", "-0123456789"),
)


class _AsJson(yaml.SafeLoader):
    """YAML with the values of JSON: a time stays a text, `10:30` is no number, `no` is no false, no key comes twice."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        names = [key.value for key, _ in node.value]
        twice = sorted({str(name) for name in names if names.count(name) > 1})
        if twice:
            raise Unreadable(f"Line {node.start_mark.line + 1}: {', '.join(twice)} stands there twice.")
        return super().construct_mapping(node, deep=deep)


for _kind, _pattern, _first in _READ_AS_JSON:
    _AsJson.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", re.compile(f"^(?:{_pattern})$"), list(_first))


def from_file(file: Path) -> dict[str, Any]:
    """A mapping as the API takes it; `-` is standard input. Raises Unreadable."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{file} cannot be read: {error}") from None
    if len(text) > FILE_BYTES_MAX:
        raise Unreadable(f"{file} is longer than {FILE_BYTES_MAX:,} characters.")
    try:
        found = yaml.load(text, Loader=_AsJson)  # a SafeLoader
    except yaml.YAMLError as error:
        raise Unreadable(f"{file} is no YAML: {error}") from None
    if not isinstance(found, dict):
        raise Unreadable(f"{file} holds no reservation: it begins with names such as project, pool and mix.")
    return found


def quick_mix(words: Sequence[str], *, nodes: int) -> list[dict[str, Any]]:
    """`nvidia-h100-nvl-94gb:4` and the like, one line each, all on one group of nodes."""
    return [{"nodes": nodes, "lines": [_line(word) for word in words]}]


def groups(words: Sequence[str]) -> list[dict[str, Any]]:
    """`decode=3`: other counts of nodes for groups that are there."""
    found = [GROUP.fullmatch(word.strip()) for word in words]
    if None in found:
        raise Unreadable("Counts of nodes are written ROLE=COUNT, such as decode=3.")
    return [{"role": one["role"], "nodes": int(one["nodes"])} for one in found if one]


def completed(
    wish: dict[str, Any], *, over: dict[str, Any], lasting: str | None, now: datetime, zone: Zone
) -> dict[str, Any]:
    """With what the command line says over it, lengths in minutes, and every time with an offset. Raises Unreadable."""
    said = {name: value for name, value in over.items() if value is not None}
    found = {**wish, **said}
    if lasting is not None and "ends_at" in said:
        raise Unreadable("Say --for or --end, not both.")
    length = lasting or found.get("duration")
    found.pop("duration", None)
    if "ends_at" in said:
        found.pop("duration_minutes", None)
    elif length is not None:
        found["duration_minutes"] = minutes_of(str(length))
        found.pop("ends_at", None)
    for name in MOMENTS:
        if isinstance(found.get(name), str):
            found[name] = moment_of(found[name], now=now, zone=zone).isoformat()
    return found


def _line(word: str) -> dict[str, Any]:
    match = LINE.fullmatch(word.strip())
    if match is None:
        raise Unreadable(f"{word!r} is no line of a mix, such as nvidia-h100-nvl-94gb:4.")
    return {"device_class": match["device_class"], "count": int(match["count"] or 1)}
