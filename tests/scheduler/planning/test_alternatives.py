"""What would fit instead: each kind once, worked out by hand, and every one of them granted when it is asked for."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from fabric.topology import NetworkFacts, PoolTopology
from scheduler import limits
from scheduler.planning.admission import decide
from scheduler.planning.alternatives.classes import as_good_as
from scheduler.planning.alternatives.zones import halved, without_zone
from scheduler.planning.index import PoolIndex
from scheduler.refusals import Alternative, Refused
from scheduler.requests import Line, Mix, ReservationRequest, Window
from tests.scheduler.planning.asking import refused
from tests.scheduler.planning.drawn import a_request, a_world
from tests.worlds import (
    CLASSES,
    GPU,
    NOW,
    NVME,
    ask,
    cards,
    commitments_of,
    device_class,
    group,
    host,
    pru,
    snapshot,
    taken,
    topology,
    two_hosts_eight_gpus,
    window,
    with_rack,
)

TWO_HOURS = timedelta(hours=2)


def kinds(refusal: Refused) -> list[str]:
    return [one.kind for one in refusal.alternatives]


def of_kind(refusal: Refused, kind: str) -> Alternative:
    return next(one for one in refusal.alternatives if one.kind == kind)


def in_a_row(count: int, *blocks: str) -> list[Any]:
    """Reservations of an hour each, from the asked window's start on, without a gap."""
    spans = (window(hours_ahead=24 + n, hours=1) for n in range(count))
    return [
        one
        for n, span in enumerate(spans)
        for one in taken(*blocks, host="host-1", when=span, reservation=f"r-{n}", with_host=False)
    ]


def test_the_next_start_is_after_the_last_of_a_row() -> None:
    refusal = refused(two_hosts_eight_gpus(), ask(group((NVME, 4))), commitments=in_a_row(3, "pru-1-b01"))

    start, later = NOW + timedelta(hours=27, minutes=5), of_kind(refusal, "start")
    assert (later.starts_at, later.ends_at, later.mix) == (start, start + TWO_HOURS, None)


def test_a_row_longer_than_starts_are_tried_is_passed_by_counting() -> None:
    held = in_a_row(200, "pru-1-b01")

    later = of_kind(refused(two_hosts_eight_gpus(), ask(group((NVME, 4))), commitments=held), "start")

    assert later.starts_at == NOW + timedelta(hours=224, minutes=5)


def test_the_start_before_ends_with_its_clean_up_where_the_first_begins() -> None:
    refusal = refused(two_hosts_eight_gpus(), ask(group((NVME, 4))), commitments=in_a_row(3, "pru-1-b01"))

    before = of_kind(refusal, "start_before")
    assert before.ends_at == NOW + timedelta(hours=24) - timedelta(minutes=5)
    assert before.starts_at == before.ends_at - TWO_HOURS


def test_there_is_no_start_before_now() -> None:
    held = taken("pru-1-b01", host="host-1", when=window(hours_ahead=2.1, hours=1), with_host=False)

    refusal = refused(two_hosts_eight_gpus(), ask(group((NVME, 4)), when=window(hours_ahead=2)), commitments=held)

    assert kinds(refusal) == ["start", "count"]


def test_a_gap_too_short_is_passed_over() -> None:
    early = taken("pru-1-b01", host="host-1", when=window(hours_ahead=24, hours=1), with_host=False)
    late = taken("pru-1-b01", host="host-1", when=window(hours_ahead=26, hours=1), reservation="r-2", with_host=False)

    refusal = refused(two_hosts_eight_gpus(), ask(group((NVME, 4))), commitments=[*early, *late])

    assert of_kind(refusal, "start").starts_at == NOW + timedelta(hours=27, minutes=5)


def test_no_start_is_offered_for_what_time_does_not_cure() -> None:
    assert kinds(refused(two_hosts_eight_gpus(), ask(group((GPU, 9))))) == ["count"]


def test_no_start_is_offered_beyond_the_calendar() -> None:
    held = taken("pru-1-b01", host="host-1", when=window(hours=24 * 40), with_host=False)

    assert kinds(refused(two_hosts_eight_gpus(), ask(group((NVME, 4))), commitments=held)) == ["start_before", "count"]


def test_the_last_start_of_the_calendar_is_offered_to_what_begins_after_it() -> None:
    late = ask(group((GPU, 1)), when=window(hours_ahead=24 * 28 + 1))

    refusal = refused(two_hosts_eight_gpus(), late)

    assert [(one.kind, one.starts_at) for one in refusal.alternatives] == [("start_before", NOW + timedelta(days=28))]


