"""What another mix would do, in words: which devices come and which go, where, for how much, and how long it takes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from portal.web.forms.resizing import TypedSize, TypedSizes
from portal.web.present.words import duration, money, plural, watts
from scheduler.models import Reservation
from scheduler.planning.change import Stage
from scheduler.services.resize import NodeChange, Preview
from scheduler.states import ReservationState

STAGE_WORDS: Mapping[str, str] = {
    Stage.ADDING: "What comes is being composed and proven; nothing is taken away before that.",
    Stage.REMOVING: "What came is proven; what goes is being taken apart, cleaned and given back.",
    Stage.UNDOING: "What was to come did not: what had come is given back, and it stays as it was.",
}


@dataclass(frozen=True, slots=True)
class CountField:
    """One number of the form."""

    name: str
    label: str
    value: str
    errors: tuple[str, ...]
    is_fixed: bool = False


@dataclass(frozen=True, slots=True)
class GroupField:
    title: str
    nodes: CountField
    lines: tuple[CountField, ...]


@dataclass(frozen=True, slots=True)
class MoveView:
    """One node: `act` in a word with its `tone`, and what it gets and gives up."""

    id: str
    node: str
    host: str
    act: str
    tone: str
    comes: tuple[str, ...]
    goes: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResizeView:
    moves: tuple[MoveView, ...]
    statement: str
    before: str
    after: str
    difference: str
    power: str
    length: str
    refusals: tuple[str, ...]
    offers: tuple[str, ...]
    is_same: bool

    @property
    def is_possible(self) -> bool:
        return not self.is_same and not self.refusals


def group_fields(sizes: TypedSizes, *, names: Mapping[str, str]) -> tuple[GroupField, ...]:
    return tuple(_group(nth, group, names) for nth, group in enumerate(sizes.groups))


def resize_view(found: Preview, *, reservation: Reservation, names: Mapping[str, str]) -> ResizeView:
    is_active = reservation.state == ReservationState.ACTIVE
    is_priced = bool(reservation.price["parts"]) or bool(found.usd)
    difference = found.usd - found.usd_before
    return ResizeView(
        moves=tuple(_move(one, found, names, is_active=is_active) for one in found.nodes),
        statement=_statement(found, is_active=is_active),
        before=_priced(found.usd_before, is_priced=is_priced),
        after=_priced(found.usd, is_priced=is_priced),
        difference=_difference(difference) if is_priced else "",
        power=f"{watts(found.watts_before)} at worst before, {watts(found.watts)} after",
        length=f"about {duration(timedelta(seconds=found.seconds))} for each step" if found.seconds else "",
        refusals=tuple(refusal.message for refusal in found.refusals),
        offers=tuple(one.message for one in found.alternatives),
        is_same=found.is_same,
    )


def _group(nth: int, group: TypedSize, names: Mapping[str, str]) -> GroupField:
    title = group.role or f"Group {nth + 1}"
    lines = tuple(
        CountField(
            name=line.name,
            label=names.get(line.words, line.words) or "One of several",
            value=line.count,
            errors=line.errors,
            is_fixed=not line.words,
        )
        for line in group.lines
    )
    return GroupField(title, CountField(group.name, "Nodes", group.nodes, group.errors), lines)


def _move(one: NodeChange, found: Preview, names: Mapping[str, str], *, is_active: bool) -> MoveView:
    act, tone = _act(one, is_active=is_active)
    notes = [f"was “{one.was_role}”, is “{one.role}” then; nothing is wired anew"] if one.was_role else []
    notes += ["the host starts again, which stops what runs on it"] if one.needs_reboot and not one.is_new else []
    number = f"Node {one.node + 1}" if is_active else one.host
    return MoveView(
        id=f"move-{one.node + 1}-{one.host}",
        node=f"{number}, {one.role}" if one.role else number,
        host=one.host if is_active else "",
        act=act,
        tone=tone,
        comes=_devices(one.comes, found, names),
        goes=_devices(one.goes, found, names),
        notes=tuple(notes),
    )


def _act(one: NodeChange, *, is_active: bool) -> tuple[str, str]:
    if one.is_new:
        return ("Is composed" if is_active else "Comes"), "ok"
    if one.is_gone:
        return ("Is taken apart" if is_active else "Goes"), "bad"
    return ("Changes its role", "info") if one.was_role else ("Changes", "info")


def _devices(codes: tuple[str, ...], found: Preview, names: Mapping[str, str]) -> tuple[str, ...]:
    """`2 × H100 NVL 94 GB: pru-01-s01, pru-01-s02`."""
    classes = found.classes or {}
    counts = Counter(classes[code] for code in codes)
    return tuple(
        f"{count}\u00a0×\u00a0{names.get(of, of)}: {', '.join(code for code in codes if classes[code] == of)}"
        for of, count in sorted(counts.items())
    )


def _statement(found: Preview, *, is_active: bool) -> str:
    kept = f"{plural(found.kept, 'device')} {'stays' if found.kept == 1 else 'stay'}"
    if not is_active:
        return f"It is planned anew in the same window; {kept} the same. Nothing is wired yet."
    comes, goes = (
        any(one.comes or one.is_new for one in found.nodes),
        any(one.goes or one.is_gone for one in found.nodes),
    )
    if comes and goes:
        order = "What comes is composed and proven first; only then is what goes taken apart, cleaned and given back."
    elif comes:
        order = "What comes is composed and proven beside what you have."
    elif goes:
        order = "What goes is taken apart, cleaned and given back; what runs on it is stopped."
    else:
        order = "No device comes or goes."
    failing = " If something cannot be added, everything stays as it was." if comes else ""
    return f"{order} {kept[0].upper()}{kept[1:]} where they are.{failing}"


def _priced(usd: Decimal, *, is_priced: bool) -> str:
    return money(usd, "USD") if is_priced else "not priced"


def _difference(usd: Decimal) -> str:
    if not usd:
        return "no change"
    return f"{money(abs(usd), 'USD')} {'more' if usd > 0 else 'less'}"
