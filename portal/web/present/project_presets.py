"""A project's own presets as lines: what each is for, what it asks for, and where it is used."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from portal.web.present.words import NBSP, duration_of_minutes
from scheduler.queries.presets import PresetRow

_SELECTED = "devices by a selector"


@dataclass(frozen=True, slots=True)
class PresetLine:
    code: str
    name: str
    purpose: str
    contents: str
    length: str
    by: str
    url: str


def preset_lines(rows: Iterable[PresetRow], *, names: Mapping[str, str]) -> tuple[PresetLine, ...]:
    """`names` of device classes by code."""
    return tuple(_line(row, names) for row in rows)


def _line(row: PresetRow, names: Mapping[str, str]) -> PresetLine:
    minutes = row.body.get("duration_minutes")
    return PresetLine(
        code=row.code,
        name=row.name,
        purpose=row.purpose,
        contents=" · ".join(_group_words(group, names) for group in row.body["mix"]),
        length=duration_of_minutes(minutes) if minutes else "",
        by=row.created_by,
        url=f"{reverse('web:book')}?{urlencode({'project': row.project, 'preset': row.code})}",
    )


def _group_words(group: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """`decode: 2 nodes, 4 × NVIDIA H100 NVL each`; of alternatives the first, since it is what is wanted."""
    wanted = [{**line, **(line.get("first_of") or [{}])[0]} for line in group.get("lines") or ()]
    lines = " + ".join(f"{one.get('count', 1)}{NBSP}×{NBSP}{_what(one, names)}" for one in wanted) or "no devices"
    nodes, role = int(group.get("nodes", 1)), str(group.get("role") or "")
    many = f"{nodes}{NBSP}nodes, {lines} each" if nodes > 1 else lines
    return f"{role}: {many}" if role else many


def _what(line: Mapping[str, Any], names: Mapping[str, str]) -> str:
    code = str(line.get("device_class") or "")
    name = names.get(code, code) or _SELECTED
    return f"{line['profile']} of {name}" if line.get("profile") else name
