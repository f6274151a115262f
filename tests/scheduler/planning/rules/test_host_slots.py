from tests.scheduler.planning.asking import grant, nodes, refused, rows
from tests.worlds import GPU, ask, cards, group, host, pru, topology

FIELD = "mix[0].lines[0].count"


def _world(**changes: object):
    hosts = [host("host-1", max_accelerators=4, **changes), host("host-2", max_accelerators=6, template="host-6")]
    return topology(hosts=hosts, prus=[pru("pru-1")], blocks=cards("pru-1", GPU, 8))


def test_a_node_above_every_hosts_limit_is_refused_with_the_largest() -> None:
    # 7 accelerators; the hosts take 4 and 6. Address space: 7 × 64 = 448 of 1,024 GiB.
    assert rows(_world(), ask(group((GPU, 7)))) == [("HOST_SLOT_LIMIT", FIELD, 7, 6, "accelerators")]


def test_one_less_is_granted_on_the_host_that_takes_it() -> None:
    assert nodes(grant(_world(), ask(group((GPU, 6)))))[0][0] == "host-2"


def test_the_smallest_host_that_fits_is_taken() -> None:
    assert nodes(grant(_world(), ask(group((GPU, 4)))))[0][0] == "host-1"


def test_a_host_class_that_was_asked_for_sets_the_limit_and_another_is_suggested() -> None:
    refusal = refused(_world(), ask(group((GPU, 5), host_class="host-8"))).refusals[0]

    assert (refusal.code.value, refusal.need, refusal.have) == ("HOST_SLOT_LIMIT", 5, 4)
    assert [(one.kind, one.value) for one in refusal.suggestions] == [("host", "host-6"), ("count", 4)]


def test_drives_and_nics_do_not_count() -> None:
    world = topology(
        hosts=[host("host-1", max_accelerators=4)],
        prus=[pru("pru-1")],
        blocks=[*cards("pru-1", GPU, 4), *cards("pru-1", "nvme-a", 4, kind="bay")],
    )

    assert len(nodes(grant(world, ask(group((GPU, 4), ("nvme-a", 4)))))[0][1]) == 8
