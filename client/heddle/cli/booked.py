"""One reservation, one quote: what it is, where it is, how its nodes are wired step by step."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from heddle import shapes
from heddle.cli.moments import Zone
from heddle.cli.session import Session
from heddle.cli.tables import stated
from heddle.cli.words import STEP_SIGNS, between, devices, length, moment, money, number, period, plain

STEP_COLOURS = {"started": "cyan", "done": "green", "not_done": "red", "unknown": "yellow"}
STEP_CHARS = 12


def line(found: shapes.ReservationSummary, *, zone: Zone) -> Text:
    """The whole of it in one line, which begins with its code."""
    window = period(found["starts_at"], found["ends_at"], zone=zone)
    title = f"  {plain(found['title'])}" if found["title"] else ""
    return Text.assemble(f"{plain(found['code'])}  ", stated(found["state"]), f"  {window}{title}")


def show(session: Session, found: shapes.ReservationSummary) -> None:
    """What a verb answered: one line, or all of it as JSON."""
    session.show(found, lambda: line(found, zone=session.zone))


def reservation(found: shapes.Reservation, *, zone: Zone, now: datetime) -> RenderableType:
    facts = (
        ("project", plain(found["project"])),
        ("pool", plain(found["pool"])),
        ("devices", devices(found["devices"])),
        ("length", between(found["starts_at"], found["ends_at"])),
        ("price", money(found["price"])),
        ("energy", f"{number(found['energy']['estimate_kwh'])} kWh at most"),
        ("hold until", moment(found["hold_expires_at"], zone=zone) if found["hold_expires_at"] else ""),
        ("promise", plain(found["promise"])),
        ("gives way", moment(found["preempt_at"], zone=zone) if found["preempt_at"] else ""),
        ("why", plain(found["state_reason"])),
        ("goes without", ", ".join(plain(one["device_class"]) for one in found["shortfall"])),
        ("version", str(found["version"])),
        ("you may", ", ".join(plain(verb) for verb in found["verbs"])),
    )
    return Group(line(found, zone=zone), *_facts(facts), *_nodes(found["plan"]), *wiring(found, now=now))


def quote(found: shapes.Quote, *, zone: Zone) -> RenderableType:
    facts = (
        ("quote", plain(found["id"])),
        ("window", period(found["starts_at"], found["ends_at"], zone=zone)),
        ("price", money(found["price"])),
        ("power", f"{found['power']['watts']} W at most"),
        ("warm-up", length(found["warm_up_seconds"])),
        ("book it until", moment(found["expires_at"], zone=zone)),
    )
    warnings = [Text(f"Note: {plain(warning)}", style="yellow") for warning in found["plan"]["warnings"]]
    return Group(*_facts(facts), *_nodes(found["plan"]), *warnings)


def wiring(found: shapes.Reservation, *, now: datetime) -> Iterator[RenderableType]:
    """Each node's newest wiring with its steps, and how long each took or has taken so far."""
    newest: dict[int, shapes.Composition] = {}
    for one in found["compositions"]:
        if one["node"] not in newest or newest[one["node"]]["generation"] < one["generation"]:
            newest[one["node"]] = one
    for index, one in sorted(newest.items()):
        reach = f", at {plain(one['access']['address'])}" if one["access"].get("address") else ""
        yield Text(f"node {index + 1} on {plain(one['host'])}: {plain(one['state'])}{reach}")
        for step in one["steps"]:
            yield Text(f"  {step_line(step, now=now)}", style=STEP_COLOURS.get(step["state"], "dim"))


def step_line(step: shapes.Step, *, now: datetime) -> str:
    """`✓ compose      3.2 s  Bound 4 devices.`"""
    name = ("undo " if step["undo"] else "") + plain(step["kind"]).replace("_", " ")
    took = lasted(step, now=now)
    words = [STEP_SIGNS.get(step["state"], "?"), f"{name:<{STEP_CHARS}}", f"{took:>9}", plain(step["message"])]
    return "  ".join(word for word in words if word).rstrip()


def lasted(step: shapes.Step, *, now: datetime) -> str:
    if step["started_at"] is None:
        return ""
    end = datetime.fromisoformat(step["finished_at"]) if step["finished_at"] else now
    return length(max(0.0, (end - datetime.fromisoformat(step["started_at"])).total_seconds()))


def _facts(facts: Iterable[tuple[str, str]]) -> Iterator[Text]:
    return (Text(f"  {name:<13} {value}") for name, value in facts if value)


def _nodes(plan: shapes.Plan) -> Iterator[Text]:
    for node in plan["nodes"]:
        role = f" ({plain(node['role'])})" if node["role"] else ""
        yield Text(f"  {'node ' + str(node['index'] + 1):<13} {plain(node['host'])}{role}: {_counted(node['blocks'])}")


def _counted(blocks: Iterable[Mapping[str, Any]]) -> str:
    counts = Counter(str(block["device_class"]) for block in blocks)
    return devices({"device_class": code, "count": count} for code, count in counts.items())
