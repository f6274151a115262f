from dataclasses import replace
from datetime import timedelta

from scheduler.planning.invariants import broken
from scheduler.planning.snapshot import QuotaFacts
from tests.scheduler.planning.asking import grant
from tests.shipped import pod
from tests.worlds import (
    GPU,
    ask,
    cards,
    commitments_of,
    group,
    host,
    pru,
    system,
    taken,
    topology,
    two_hosts_eight_gpus,
    window,
    with_host,
    with_rack,
)

WORLD = two_hosts_eight_gpus()


def _found(world, commitments, **more):
    return [
        (one.invariant, one.what, one.need, one.have) for one in broken(topology=world, commitments=commitments, **more)
    ]


def test_a_granted_plan_breaks_nothing() -> None:
    assert _found(WORLD, commitments_of(grant(WORLD, ask(group((GPU, 4), nodes=2))))) == []


def test_a_block_and_a_host_of_two_reservations() -> None:
    both = [*taken("pru-1-s01", host="host-1"), *taken("pru-1-s01", host="host-1", reservation="r-2")]

    assert _found(WORLD, both) == [(1, "pru-1-s01 belongs to several", 2, 1), (1, "host-1 belongs to several", 2, 1)]


def test_windows_that_touch_share_nothing() -> None:
    first = window()
    next_one = replace(first, starts_at=first.ends_at, ends_at=first.ends_at + timedelta(hours=1))

    both = [
        *taken("pru-1-s01", host="host-1", when=first),
        *taken("pru-1-s01", host="host-1", when=next_one, reservation="r-2"),
    ]

    assert _found(WORLD, both) == []


def test_what_happens_outside_the_span_asked_about_is_not_looked_at() -> None:
    both = [*taken("pru-1-s01", host="host-1"), *taken("pru-1-s01", host="host-2", reservation="r-2")]
    late = window(hours_ahead=48)

    assert _found(WORLD, both, within=(late.starts_at, late.ends_at)) == []


def test_watts_and_heat_of_a_rack() -> None:
    # 1,400 at rest + 3 × 100
    world = with_rack(WORLD, "rack-1", budget_w=1_699, cooling_w=1_650)

    assert _found(world, taken("pru-1-s01", "pru-1-s02", "pru-1-s03", host="host-1")) == [
        (3, "rack-1 power", 1_700, 1_699),
        (3, "rack-1 cooling", 1_700, 1_650),
    ]


def test_the_limits_of_a_host() -> None:
    world = topology(
        hosts=[host("host-1", max_accelerators=1, mmio_high_gib=100, driver_families_max=1, ports=())],
        prus=[pru("pru-1", uplinks=())],
        blocks=[*cards("pru-1", GPU, 1), *cards("pru-1", "gpu-b", 1, first=2)],
    )

    assert _found(world, taken("pru-1-s01", "pru-1-s02", host="host-1")) == [
        (3, "r-1 node 0 accelerators", 2, 1),
        (3, "r-1 node 0 address space", 128, 100),
        (3, "r-1 node 0 driver families", 2, 1),
        (3, "r-1 node 0 ports", 1, 0),
        (3, "pru-1 uplinks", 1, 0),
    ]


def test_a_block_of_another_zone() -> None:
    world = with_host(WORLD, "host-1", zone="zone-2")

    assert _found(world, taken("pru-1-s01", host="host-1")) == [(3, "r-1 node 0 devices out of reach", 1, 0)]


def test_a_fixed_system_in_a_size_it_has_not() -> None:
    machine, blocks = system("sys-1", "board-a", partitions=(8, 4))
    world = topology(hosts=[machine], prus=[], blocks=blocks)

    assert _found(world, taken("sys-1-s01", "sys-1-s02", "sys-1-s03", host="sys-1")) == [
        (3, "r-1 node 0 partition", 3, 0)
    ]
    assert _found(world, taken("sys-1-s01", "sys-1-s02", "sys-1-s03", "sys-1-s04", host="sys-1")) == []