def test_the_count_of_the_line_that_is_blamed_is_made_smaller() -> None:
    held = taken("pru-1-b01", host="host-1", with_host=False)

    less = of_kind(refused(two_hosts_eight_gpus(), ask(group((GPU, 2), (NVME, 4))), commitments=held), "count")

    assert less.message == "3 × NVME-A in the same window."
    lines = [{"device_class": GPU, "count": 2}, {"device_class": NVME, "count": 3}]
    assert less.mix == ({"nodes": 1, "lines": lines},)


def with_better_gpus() -> PoolTopology:
    """Beside eight GPU-A, two dear ones with more memory and two cheap ones with less."""
    classes = (
        *CLASSES,
        device_class("gpu-dear", memory_gib=80, rate_usd_per_hour=Decimal(9)),
        device_class("gpu-fair", memory_gib=48, rate_usd_per_hour=Decimal(5)),
        device_class("gpu-small", memory_gib=24, rate_usd_per_hour=Decimal(1)),
    )
    more = [cards("pru-1", code, 2, first=at) for code, at in (("gpu-dear", 9), ("gpu-fair", 11), ("gpu-small", 13))]
    blocks = [*cards("pru-1", GPU, 8), *(card for run in more for card in run)]
    return two_hosts_eight_gpus(classes=classes, blocks=blocks)


def test_the_cheapest_class_that_is_as_good_is_offered() -> None:
    held = taken(*(f"pru-1-s{n:02d}" for n in range(1, 9)), host="host-1")

    other = of_kind(refused(with_better_gpus(), ask(group((GPU, 2))), commitments=held), "class")

    assert other.message == "2 × GPU-FAIR instead of GPU-A, in the same window."
    assert other.mix == ({"nodes": 1, "lines": [{"device_class": "gpu-fair", "count": 2}]},)


def test_what_is_published_of_the_class_asked_for_must_not_become_less() -> None:
    fast = {"memory_bandwidth_gbytes_per_s": 3_000}
    classes = (
        device_class("asked", attributes=fast),
        device_class("slow", attributes={"memory_bandwidth_gbytes_per_s": 2_000}),
        device_class("silent"),
        device_class("equal", attributes=fast),
        device_class("absent", attributes=fast),
        device_class("drive", "nvme", attributes=fast),
    )
    there = ("asked", "slow", "silent", "equal", "drive")
    blocks = [card for n, code in enumerate(there) for card in cards("pru-1", code, 1, first=n + 1)]
    index = PoolIndex(snapshot(two_hosts_eight_gpus(classes=classes, blocks=blocks)))

    assert [facts.code for facts in as_good_as("asked", index)] == ["equal"]
    assert [facts.code for facts in as_good_as("silent", index)] == ["asked", "equal", "slow"]
    assert list(as_good_as("unheard-of", index)) == []


def test_the_highest_cap_that_the_rack_bears_is_offered() -> None:
    """The rack has 1,400 W at rest and bears 660 W more, which is 82 for each of eight cards of 100."""
    world = with_rack(two_hosts_eight_gpus(), "rack-1", budget_w=1_400 + 660, cooling_w=50_000)

    capped = of_kind(refused(world, ask(group((GPU, 8)))), "power_cap")

    assert capped.message == "Each GPU-A held to 82 W, in the same window."
    assert capped.mix == ({"nodes": 1, "lines": [{"device_class": GPU, "count": 8, "power_cap_w": 82}]},)


def test_two_lines_are_held_to_the_same_share() -> None:
    """500 W for four cards of 100 W and two of 200 W: 480 at 60 % of each, 560 at 70 %."""
    world = with_rack(two_kinds(), "rack-1", budget_w=1_400 + 500, cooling_w=50_000)

    capped = of_kind(refused(world, ask(group((GPU, 4), ("gpu-b", 2)))), "power_cap")

    assert capped.message == "Each GPU-A held to 60 W and each GPU-B held to 120 W, in the same window."


def two_kinds() -> PoolTopology:
    blocks = [*cards("pru-1", GPU, 4), *cards("pru-1", "gpu-b", 2, first=5)]
    return two_hosts_eight_gpus(hosts=[host("host-1", driver_families_max=2), host("host-2")], blocks=blocks)


def test_no_cap_below_half_is_offered() -> None:
    world = with_rack(two_hosts_eight_gpus(), "rack-1", budget_w=1_400 + 399, cooling_w=50_000)

    assert "power_cap" not in kinds(refused(world, ask(group((GPU, 8)))))


def two_zones() -> PoolTopology:
    """Four GPUs in each of two zones, and an RDMA network that every host has a port for."""
    world = topology(
        hosts=[host("host-1", local_nics=1), host("host-2", zone="zone-2", local_nics=1)],
        prus=[pru("pru-1"), pru("pru-2", zone="zone-2")],
        blocks=[*cards("pru-1", GPU, 4), *cards("pru-2", GPU, 4, zone="zone-2")],
    )
    return replace(world, networks={"rdma-1": NetworkFacts("rdma-1", "RoCEv2", 1, 400, 16)})


