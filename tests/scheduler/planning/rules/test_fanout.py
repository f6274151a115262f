from tests.scheduler.planning.asking import grant, rows
from tests.worlds import GPU, ask, cards, group, host, ports, pru, taken, topology


def _two_prus(host_ports: int):
    return topology(
        hosts=[host("host-1", ports=ports(*["plane-0"] * host_ports))],
        prus=[pru("pru-1"), pru("pru-2")],
        blocks=[*cards("pru-1", GPU, 3), *cards("pru-2", GPU, 3)],
    )


def test_a_host_joins_no_more_prus_than_it_has_ports() -> None:
    # 4 GPUs lie in two PRUs of three.
    assert rows(_two_prus(1), ask(group((GPU, 4)))) == [("HOST_FANOUT", "mix[0].lines", 2, 1, "ports")]
    assert grant(_two_prus(2), ask(group((GPU, 4))))


def test_one_pru_is_taken_where_it_suffices() -> None:
    assert grant(_two_prus(2), ask(group((GPU, 3)))).nodes[0].blocks == ("pru-1-s01", "pru-1-s02", "pru-1-s03")


def _one_pru(uplinks: int):
    return topology(
        hosts=[host("host-1"), host("host-2"), host("host-3")],
        prus=[pru("pru-1", uplinks=ports(*["plane-0"] * uplinks))],
        blocks=cards("pru-1", GPU, 8),
    )


def test_a_pru_serves_no_more_hosts_than_it_has_uplinks() -> None:
    assert rows(_one_pru(1), ask(group((GPU, 1), nodes=2))) == [("PRU_FANOUT", "mix[0].nodes", 2, 1, "uplinks")]
    assert grant(_one_pru(2), ask(group((GPU, 1), nodes=2)))


def test_the_hosts_of_others_count() -> None:
    held = taken("pru-1-s01", "pru-1-s02", host="host-3")

    assert rows(_one_pru(2), ask(group((GPU, 1), nodes=2)), commitments=held) == [
        ("PRU_FANOUT", "mix[0].nodes", 3, 2, "uplinks")
    ]
    assert grant(_one_pru(2), ask(group((GPU, 1))), commitments=held)
