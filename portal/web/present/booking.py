"""The form of a new reservation: each field with what was typed, what is wrong with it, and its choices."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.web.forms.edits import Removed
from portal.web.forms.payload import number
from portal.web.forms.typed import FOR, UNIT_MINUTES, TypedGroup, TypedLine, TypedRequest
from portal.web.present.booking_views import (
    BookingView,
    CapView,
    FieldView,
    GroupView,
    LengthView,
    LineView,
    MatchView,
    MoreView,
    Option,
    PickerView,
    SelectorView,
    UndoView,
)
from portal.web.present.matches import match_view
from portal.web.present.pickers import pick_groups
from portal.web.present.placement import PlacementFields, network_field, number_field
from portal.web.queries import PoolName
from portal.web.zones import known_zone, zone_names
from scheduler import limits
from scheduler.queries.presets import PresetRow
from scheduler.queries.projects import ProjectRow
from scheduler.queries.stock import Stock, StockRow
from scheduler.refusals import FieldError
from scheduler.requests import OnFailure
from scheduler.states import Priority

_GROUP = re.compile(r"mix\[(\d+)\]")
_LINE = re.compile(r"\.lines\[(\d+)\]")
_OTHER = re.compile(r"\.first_of\[(\d+)\]")
_OF_ALL_GROUPS = frozenset({"network", "rails", "pinned", "preempt", "on_failure"})
_SAVING = frozenset({"preset_name", "preset_purpose"})
_RENAMED = {
    "duration_minutes": "duration",
    "not_after": "wait_until",
    "waitlist.not_after": "wait_until",
    "placement.network": "network",
    "placement.rails": "rails",
}
_ON_FAILURE = (
    ("", "Swap it for an equal one; without one, call it off"),
    (OnFailure.DEGRADE, "Go on with fewer, and keep looking for an equal one"),
)
_PRIORITIES = (
    ("", "Normal: guaranteed once it is booked"),
    (Priority.PRODUCTION, "Production: guaranteed, and first on the waitlist"),
    (Priority.LOW, "Low: fills idle capacity, gives way to the others"),
)
_LENGTHS = (("1 h", 1, "hours"), ("4 h", 4, "hours"), ("8 h", 8, "hours"), ("1 day", 1, "days"))
_LONG_LENGTHS = (("3 days", 3, "days"), ("1 week", 7, "days"))
_CAP_STEPS = (0.9, 0.8, 0.7, 0.6, 0.5)  # of what the device draws at most
_CAP_ROUND_W = 5


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to choose from; `stock` is that of the chosen pool, None without one."""

    projects: Sequence[ProjectRow]
    pools: Sequence[PoolName]
    stock: Stock | None
    rows: Sequence[StockRow]
    now: datetime
    preset: PresetRow | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What comes with the form after an act of the person: what was taken away, and where the keyboard goes."""

    removed: Removed | None = None
    focus: str = ""


def input_name(path: str) -> str:
    """`mix[0].lines[1].count` → `group-0-line-1-count`; the first of several is the line itself."""
    named = _OTHER.sub(_other_name, _LINE.sub(r"-line-\1", _GROUP.sub(r"group-\1", path)))
    named = _RENAMED.get(named, named)
    return named.replace(".placement", "").replace(".host.", ".host_").replace(".", "-")


def _other_name(found: re.Match[str]) -> str:
    return f"-or-{int(found[1]) - 1}" if int(found[1]) else ""


def booking_view(
    typed: TypedRequest, *, choices: Choices, errors: Iterable[FieldError], shown: Shown = Shown()
) -> BookingView:
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
        lengths=_lengths(typed),
        is_open=any(getattr(typed, name) for name in _OF_ALL_GROUPS) or bool(said.keys() & _OF_ALL_GROUPS),
        stray=tuple(error for name, found in said.items() if name not in board.shown for error in found),
        is_only_group=len(typed.groups) == 1,
        has_room=len(typed.groups) < limits.GROUPS_MAX,
        copied_from=typed.copied_from,
        preset=choices.preset.name if choices.preset else "",
        preset_code=typed.preset,
        is_saving_open=bool(typed.preset_name or typed.preset_purpose or said.keys() & _SAVING),
        project_name=next((row.name for row in choices.projects if row.slug == typed.project), ""),
        zone_now=f"{choices.now.astimezone(known_zone(typed.zone)):%H:%M}",
        undo=_undo(shown.removed),
        focus=shown.focus,
    )


def _lengths(typed: TypedRequest) -> tuple[LengthView, ...]:
    """Lengths that are one press away."""
    return tuple(
        LengthView(
            action=f"length:{length * UNIT_MINUTES[unit]}",
            label=label,
            number=str(length),
            unit=unit,
            is_on=(typed.end, typed.duration.strip(), typed.duration_unit) == (FOR, str(length), unit),
        )
        for label, length, unit in (*_LENGTHS, *_LONG_LENGTHS)
    )


def _undo(removed: Removed | None) -> UndoView | None:
    if removed is None:
        return None
    at = removed.places[-1] + 1
    piece = removed.piece
    if isinstance(piece, TypedGroup):
        role = f" “{piece.role}”" if piece.role.strip() else ""
        return UndoView(f"Group {at}{role} was removed.", removed.action)
    what = "The choice" if removed.what == "other" else "The line"
    named = piece.device_class or piece.selector.strip()
    return UndoView(f"{what}{f' with {named}' if named else ''} was removed.", removed.action)


class _Board:
    """Puts fields up and remembers which names have a place, so that no error is lost."""

    def __init__(self, typed: TypedRequest, choices: Choices, said: Mapping[str, list[FieldError]]) -> None:
        self.typed, self.choices, self.said = typed, choices, said
        self.by_code = {row.facts.code: row for row in choices.rows}
        self.topology = choices.stock.topology if choices.stock else None
        self.shown: set[str] = set()

    def fields(self) -> dict[str, FieldView]:
        typed, choices = self.typed, self.choices
        picks = {
            "project": [(row.slug, f"{row.name} ({row.slug})") for row in choices.projects],
            "pool": [(row.code, f"{row.name} ({row.code})") for row in choices.pools],
            "zone": [(name, name.replace("_", " ")) for name in zone_names()],
            "duration_unit": [(unit, unit) for unit in UNIT_MINUTES],
            "priority": _PRIORITIES,
        }
        plain = ("title", "start", "starts_at", "starts_at_fold", "end", "duration", "ends_at", "ends_at_fold")
        names = (*plain, "hold_minutes", "preset_name", "preset_purpose", "wait_until", "wait_until_fold")
        fields = {name: self.field(name, getattr(typed, name)) for name in names}
        fields["pinned"] = self.field("pinned", "on", is_on=typed.pinned)
        fields["wait_auto"] = self.field("wait_auto", "on", is_on=typed.wait_auto)
        fields["preempt"] = self.field("preempt", "on", is_on=typed.preempt)
        return fields | {name: self.field(name, getattr(typed, name), pick) for name, pick in picks.items()}

    def fabric(self) -> tuple[MoreView, ...]:
        """Of all nodes of all groups."""
        policy = self.field("on_failure", self.typed.on_failure, _ON_FAILURE)
        return (
            network_field(self, "network", self.typed.network, self.topology),
            number_field(self, "rails", "Rails each", self.typed.rails),
            MoreView("If a device fails", "select", "", policy),
        )

    def group(self, at: int, group: TypedGroup) -> GroupView:
        prefix = f"group-{at}"
        role = group.role.strip()
        return GroupView(
            at=str(at),
            title=f"Group {at + 1}{f': {role}' if role else ''}",
            role=self.field(f"{prefix}-role", group.role),
            nodes=self.field(f"{prefix}-nodes", group.nodes),
            placement=PlacementFields(self, prefix, group, self.topology).view(),
            lines=tuple(
                self.line(f"{at}-{nth}", f"{prefix}-line-{nth}", line, f"Device class, group {at + 1}, line {nth + 1}")
                for nth, line in enumerate(group.lines)
            ),
            errors=self.words(prefix) + self.words(f"{prefix}-lines") + self.words(f"{prefix}-host"),
            moves=_moves(at, len(self.typed.groups)),
        )

    def line(self, at: str, prefix: str, line: TypedLine, label: str) -> LineView:
        picker = self.picker(f"{prefix}-device_class", line.device_class, label)
        selector = self.field(f"{prefix}-selector", line.selector)
        profile = self.profile(f"{prefix}-profile", line)
        cap = self.cap(f"{prefix}-power_cap_w", line)
        others = tuple(
            self.line(f"{at}-{nth}", f"{prefix}-or-{nth}", one, f"{label}, choice {nth + 2}")
            for nth, one in enumerate(line.others)
        )
        said = (selector, profile, cap.field)
        return LineView(
            at=at,
            prefix=prefix,
            picker=picker,
            count=self.field(f"{prefix}-count", line.count),
            selector=SelectorView(selector, self.matches(line)),
            profile=profile,
            cap=cap,
            is_open=any(one.value or one.error for one in said),
            others=others,
            errors=self.words(prefix) + self.words(f"{prefix}-first_of"),
        )

    def picker(self, name: str, code: str, label: str) -> PickerView:
        groups = pick_groups(self.choices.rows, chosen=code)
        chosen = next((option for group in groups for option in group.options if option.is_chosen), None)
        return PickerView(self.field(name, code), groups, chosen, label)

    def matches(self, line: TypedLine) -> MatchView | None:
        if self.choices.stock is None:
            return None
        cap = number(line.power_cap_w)
        return match_view(
            selector=line.selector,
            profile=line.profile.strip(),
            power_cap_w=cap if isinstance(cap, int) else None,
            stock=self.choices.stock,
        )

    def profile(self, name: str, line: TypedLine) -> FieldView:
        """Those of the class, or of any class here where none is chosen yet."""
        row = self.by_code.get(line.device_class)
        rows = [row] if row is not None else [] if line.device_class else list(self.choices.rows)
        profiles = list(dict.fromkeys(profile for one in rows for profile in one.profiles))
        pick = [("", "The whole device" if profiles else "No slices here"), *((one, one) for one in profiles)]
        typed = line.profile.strip()
        if typed and typed not in profiles:
            pick.append((line.profile, f"{typed} (not of this class)"))
        return self.field(name, line.profile, pick)

    def cap(self, name: str, line: TypedLine) -> CapView:
        row = self.by_code.get(line.device_class)
        field = self.field(name, line.power_cap_w)
        if row is None:
            return CapView(field, "no cap", str(limits.CAP_WATTS_MAX), ())
        most = row.facts.tdp_w
        steps = tuple(round(most * step / _CAP_ROUND_W) * _CAP_ROUND_W for step in _CAP_STEPS)
        return CapView(field, f"no cap: {most} W", str(most), steps)

    def field(self, name: str, value: str, pick: Iterable[tuple[str, str]] = (), *, is_on: bool = False) -> FieldView:
        options = tuple(Option(one, label, one == value) for one, label in pick)
        found = self.said.get(name, [])
        is_fold = any(error.code == "fold" for error in found) or bool(getattr(self.typed, f"{name}_fold", ""))
        return FieldView(name, value, " ".join(self.words(name)), options, is_on, is_fold)

    def words(self, name: str) -> tuple[str, ...]:
        self.shown.add(name)
        return tuple(error.message for error in self.said.get(name, ()))


def _moves(at: int, groups: int) -> tuple[tuple[str, str, str], ...]:
    moves = []
    if at:
        moves.append((f"move-group:{at}-{at - 1}", "chevron-left", "Move up"))
    if at + 1 < groups:
        moves.append((f"move-group:{at}-{at + 1}", "chevron-right", "Move down"))
    return tuple(moves)
