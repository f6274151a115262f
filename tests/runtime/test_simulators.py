"""What `up` keeps of simulated fabrics from start to start."""

import socket
from pathlib import Path

from portal.runtime import simulators

ROW = {"pool": "lab", "driver": "redfish", "port": 41000}


def test_what_is_kept_is_read_again_and_anything_else_is_nothing(tmp_path: Path) -> None:
    before = simulators.rows(data=tmp_path)
    simulators.keep(data=tmp_path, wanted=[ROW])
    kept = simulators.rows(data=tmp_path)
    (tmp_path / simulators.FILE).write_text("{", encoding="utf-8")

    assert (before, kept, simulators.rows(data=tmp_path)) == ([], [ROW], [])


def test_a_port_is_kept_while_it_is_free(tmp_path: Path) -> None:
    free = simulators.choose_port(0)
    again = simulators.choose_port(free)
    with socket.socket() as taken:
        taken.bind((simulators.LOOPBACK, free))
        taken.listen()
        other = simulators.choose_port(free)

    assert (again, other != free, other > 0) == (free, True, True)


def test_each_simulator_is_a_child_of_its_own(tmp_path: Path) -> None:
    simulators.keep(data=tmp_path, wanted=[ROW, {**ROW, "pool": "pod", "driver": "counted", "port": 41001}])

    first, second = simulators.children(data=tmp_path, environment={"A": "b"})

    assert (first.name, second.name) == ("redfish-lab", "counted-pod")
    assert list(first.command)[2:] == ["redfish_simulator", "--managed", "--pool", "lab", "--port", "41000"]
    assert (first.env["A"], first.is_ready()) == ("b", False)
