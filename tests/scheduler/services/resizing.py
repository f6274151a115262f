"""Reservations whose mix is changed: what they hold by the rows, by their plan, and by the emulator's own file."""

from collections import Counter
from typing import Any

from fabric.models import Composition, ResourceBlock
from scheduler.models import Allocation, Operation, Reservation
from scheduler.parsing import parse_request
from scheduler.planning.invariants import broken
from scheduler.planning.plan import plan_from_wire
from scheduler.queries import boards
from scheduler.queries.snapshots import snapshot
from scheduler.resize_parsing import parse_resize
from scheduler.services.resize import Preview, preview, resize
from scheduler.services.submit import submit
from tests.scheduler.services.house import WORDS, House, Truth


def group(nodes: int, lines: dict[str, int], role: str = "", **more: Any) -> dict[str, Any]:
    ones = [{"device_class": code, "count": count} for code, count in lines.items()]
    return {"role": role, "nodes": nodes, "lines": ones, **more}


def book(house: House, mix: list[dict[str, Any]], *, project: str = "team-chat", **more: Any) -> Reservation:
    body = {"project": project, "pool": "lab", "mix": mix, "duration_minutes": 120, **more}
    owner = house.alice if project == "team-chat" else house.charlie
    request = parse_request(body, vocabulary=WORDS, now=house.clock.now)
    return submit(request=request, by=house.by(owner), now=house.clock.now)


def active(house: House, mix: list[dict[str, Any]], **more: Any) -> Reservation:
    reservation = book(house, mix, **more)
    house.settle()
    reservation.refresh_from_db()
    assert reservation.state == "active"
    return reservation


def ask(house: House, reservation: Reservation, body: dict[str, Any], **more: Any) -> Reservation:
    wish = parse_resize(body)
    return resize(reservation=reservation, wish=wish, by=house.by(house.alice), now=house.clock.now, **more)


def look(house: House, reservation: Reservation, body: dict[str, Any]) -> Preview:
    return preview(reservation=reservation, wish=parse_resize(body), now=house.clock.now)


def nodes_of(reservation: Reservation) -> dict[int, tuple[str, str, tuple[str, ...]]]:
    """By index: role, host, devices."""
    reservation.refresh_from_db()
    return {node.index: (node.role, node.host, node.blocks) for node in plan_from_wire(reservation.plan).nodes}


def blocks_of(reservation: Reservation) -> set[str]:
    return {code for _, _, blocks in nodes_of(reservation).values() for code in blocks}


def held(reservation: Reservation) -> set[str]:
    rows = Allocation.objects.filter(reservation=reservation, is_holding=True, block__isnull=False)
    return set(rows.values_list("block__code", flat=True))


def hosts_held(reservation: Reservation) -> set[str]:
    rows = Allocation.objects.filter(reservation=reservation, is_holding=True, host__isnull=False)
    return set(rows.values_list("host__code", flat=True))


def classes_of(codes: set[str]) -> Counter[str]:
    return Counter(ResourceBlock.objects.filter(code__in=codes).values_list("device_class__code", flat=True))


def assert_whole(house: House, truth: Truth, *reservations: Reservation) -> None:
    """Plan, rows and the fabric say the same, nobody else has anything, nothing is at work and no rule is broken."""
    wanted = {code for one in reservations for code in blocks_of(one)}
    assert truth.attached() == wanted
    for one in reservations:
        assert (held(one), hosts_held(one)) == (blocks_of(one), {host for _, host, _ in nodes_of(one).values()})
        live = Composition.objects.filter(owner=one.code).exclude(state="closed")
        assert {row.node: row.state for row in live} == dict.fromkeys(nodes_of(one), "composed")
        assert "change" not in one.plan
    assert truth.owners() == {one.code for one in reservations if blocks_of(one)}
    attached = set(ResourceBlock.objects.filter(state="attached").values_list("code", flat=True))
    assert attached == wanted
    assert Operation.objects.filter(state__in=["queued", "running"]).count() == 0
    assert_no_rule_broken(house)


def assert_no_rule_broken(house: House, project: str = "team-chat") -> None:
    boards.forget()
    seen = snapshot(pool_code="lab", project_slug=project, now=house.clock.now)
    assert broken(topology=seen.topology, commitments=seen.commitments, quotas=[seen.quota]) == ()