def test_devices_at_once() -> None:
    held = taken("pru-1-s01", "pru-1-s02", "pru-1-b01", host="host-1", project="team-a")
    quotas = [QuotaFacts("team-a", 1, {"nvme-a": 0}, per_kind_max={"gpu": 1, "nvme": 1}), QuotaFacts("team-b", 0)]

    assert _found(WORLD, held, quotas=quotas) == [
        (3, "team-a accelerators", 2, 1),
        (3, "team-a nvme-a", 1, 0),
        (3, "team-a gpu", 2, 1),
    ]


def _set(commitments, **changes):
    """Those of hosts, or those of blocks if it is watts that are set."""
    is_block = "watts" in changes
    return [replace(one, **changes) if one.is_host is not is_block else one for one in commitments]


def test_a_power_cap_is_what_is_counted() -> None:
    # 1,400 W at rest, 2 cards of 100 W.
    held = taken("pru-1-s01", "pru-1-s02", host="host-1")
    world = with_rack(WORLD, "rack-1", budget_w=1_520)

    assert _found(world, held) == [(3, "rack-1 power", 1_600, 1_520)]
    assert _found(world, _set(held, watts=60)) == []
    assert _found(world, _set(held, watts=61)) == [(3, "rack-1 power", 1_522, 1_520)]


def test_a_cap_is_no_more_than_the_card_draws_and_the_slot_gives() -> None:
    held = taken("pru-1-s01", host="host-1")
    weak = replace(WORLD, prus={"pru-1": replace(WORLD.prus["pru-1"], slot_max_w={"accelerator": 90})})

    assert _found(WORLD, _set(held, watts=101)) == [(3, "pru-1-s01 cap", 101, 100)]
    assert _found(weak, held) == [(3, "pru-1-s01 slot", 100, 90)]
    assert _found(weak, _set(held, watts=90)) == []


def test_bus_numbers_of_a_host() -> None:
    # One PRU × 13 + 3 devices × 2 = 19.
    held = taken("pru-1-s01", "pru-1-b01", "pru-1-n01", host="host-1")

    assert _found(with_host(WORLD, "host-1", bus_numbers=18), held) == [(3, "r-1 node 0 bus numbers", 19, 18)]
    assert _found(with_host(WORLD, "host-1", bus_numbers=19), held) == []


def test_cxl_memory_in_a_bay_and_on_a_host_that_speak_it() -> None:
    held = taken("pru-15-b01", host="host-09")
    plain = replace(pod().prus["pru-15"], slot_protocols={"bay": ("PCIe",)})

    assert _found(pod(), held) == []
    assert _found(with_host(pod(), "host-09", port_generation=4), held) == [(3, "r-1 node 0 CXL", 1, 0)]
    assert _found(replace(pod(), prus={**pod().prus, "pru-15": plain}), held) == [(3, "r-1 node 0 CXL", 1, 0)]


def test_ports_of_a_network_and_of_a_node() -> None:
    """The pod's rdma-1 has 2 rails; host-01 has one NIC of its own, host-07 two."""
    two = [*taken(host="host-07"), *taken(host="host-08", node=1)]
    small = replace(pod(), networks={"rdma-1": replace(pod().networks["rdma-1"], switch_ports=3)})

    assert _found(pod(), _set(two, network="rdma-1", rails=2)) == []
    assert _found(small, _set(two, network="rdma-1", rails=2)) == [(3, "rdma-1 switch ports", 4, 3)]
    assert _found(pod(), _set(taken(host="host-01"), network="rdma-1", rails=2)) == [(3, "r-1 node 0 RDMA ports", 2, 1)]
    assert _found(pod(), _set(taken("pru-01-n01", host="host-01"), network="rdma-1", rails=2)) == []
    assert _found(pod(), _set(taken(host="host-07"), network="rdma-2", rails=2)) == [(3, "r-1 node 0 rails", 2, 1)]


def test_a_reservation_is_on_one_network_with_equal_rails() -> None:
    first, second = taken(host="host-07"), taken(host="host-08", node=1)

    assert _found(pod(), [*_set(first, network="rdma-1", rails=1), *_set(second, network="rdma-2", rails=1)]) == [
        (3, "r-1 networks", 2, 1)
    ]
    assert _found(pod(), [*_set(first, network="rdma-1", rails=1), *_set(second, network="rdma-1", rails=2)]) == [
        (3, "r-1 kinds of rails", 2, 1)
    ]
