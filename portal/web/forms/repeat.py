"""What is typed into the form of a series → the body a program would send, and back. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from portal.api.body import parse
from portal.web.forms.payload import number
from scheduler.refusals import Invalid
from scheduler.series_parsing import REPEATED
from scheduler.states import Misfit

OWN_RULE = "rule"
RULES = {
    "daily": "FREQ=DAILY",
    "weekdays": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "weekly": "FREQ=WEEKLY",
    "fortnightly": "FREQ=WEEKLY;INTERVAL=2",
    "monthly": "FREQ=MONTHLY",
}
NOT_REPEATED = ("preempt", "elastic", "auto_extend_until", "hold_minutes")
TEXT_CHARS_MAX = 100_000


@dataclass(frozen=True, slots=True)
class TypedRepeat:
    """`wish` is the body of a reservation without its times, as JSON; the form carries it along."""

    wish: str = "{}"
    zone: str = "UTC"
    starts_local: str = ""
    minutes: str = "120"
    every: str = "weekly"
    count: str = "4"
    until: str = ""  # a day, where no count is given
    rule: str = ""
    skips: str = ""  # "on": what fits is booked
    in_gap: str = ""
    in_fold: str = ""
    left_out: str = ""  # names, of what was typed or copied, that no series repeats
    since: str = ""  # of a change: the first occurrence it is about


def read_repeat(post: Mapping[str, str]) -> TypedRepeat:
    names = {one.name for one in fields(TypedRepeat)}
    return TypedRepeat(
        **{"count": "", **{name: value[:TEXT_CHARS_MAX] for name, value in post.items() if name in names}}
    )


def left_out_of(body: Mapping[str, Any]) -> str:
    return " ".join(name for name in NOT_REPEATED if body.get(name))


def body_of(typed: TypedRepeat) -> dict[str, Any]:
    said = {"in_gap": typed.in_gap, "in_fold": typed.in_fold}
    return {
        **wish_of(typed),
        "rule": rule_of(typed),
        "time_zone": typed.zone,
        "starts_local": typed.starts_local,
        "duration_minutes": number(typed.minutes),
        "on_misfit": Misfit.SKIP if typed.skips else Misfit.REFUSE,
        **{name: value for name, value in said.items() if value},
    }


def wish_of(typed: TypedRepeat) -> dict[str, Any]:
    """Only what a series repeats; what is none of ours is nothing."""
    try:
        read = parse(typed.wish.encode("utf-8", "replace"))
    except Invalid:
        return {}
    if not isinstance(read, dict):
        return {}
    return {name: value for name, value in read.items() if name in REPEATED and _can_be_shown(name, value)}


def _can_be_shown(name: str, value: object) -> bool:
    """What the form says in words; of the rest the parser says what is wrong."""
    if name == "mix":
        return isinstance(value, list) and all(_is_group(group) for group in value)
    return name not in ("project", "pool") or isinstance(value, str)


def _is_group(group: object) -> bool:
    return isinstance(group, dict) and isinstance(group.get("lines") or [], list)


def rule_of(typed: TypedRepeat) -> str:
    if typed.every == OWN_RULE:
        return typed.rule
    rule = RULES.get(typed.every, "")
    ends = [f"COUNT={typed.count.strip()}"] if typed.count.strip() else []
    ends += [f"UNTIL={typed.until.replace('-', '')}"] if typed.until else []  # with both, the parser asks for one
    return ";".join([rule, *ends])


def with_rule(typed: TypedRepeat, rule: str) -> TypedRepeat:
    """The form filled in with a rule: by one of its words where that says the same."""
    *parts, last = rule.split(";")
    name, _, value = last.partition("=")
    words = {base: word for word, base in RULES.items()}
    if name == "COUNT" and ";".join(parts) in words:
        return replace(typed, every=words[";".join(parts)], count=value, until="", rule="")
    if name == "UNTIL" and len(value) == len("20300517") and ";".join(parts) in words:
        day = f"{value[:4]}-{value[4:6]}-{value[6:]}"
        return replace(typed, every=words[";".join(parts)], count="", until=day, rule="")
    if rule in words:
        return replace(typed, every=words[rule], count="", until="", rule="")
    return replace(typed, every=OWN_RULE, count="", until="", rule=rule)


def minutes_between(starts_at: str, ends_at: str) -> int:
    return round((datetime.fromisoformat(ends_at) - datetime.fromisoformat(starts_at)).total_seconds() / 60)
