"""Planes of links: what counting ports alone would get wrong."""

from typing import Any

from scheduler.planning.case import Case
from scheduler.planning.index import PoolIndex
from scheduler.planning.links import planes_for
from scheduler.planning.snapshot import Commitment
from tests.worlds import GPU, cards, host, ports, pru, snapshot, taken, topology, window

A, B = "plane-a", "plane-b"


def _world(**uplinks: tuple[str, ...]):
    """Hosts a1, a2 … with both ports on plane a, b1 … on b, and ab1 … on one each."""
    planes = {"a": (A, A), "b": (B, B), "ab": (A, B)}
    return topology(
        hosts=[host(f"{name}{n}", ports=ports(*ends)) for name, ends in planes.items() for n in (1, 2, 3)],
        prus=[pru(code, uplinks=ports(*ends)) for code, ends in uplinks.items()],
        blocks=[block for code in uplinks for block in cards(code, GPU, 8)],
    )


def _planes(world, *joined, held=()):
    index = PoolIndex(snapshot(world, commitments=held))
    return planes_for(Case(wishes=(), window=window(), project="", index=index), joined)


def _held(host: str, plane: str | None, *, block: str = "p-s01", **given: Any) -> list[Commitment]:
    """One card of PRU p on a host, its link on a plane or on none that is known."""
    return taken(block, host=host, planes={"p": plane} if plane else {}, **given)


def test_one_host_takes_two_planes_to_two_prus() -> None:
    assert _planes(_world(p=(A, A), q=(B, B)), ("ab1", ("p", "q"))) == [{"p": A, "q": B}]


def test_two_prus_of_one_plane_are_one_too_many_for_a_host_with_one_port_there() -> None:
    assert _planes(_world(p=(A, A), q=(A, A)), ("ab1", ("p", "q"))) is None


def test_a_host_that_could_take_either_plane_leaves_the_scarce_one_to_one_that_cannot() -> None:
    # ab1 comes first and must take b, for a1 has a alone.
    assert _planes(_world(p=(A, B)), ("ab1", ("p",)), ("a1", ("p",))) == [{"p": B}, {"p": A}]


def test_two_hosts_of_one_plane_on_one_uplink_there() -> None:
    assert _planes(_world(p=(A, B)), ("a1", ("p",)), ("a2", ("p",))) is None


def test_the_emptiest_plane_is_taken_first() -> None:
    assert _planes(_world(p=(A, A, B, B)), ("ab1", ("p",)), held=_held("a3", A)) == [{"p": B}]


def test_a_promised_link_keeps_its_plane() -> None:
    assert _planes(_world(p=(A, B)), ("a1", ("p",)), held=_held("ab3", B)) == [{"p": A}]
    assert _planes(_world(p=(A, B)), ("a1", ("p",)), held=_held("ab3", A)) is None


def test_a_link_of_no_known_plane_counts_on_every_plane() -> None:
    assert _planes(_world(p=(A, B)), ("a1", ("p",)), held=_held("ab3", None)) is None
    assert _planes(_world(p=(A, A, B)), ("a1", ("p",)), held=_held("ab3", None)) == [{"p": A}]


def test_links_one_after_the_other_do_not_add_up() -> None:
    first = _held("a2", A, when=window(hours=1))
    second = _held("a3", A, block="p-s02", when=window(hours_ahead=25, hours=1), reservation="r-2")

    assert _planes(_world(p=(A, A)), ("a1", ("p",)), held=[*first, *second]) == [{"p": A}]


def test_more_nodes_than_uplinks_are_left_to_the_count_of_them() -> None:
    assert _planes(_world(p=(A,)), ("a1", ("p",)), ("a2", ("p",))) == [{}, {}]


def test_what_is_over_does_not_count() -> None:
    held = _held("a3", A, when=window(hours_ahead=-5, hours=2))

    assert _planes(_world(p=(A, B)), ("a1", ("p",)), held=held) == [{"p": A}]
