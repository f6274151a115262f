from datetime import timedelta

import pytest

from fabric.topology import PoolTopology
from scheduler.planning.rules import availability
from tests.scheduler.planning.asking import grant, refused, rows
from tests.scheduler.planning.drafting import drafted
from tests.shipped import catalogue_only, lab, pod
from tests.worlds import GPU, NOW, NVME, ask, group, taken, two_hosts_eight_gpus, window, with_block

FIELD = "mix[0].lines[0].count"


def test_more_than_the_pool_has_is_unavailable_at_any_time() -> None:
    world = two_hosts_eight_gpus()

    assert rows(world, ask(group((NVME, 5)))) == [("DEVICE_UNAVAILABLE", FIELD, 5, 4, "devices")]
    assert grant(world, ask(group((NVME, 4))))


def test_a_broken_or_cordoned_device_is_unavailable() -> None:
    world = with_block(two_hosts_eight_gpus(), "pru-1-b01", is_usable=False)

    assert rows(world, ask(group((NVME, 4)))) == [("DEVICE_UNAVAILABLE", FIELD, 4, 3, "devices")]
    assert grant(world, ask(group((NVME, 3)))).nodes[0].blocks == ("pru-1-b02", "pru-1-b03", "pru-1-b04")


def test_a_class_the_pool_has_none_of_is_unavailable() -> None:
    assert rows(two_hosts_eight_gpus(), ask(group(("gpu-b", 1)))) == [("DEVICE_UNAVAILABLE", FIELD, 1, 0, "devices")]


def test_nodes_and_groups_are_summed() -> None:
    # 2 × 2 + 1 = 5 drives
    request = ask(group((NVME, 2), nodes=2), group((NVME, 1)))

    assert rows(two_hosts_eight_gpus(), request) == [("DEVICE_UNAVAILABLE", FIELD, 5, 4, "devices")]


def test_what_others_hold_is_busy_with_the_next_free_start() -> None:
    # The drive is held for the window and its clean-up: 10:00 + 5 minutes; then come 5 minutes of set-up.
    span = window(hours=2)
    held = taken("pru-1-b01", host="host-1", when=span)

    refusal = refused(two_hosts_eight_gpus(), ask(group((NVME, 4))), commitments=held).refusals[0]

    assert (refusal.code.value, refusal.field, refusal.need, refusal.have) == ("DEVICE_BUSY", FIELD, 4, 3)
    assert [(one.kind, one.value) for one in refusal.suggestions] == [("start", "2026-11-24T10:05:00Z"), ("count", 3)]
    assert "NVME-A" in refusal.message
    assert grant(two_hosts_eight_gpus(), ask(group((NVME, 3))), commitments=held)


@pytest.mark.parametrize(("minutes", "is_granted"), [(9, False), (10, True)])
def test_padding_is_busy_too(minutes: int, is_granted: bool) -> None:
    """A window that ends at 10:00 is cleaned up until 10:05.

    The next may begin its set-up then, and its window at 10:10.
    """
    first = grant(two_hosts_eight_gpus(), ask(group((GPU, 8))))
    held = taken(*first.nodes[0].blocks, host="host-1", when=window(hours=2 + 5 / 60))
    after = window(hours_ahead=26 + minutes / 60)

    if is_granted:
        assert grant(two_hosts_eight_gpus(), ask(group((GPU, 8)), when=after), commitments=held)
    else:
        assert rows(two_hosts_eight_gpus(), ask(group((GPU, 8)), when=after), commitments=held) == [
            ("DEVICE_BUSY", FIELD, 8, 0, "devices")
        ]


def test_the_setup_of_a_window_that_starts_now_is_cut_at_now() -> None:
    """What ended a minute ago is free for one who starts in two, though set-up would reach back behind it."""
    just_ended = window(hours_ahead=-2, hours=2 - 1 / 60)
    held = taken("pru-1-b01", host="host-1", when=just_ended)

    plan = grant(two_hosts_eight_gpus(), ask(group((NVME, 4)), when=window(hours_ahead=2 / 60)), commitments=held)

    assert plan.busy_from == NOW
    assert plan.busy_until == plan.ends_at + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("poolability", "words"),
    [
        ("cloud_only", "is rented from its maker's cloud and is never in a pool"),
        ("vendor_internal", "is not sold and can never be booked"),
        ("whole_system", "can be booked only as a whole system, of which the pool has none"),
        ("pcie_composable", "cannot be composed in a pool"),
    ],
)
def test_what_no_pool_can_hold_is_not_poolable(poolability: str, words: str) -> None:
    request = ask(group(("moon-chip", 1), (GPU, 1)))

    refusals = refused(two_hosts_eight_gpus(), request, only={"moon-chip": poolability}).refusals

    assert [(one.code.value, one.field, one.message) for one in refusals] == [
        ("NOT_POOLABLE", FIELD, f"moon-chip {words}.")
    ]


def _nearest(world: PoolTopology, device_class: str) -> list[tuple[str, object]]:
    case, _ = drafted(world, ask(group((device_class, 1)), pool=world.pool), ("host-01",), only=catalogue_only())
    (refusal,) = availability.not_poolable(case)
    return [(one.kind, one.value) for one in refusal.suggestions]


@pytest.mark.parametrize(
    ("device_class", "in_lab", "in_pod"),
    [
        # A TPU v5e has 16 GiB and is sold as a system: any GPU or XPU will do, of which the L40S with 48 is the least.
        ("google-tpu-v5e", "nvidia-l40s-48gb", "nvidia-l40s-48gb"),
        # A GB200 GPU has 186 GiB: more than any GPU of the lab; in the pod the MI325X has 256.
        ("nvidia-gb200-nvl72", None, "amd-mi325x-256gb"),
        # An MTIA is an XPU of 128 GiB: the lab has no XPU; the Gaudi 3 of the pod has as much, Corsair has 256.
        ("meta-mtia-v2", None, "intel-gaudi3-pcie"),
    ],
)
def test_the_nearest_class_of_the_pool_is_named(device_class: str, in_lab: str | None, in_pod: str | None) -> None:
    assert _nearest(lab(), device_class) == [("class", in_lab)] * bool(in_lab)
    assert _nearest(pod(), device_class) == [("class", in_pod)] * bool(in_pod)
