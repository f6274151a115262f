"""What the templates of the builder show: fields with what was typed, what is wrong with it, and its choices."""

from collections.abc import Mapping
from dataclasses import dataclass

from scheduler.refusals import FieldError


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
    """`kind` is text, number or select; `hint` a short example, `help` what it means and when one wants it."""

    label: str
    kind: str
    hint: str
    field: FieldView
    help: str = ""


@dataclass(frozen=True, slots=True)
class CheckView:
    label: str
    field: FieldView
    help: str


@dataclass(frozen=True, slots=True)
class PickOption:
    """One class in the picker. `label` is all of it in one line, for a list without scripts."""

    value: str
    label: str
    is_chosen: bool
    name: str
    free: str
    facts: str
    price: str
    is_gone: bool = False  # none of it is free now


@dataclass(frozen=True, slots=True)
class PickGroup:
    label: str
    options: tuple[PickOption, ...]


@dataclass(frozen=True, slots=True)
class PickerView:
    field: FieldView
    groups: tuple[PickGroup, ...]
    chosen: PickOption | None
    label: str


@dataclass(frozen=True, slots=True)
class PlaceOfError:
    """A selector around the word that is wrong."""

    before: str
    word: str
    after: str
    message: str


@dataclass(frozen=True, slots=True)
class MatchView:
    """`words` is the count, `classes` each with how much of it is free; or where the selector is wrong."""

    words: str = ""
    classes: tuple[str, ...] = ()
    tone: str = "ok"
    error: PlaceOfError | None = None


@dataclass(frozen=True, slots=True)
class SelectorView:
    field: FieldView
    matches: MatchView | None


@dataclass(frozen=True, slots=True)
class CapView:
    """`steps` are caps one may choose from; any other number up to `most` may be typed."""

    field: FieldView
    hint: str
    most: str
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LineView:
    """`others` are what is taken instead. `is_selected`: by a selector, no class is named."""

    at: str
    prefix: str
    picker: PickerView
    count: FieldView
    selector: SelectorView
    profile: FieldView
    cap: CapView
    is_open: bool
    others: tuple["LineView", ...]
    errors: tuple[str, ...]

    @property
    def device_class(self) -> FieldView:
        return self.picker.field


@dataclass(frozen=True, slots=True)
class PlacementView:
    """`words` is all of it that was asked for, in one line."""

    words: str
    is_open: bool
    checks: tuple[CheckView, ...]
    nodes: tuple[MoreView, ...]
    hosts: tuple[MoreView, ...]
    near: tuple[MoreView, ...]


@dataclass(frozen=True, slots=True)
class GroupView:
    """`moves` are the buttons that change its place: action, icon, words."""

    at: str
    title: str
    role: FieldView
    nodes: FieldView
    placement: PlacementView
    lines: tuple[LineView, ...]
    errors: tuple[str, ...]
    moves: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class UndoView:
    words: str
    action: str


@dataclass(frozen=True, slots=True)
class LengthView:
    action: str
    label: str
    number: str
    unit: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class BookingView:
    """`focus` is the id of what the keyboard should be on after an edit."""

    fields: Mapping[str, FieldView]
    groups: tuple[GroupView, ...]
    errors: tuple[FieldError, ...]  # all of them, for the summary
    stray: tuple[FieldError, ...]  # those without a place of their own
    more: tuple[MoreView, ...]
    lengths: tuple[LengthView, ...]
    is_open: bool
    is_only_group: bool
    has_room: bool  # for one more group
    copied_from: str
    preset: str  # name of the preset it was filled in from
    preset_code: str
    is_saving_open: bool
    project_name: str
    zone_now: str
    undo: UndoView | None = None
    focus: str = ""
