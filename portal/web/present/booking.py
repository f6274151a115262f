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
from scheduler.requests import OnFailure

_GROUP = re.compile(r"mix\[(\d+)\]")
_LINE = re.compile(r"\.lines\[(\d+)\]")
_OTHER = re.compile(r"\.first_of\[(\d+)\]")
_OF_ALL_GROUPS = frozenset({"network", "rails", "pinned", "on_failure"})
_RENAMED = {"duration_minutes": "duration", "placement.network": "network", "placement.rails": "rails"}


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
class MoreView:
    """`kind` is text, number or select; `hint` a short example."""

    label: str
    kind: str
    hint: str
    field: FieldView


@dataclass(frozen=True, slots=True)
class LineView:
    """`more` are the fields that are seldom used, with their labels and hints; `others` what is taken instead."""

    at: str
    prefix: str
    device_class: FieldView
    count: FieldView
    more: tuple[MoreView, ...]
    is_open: bool
    others: tuple["LineView", ...]
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupView:
    at: str
    title: str
    role: FieldView
    nodes: FieldView
    host_class: FieldView
    flags: tuple[tuple[str, FieldView], ...]
    more: tuple[MoreView, ...]
    is_open: bool
    lines: tuple[LineView, ...]
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BookingView:
    fields: Mapping[str, FieldView]
    groups: tuple[GroupView, ...]
    errors: tuple[FieldError, ...]  # all of them, for the summary
    stray: tuple[FieldError, ...]  # those without a place of their own
    more: tuple[MoreView, ...]
    is_open: bool
    is_only_group: bool
    copied_from: str


@dataclass(frozen=True, slots=True)
class Choices:
    projects: Sequence[ProjectRow]
    pools: Sequence[PoolName]
    classes: Sequence[DeviceClassRow]
    host_classes: Sequence[str]
    networks: Sequence[str] = ()


_FLAGS = (
    ("same_pru", "All accelerators of a node in one PRU"),
    ("same_switch", "All accelerators of a node on one switch"),
    ("p2p", "Accelerators of a node reach each other directly"),
    ("allow_bridge_split", "Bridged pairs may be split"),
)
_ON_FAILURE = (
    ("", "Swap it for an equal one; without one, call it off"),
    (OnFailure.DEGRADE, "Go on with fewer, and keep looking for an equal one"),
)
_NEARNESS = (("", "Anywhere"), ("pru", "In the same PRU"), ("switch", "On the same switch"))
_LINE_MORE = (
    ("selector", "Or any device that is", "text", "device.kind == 'gpu' && device.memory_gib >= 40"),
    ("profile", "Slices (MIG profile)", "text", "3g.40gb"),
    ("power_cap_w", "Power cap, W each", "number", ""),
)


def input_name(path: str) -> str:
    """`mix[0].lines[1].count` → `group-0-line-1-count`; the first of several is the line itself."""
    named = _OTHER.sub(_other_name, _LINE.sub(r"-line-\1", _GROUP.sub(r"group-\1", path)))
    named = _RENAMED.get(named, named)
    return named.replace(".placement", "").replace(".host.", ".host_").replace(".", "-")


