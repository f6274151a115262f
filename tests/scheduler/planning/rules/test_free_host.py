from tests.scheduler.planning.asking import grant, refused, rows
from tests.worlds import GPU, ask, group, taken, two_hosts_eight_gpus, with_host


def test_every_node_needs_a_host_of_its_own() -> None:
    # 3 nodes, 2 hosts; 8 GPUs and 4 uplinks would do.
    request = ask(group((GPU, 2), nodes=3))

    assert rows(two_hosts_eight_gpus(), request) == [("NO_FREE_HOST", "mix[0].nodes", 3, 2, "hosts")]
    assert len(grant(two_hosts_eight_gpus(), ask(group((GPU, 2), nodes=2))).nodes) == 2


def test_groups_share_the_hosts() -> None:
    request = ask(group((GPU, 1), nodes=2), group((GPU, 1)))

    assert rows(two_hosts_eight_gpus(), request) == [("NO_FREE_HOST", "mix[1].nodes", 3, 2, "hosts")]


def test_a_host_that_somebody_has_is_not_free() -> None:
    held = taken(host="host-1")

    assert rows(two_hosts_eight_gpus(), ask(group((GPU, 1), nodes=2)), commitments=held) == [
        ("NO_FREE_HOST", "mix[0].nodes", 2, 1, "hosts")
    ]


def test_a_cordoned_host_is_not_offered() -> None:
    world = with_host(two_hosts_eight_gpus(), "host-1", is_usable=False)

    assert rows(world, ask(group((GPU, 1), nodes=2))) == [("NO_FREE_HOST", "mix[0].nodes", 2, 1, "hosts")]


def test_hosts_that_could_not_bear_the_node_do_not_count_as_free() -> None:
    # Only host-2 takes 6, and it is taken.
    world = with_host(two_hosts_eight_gpus(), "host-1", max_accelerators=4)

    refusal = refused(world, ask(group((GPU, 6))), commitments=taken(host="host-2")).refusals

    assert [(one.code.value, one.need, one.have) for one in refusal] == [("NO_FREE_HOST", 1, 0)]
    assert [(one.kind, one.value) for one in refusal[0].suggestions] == [
        ("start", "2026-11-24T10:05:00Z"),
        ("count", 4),
    ]


def test_a_host_class_without_a_usable_host_names_that_field() -> None:
    world = with_host(two_hosts_eight_gpus(), "host-1", template="host-big", is_usable=False)

    assert rows(world, ask(group((GPU, 1), host_class="host-big"))) == [
        ("NO_FREE_HOST", "mix[0].placement.host_class", 1, 0, "hosts")
    ]


def test_a_host_class_whose_hosts_are_taken_names_that_field() -> None:
    world = with_host(two_hosts_eight_gpus(), "host-1", template="host-big")
    request = ask(group((GPU, 1), host_class="host-big"))

    assert rows(world, request, commitments=taken(host="host-1")) == [
        ("NO_FREE_HOST", "mix[0].placement.host_class", 1, 0, "hosts")
    ]
    assert grant(world, request).nodes[0].host == "host-1"