def test_a_node_no_zone_can_hold_is_split_over_two_and_joined() -> None:
    joined = of_kind(refused(two_zones(), ask(group((GPU, 8), role="train"))), "zone")

    assert joined.message == "As 2 nodes of half the size joined by rdma-1."
    placement = {"network": "rdma-1"}
    lines = [{"device_class": GPU, "count": 4}]
    assert joined.mix == ({"role": "train", "nodes": 2, "lines": lines, "placement": placement},)


def test_an_odd_count_is_not_split() -> None:
    assert "zone" not in kinds(refused(two_zones(), ask(group((GPU, 7)))))


def test_halves_are_not_more_nodes_than_can_be_asked_for() -> None:
    def offered(nodes: int) -> list[int]:
        return [mix.groups[0].nodes for _, mix in halved(Mix((group((GPU, 8), nodes=nodes),)), ["rdma-1"])]

    assert offered(limits.NODES_PER_GROUP_MAX // 2) == [limits.NODES_PER_GROUP_MAX]
    assert offered(limits.NODES_PER_GROUP_MAX // 2 + 1) == []


@pytest.mark.parametrize(
    ("selector", "freed"),
    [
        ("device.zone == 'a' && device.memory_gib >= 40", "device.memory_gib >= 40"),
        (
            'device.kind == "gpu" && device.zone=="b" && device.tdp_w < 400',
            'device.kind == "gpu" && device.tdp_w < 400',
        ),
        ("device.zone == 'a'", "device.zone == 'a'"),
        ("device.zone == 'a' || device.kind == 'gpu'", "device.zone == 'a' || device.kind == 'gpu'"),
        ("!(device.kind == 'x' && device.zone == 'a')", "!(device.kind == 'x' && device.zone == 'a')"),
        ("device.name == 'x && device.zone == \"a\" && y'", "device.name == 'x && device.zone == \"a\" && y'"),
    ],
)
def test_only_a_term_of_its_own_is_taken_from_a_selector(selector: str, freed: str) -> None:
    assert without_zone(selector) == freed


def test_a_selector_tied_to_a_zone_is_freed() -> None:
    held = taken(*(f"pru-1-s{n:02d}" for n in range(1, 5)), host="host-1")
    mix = replace(group(), lines=(Line("", 4, selector="device.slot >= 1 && device.zone == 'zone-1'"),))

    freed = of_kind(refused(two_zones(), ask(mix), commitments=held), "zone")

    assert freed.mix == ({"nodes": 1, "lines": [{"selector": "device.slot >= 1", "count": 4}]},)


def test_the_body_of_an_alternative_is_the_one_sent_with_only_that_changed() -> None:
    sent = {"project": "team-chat", "pool": "tiny", "title": "Mine", "duration_minutes": 120, "mix": ["as sent"]}
    held = taken("pru-1-b01", host="host-1", with_host=False)
    request = replace(ask(group((NVME, 4))), wire=sent)

    refusal = refused(two_hosts_eight_gpus(), request, commitments=held)

    later, less = of_kind(refusal, "start"), of_kind(refusal, "count")
    assert later.request == {
        "project": "team-chat",
        "pool": "tiny",
        "title": "Mine",
        "mix": ["as sent"],
        "starts_at": "2026-11-24T10:05:00Z",
        "ends_at": "2026-11-24T12:05:00Z",
    }
    assert less.request == {**sent, "mix": list(less.mix or ())}


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_offered_is_granted(seed: int) -> None:
    """In small random worlds with a calendar: no alternative is a guess. Times and counts are granted as they stand."""
    chance = Random(seed)
    world = a_world(chance)
    held: list[Any] = []
    for nth in range(12):
        try:
            plan = decide(request=a_request(chance, world), snapshot=snapshot(world, commitments=held))
        except Refused as refusal:
            for one in refusal.alternatives:
                assert one.starts_at is not None and one.ends_at is not None
            continue
        held += commitments_of(plan, reservation=f"r-{nth}")
    request = a_request(chance, world)
    try:
        decide(request=request, snapshot=snapshot(world, commitments=held))
    except Refused as refusal:
        for one in refusal.alternatives:
            assert decide(request=_asked(request, one), snapshot=snapshot(world, commitments=held))


def _asked(request: ReservationRequest, one: Alternative) -> ReservationRequest:
    """Read back by hand: the classes, counts and caps of the changed mix."""
    assert one.starts_at is not None and one.ends_at is not None
    moved = replace(request, window=Window(one.starts_at, one.ends_at))
    if one.mix is None:
        return moved
    groups = tuple(
        replace(group, nodes=body["nodes"], lines=tuple(Line(**line) for line in body["lines"]))
        for group, body in zip(request.mix.groups, one.mix, strict=True)
    )
    return replace(moved, mix=replace(request.mix, groups=groups))
