"""The form of a new reservation: each field with what was typed, what is wrong with it, and its choices."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from portal.web.forms.typed import UNIT_MINUTES, TypedGroup, TypedLine, TypedRequest
from portal.web.present.words import money
from portal.web.queries import PoolName
from portal.web.zones import zone_names
from scheduler.queries.pools import DeviceClassRow
from scheduler.queries.projects import ProjectRow
from scheduler.refusals import FieldError

_GROUP = re.compile(r"mix\[(\d+)\]")
_LINE = re.compile(r"\.lines\[(\d+)\]")
_RENAMED = {"duration_minutes": "duration"}


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class FieldView:
    name: str
    value: str
    error: str = ""
    options: tuple[Option, ...] = ()
    is_on: bool = False
    is_fold: bool = False  # the clock shows this time twice: ask which


@dataclass(frozen=True, slots=True)
class LineView:
    at: str
    device_class: FieldView
    count: FieldView
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupView:
    at: str
    title: str
    role: FieldView
    nodes: FieldView
    host_class: FieldView
    flags: tuple[tuple[str, FieldView], ...]
    lines: tuple[LineView, ...]
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BookingView:
    fields: Mapping[str, FieldView]
    groups: tuple[GroupView, ...]
    errors: tuple[FieldError, ...]  # all of them, for the summary
    stray: tuple[FieldError, ...]  # those without a place of their own
    is_only_group: bool
    copied_from: str


@dataclass(frozen=True, slots=True)
class Choices:
    projects: Sequence[ProjectRow]
    pools: Sequence[PoolName]
    classes: Sequence[DeviceClassRow]
    host_classes: Sequence[str]


_FLAGS = (
    ("same_pru", "All accelerators of a node in one PRU"),
    ("same_switch", "All accelerators of a node on one switch"),
    ("allow_bridge_split", "Bridged pairs may be split"),
)


def input_name(path: str) -> str:
    """`mix[0].lines[1].count` → `group-0-line-1-count`."""
    named = _LINE.sub(r"-line-\1", _GROUP.sub(r"group-\1", path))
    return _RENAMED.get(named, named.replace(".placement", "").replace(".", "-"))


def booking_view(typed: TypedRequest, *, choices: Choices, errors: Iterable[FieldError]) -> BookingView:
    all_errors = tuple(errors)
    said: dict[str, list[FieldError]] = {}
    for error in all_errors:
        said.setdefault(input_name(error.field), []).append(error)
    board = _Board(typed, choices, said)
    fields = board.fields()
    groups = tuple(board.group(at, group) for at, group in enumerate(typed.groups))
    return BookingView(
        fields=fields,
        groups=groups,
        errors=all_errors,
        stray=tuple(error for name, found in said.items() if name not in board.shown for error in found),
        is_only_group=len(typed.groups) == 1,
        copied_from=typed.copied_from,
    )


class _Board:
    """Puts fields up and remembers which names have a place, so that no error is lost."""

    def __init__(self, typed: TypedRequest, choices: Choices, said: Mapping[str, list[FieldError]]) -> None:
        self.typed, self.choices, self.said = typed, choices, said
        self.shown: set[str] = set()

    def fields(self) -> dict[str, FieldView]:
        typed, choices = self.typed, self.choices
        picks = {
            "project": [(row.slug, f"{row.name} ({row.slug})") for row in choices.projects],
            "pool": [(row.code, f"{row.name} ({row.code})") for row in choices.pools],
            "zone": [(name, name.replace("_", " ")) for name in zone_names()],
            "duration_unit": [(unit, unit) for unit in UNIT_MINUTES],
        }
        plain = ("title", "start", "starts_at", "starts_at_fold", "end", "duration", "ends_at", "ends_at_fold")
        fields = {name: self.field(name, getattr(typed, name)) for name in (*plain, "hold_minutes")}
        return fields | {name: self.field(name, getattr(typed, name), pick) for name, pick in picks.items()}

    def group(self, at: int, group: TypedGroup) -> GroupView:
        prefix = f"group-{at}"
        hosts = [("", "Any host")] + [(name, name) for name in self.choices.host_classes]
        return GroupView(
            at=str(at),
            title=f"Group {at + 1}",
            role=self.field(f"{prefix}-role", group.role),
            nodes=self.field(f"{prefix}-nodes", group.nodes),
            host_class=self.field(f"{prefix}-host_class", group.host_class, hosts),
            flags=tuple(
                (label, self.field(f"{prefix}-{flag}", "on", is_on=getattr(group, flag))) for flag, label in _FLAGS
            ),
            lines=tuple(self.line(f"{at}-{nth}", f"{prefix}-line-{nth}", line) for nth, line in enumerate(group.lines)),
            errors=self.words(prefix) + self.words(f"{prefix}-lines"),
        )

    def line(self, at: str, prefix: str, line: TypedLine) -> LineView:
        pick = [
            ("", "Choose a device class"),
            *_class_options(self.choices.classes, self.typed.pool, self.choices.pools),
        ]
        if line.device_class and line.device_class not in {value for value, _ in pick}:
            pick.append((line.device_class, f"{line.device_class} (not in this pool)"))
        return LineView(
            at=at,
            device_class=self.field(f"{prefix}-device_class", line.device_class, pick),
            count=self.field(f"{prefix}-count", line.count),
            errors=self.words(prefix),
        )

    def field(self, name: str, value: str, pick: Iterable[tuple[str, str]] = (), *, is_on: bool = False) -> FieldView:
        options = tuple(Option(one, label, one == value) for one, label in pick)
        found = self.said.get(name, [])
        is_fold = any(error.code == "fold" for error in found) or bool(getattr(self.typed, f"{name}_fold", ""))
        return FieldView(name, value, " ".join(self.words(name)), options, is_on, is_fold)

    def words(self, name: str) -> tuple[str, ...]:
        self.shown.add(name)
        return tuple(error.message for error in self.said.get(name, ()))


def _class_options(rows: Iterable[DeviceClassRow], pool: str, pools: Iterable[PoolName]) -> list[tuple[str, str]]:
    """What this pool has, with what is free of it now and what it costs."""
    currency = next((row.currency for row in pools if row.code == pool), "USD")
    return [
        (row.code, f"{row.name} · {row.pools[pool].free} of {row.pools[pool].total} free now · {_rate(row, currency)}")
        for row in rows
        if pool in row.pools
    ]


def _rate(row: DeviceClassRow, currency: str) -> str:
    return "not priced" if row.rate_usd_per_hour is None else f"{money(row.rate_usd_per_hour, currency)}/h"
