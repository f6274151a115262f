"""The mixes one may begin from, as cards: what each is for, what it would take here, and where it is chosen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from portal.web.present.words import NBSP, duration
from scheduler.queries.presets import PresetRow
from scheduler.queries.stock import Stock
from scheduler.requests import Line
from scheduler.selectors import SelectorError


@dataclass(frozen=True, slots=True)
class PresetCard:
    """`url` chooses it, empty where this pool could never grant it: `why_not` says why."""

    code: str
    name: str
    purpose: str
    icon: str
    contents: str
    length: str
    url: str
    why_not: str


@dataclass(frozen=True, slots=True)
class PresetShelf:
    """`project` is empty for those for everybody."""

    project: str
    cards: tuple[PresetCard, ...]


def preset_shelves(
    rows: Iterable[PresetRow], *, stock: Stock | None, kept: Mapping[str, str]
) -> tuple[PresetShelf, ...]:
    """Those for everybody, then project by project. `kept` stays in the address: pool, project and times."""
    shelves: dict[str, list[PresetCard]] = {}
    for row in rows:
        shelves.setdefault(row.project_name, []).append(_card(row, stock, kept))
    return tuple(PresetShelf(project, tuple(cards)) for project, cards in shelves.items())


def _card(row: PresetRow, stock: Stock | None, kept: Mapping[str, str]) -> PresetCard:
    place = {**kept, **({"project": row.project} if row.project else {})}
    query = {name: value for name, value in {"preset": row.code, **place}.items() if value}
    minutes = row.body.get("duration_minutes")
    return PresetCard(
        code=row.code,
        name=row.name,
        purpose=row.purpose,
        icon=row.icon,
        contents=" · ".join(_group_words(group, stock) for group in row.body["mix"]),
        length=duration(timedelta(minutes=minutes)) if minutes else "",
        url="" if row.why_not else f"{reverse('web:book')}?{urlencode(query)}",
        why_not=row.why_not,
    )


def _group_words(group: Mapping[str, Any], stock: Stock | None) -> str:
    """`decode: 2 nodes, 4 × NVIDIA H100 NVL each`."""
    lines = " + ".join(_line_words(line, stock) for line in group.get("lines") or ()) or "no devices"
    nodes = int(group.get("nodes", 1))
    many = f"{nodes}{NBSP}nodes, {lines} each" if nodes > 1 else lines
    role = str(group.get("role") or "")
    return f"{role}: {many}" if role else many


def _line_words(line: Mapping[str, Any], stock: Stock | None) -> str:
    """The first of several that this pool has."""
    ones = [{"count": line.get("count"), **one} for one in line.get("first_of") or (line,)]
    named = [(one, _name(one, stock)) for one in ones]
    one, name = next(((one, name) for one, name in named if name), (ones[0], ones[0].get("device_class") or "devices"))
    return f"{one['count']}{NBSP}×{NBSP}{name}"


def _name(one: Mapping[str, Any], stock: Stock | None) -> str:
    """Empty for what the pool has none of."""
    if stock is None:
        return ""
    if code := one.get("device_class"):
        facts = stock.topology.classes.get(code)
        return facts.name if facts is not None and code in stock.topology.stock else ""
    try:
        found = stock.matching(
            Line("", 1, selector=str(one.get("selector", "")), profile=str(one.get("profile") or ""))
        )
    except SelectorError:
        return ""
    return found.rows[0].facts.name if found.rows else ""