def _other_name(found: re.Match[str]) -> str:
    return f"-or-{int(found[1]) - 1}" if int(found[1]) else ""


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
        more=board.fabric(),
        is_open=bool(typed.network or typed.rails or typed.pinned or typed.on_failure or said.keys() & _OF_ALL_GROUPS),
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
        fields["pinned"] = self.field("pinned", "on", is_on=typed.pinned)
        return fields | {name: self.field(name, getattr(typed, name), pick) for name, pick in picks.items()}

    def fabric(self) -> tuple[MoreView, ...]:
        """Of all nodes of all groups."""
        policy = self.field("on_failure", self.typed.on_failure, _ON_FAILURE)
        return (
            self._network("network", self.typed.network),
            self._number("rails", "Rails each", self.typed.rails),
            MoreView("If a device fails", "select", "", policy),
        )

    def group(self, at: int, group: TypedGroup) -> GroupView:
        prefix = f"group-{at}"
        hosts = [("", "Any host")] + [(name, name) for name in self.choices.host_classes]
        more = self.placement(prefix, group)
        return GroupView(
            at=str(at),
            title=f"Group {at + 1}",
            role=self.field(f"{prefix}-role", group.role),
            nodes=self.field(f"{prefix}-nodes", group.nodes),
            host_class=self.field(f"{prefix}-host_class", group.host_class, hosts),
            flags=tuple(
                (label, self.field(f"{prefix}-{flag}", "on", is_on=getattr(group, flag))) for flag, label in _FLAGS
            ),
            more=more,
            is_open=_is_said(more),
            lines=tuple(self.line(f"{at}-{nth}", f"{prefix}-line-{nth}", line) for nth, line in enumerate(group.lines)),
            errors=self.words(prefix) + self.words(f"{prefix}-lines") + self.words(f"{prefix}-host"),
        )

    def placement(self, prefix: str, group: TypedGroup) -> tuple[MoreView, ...]:
        spread = [("", "Not asked for"), ("rack", "Racks"), ("pru", "PRUs")]
        picks = (
            ("spread", "Keep nodes in different", spread),
            ("nic_affinity", "NICs near the accelerators", _NEARNESS),
            ("storage_affinity", "Drives near the accelerators", _NEARNESS),
        )
        return (
            self._number(f"{prefix}-host_cores", "Host with at least … cores", group.host_cores),
            self._number(f"{prefix}-host_memory_gib", "Host with at least … GiB", group.host_memory_gib),
            *(
                MoreView(label, "select", "", self.field(f"{prefix}-{name}", getattr(group, name), pick))
                for name, label, pick in picks
            ),
            self._network(f"{prefix}-network", group.network),
            self._number(f"{prefix}-rails", "Rails each", group.rails),
        )

    def _network(self, name: str, value: str) -> MoreView:
        codes = dict.fromkeys([*self.choices.networks, *([value] if value else [])])
        pick = [("", "Not asked for"), *((code, code) for code in codes)]
        return MoreView("RDMA network", "select", "", self.field(name, value, pick))

    def _number(self, name: str, label: str, value: str) -> MoreView:
        return MoreView(label, "number", "", self.field(name, value))

    def line(self, at: str, prefix: str, line: TypedLine) -> LineView:
        pick = [
            ("", "Choose a device class"),
            *_class_options(self.choices.classes, self.typed.pool, self.choices.pools),
        ]
        if line.device_class and line.device_class not in {value for value, _ in pick}:
            pick.append((line.device_class, f"{line.device_class} (not in this pool)"))
        more = tuple(
            MoreView(label, kind, hint, self.field(f"{prefix}-{name}", getattr(line, name)))
            for name, label, kind, hint in _LINE_MORE
        )
        return LineView(
            at=at,
            prefix=prefix,
            device_class=self.field(f"{prefix}-device_class", line.device_class, pick),
            count=self.field(f"{prefix}-count", line.count),
            more=more,
            is_open=_is_said(more) or bool(line.others),
            others=tuple(self.line(f"{at}-{nth}", f"{prefix}-or-{nth}", one) for nth, one in enumerate(line.others)),
            errors=self.words(prefix) + self.words(f"{prefix}-first_of"),
        )

    def field(self, name: str, value: str, pick: Iterable[tuple[str, str]] = (), *, is_on: bool = False) -> FieldView:
        options = tuple(Option(one, label, one == value) for one, label in pick)
        found = self.said.get(name, [])
        is_fold = any(error.code == "fold" for error in found) or bool(getattr(self.typed, f"{name}_fold", ""))
        return FieldView(name, value, " ".join(self.words(name)), options, is_on, is_fold)

    def words(self, name: str) -> tuple[str, ...]:
        self.shown.add(name)
        return tuple(error.message for error in self.said.get(name, ()))


def _is_said(more: Iterable[MoreView]) -> bool:
    """What is folded away opens where something was typed, or is wrong."""
    return any(one.field.value or one.field.error for one in more)


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
