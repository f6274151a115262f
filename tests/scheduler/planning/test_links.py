"""Planes of links: what counting ports alone would get wrong."""

from datetime import timedelta

from scheduler.planning.case import Case
from scheduler.planning.index import PoolIndex
from scheduler.planning.links import can_link
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


def _can(world, *joined, held=()):
    index = PoolIndex(snapshot(world, commitments=held))
    return can_link(Case(wishes=(), window=window(), project="", index=index), joined)


def test_one_host_takes_two_planes_to_two_prus() -> None:
    assert _can(_world(p=(A, A), q=(B, B)), ("ab1", ("p", "q")))


def test_two_prus_of_one_plane_are_one_too_many_for_a_host_with_one_port_there() -> None:
    assert not _can(_world(p=(A, A), q=(A, A)), ("ab1", ("p", "q")))


def test_a_host_that_could_take_either_plane_leaves_the_scarce_one_to_one_that_cannot() -> None:
    # ab1 comes first and must take b, for a1 has a alone.
    assert _can(_world(p=(A, B)), ("ab1", ("p",)), ("a1", ("p",)))


def test_two_hosts_of_one_plane_on_one_uplink_there() -> None:
    assert not _can(_world(p=(A, B)), ("a1", ("p",)), ("a2", ("p",)))


def test_a_link_held_by_another_may_have_either_plane_and_is_given_the_one_that_helps() -> None:
    held = taken("p-s01", host="ab3")

    assert _can(_world(p=(A, B)), ("a1", ("p",)), held=held)
    assert not _can(_world(p=(A, B)), ("a1", ("p",)), held=taken("p-s01", host="a3"))


def test_a_circuit_is_not_moved_while_it_is_in_use() -> None:
    """One plane for its whole life.

    Ab3 may take b beside a1, or a beside b1 later on, but not first the one, then the other.
    """
    span = window(hours=2)
    later = window(hours_ahead=27, hours=1)
    long = window(hours=6)
    world = _world(p=(A, B))
    first = taken("p-s01", host="ab3", when=long, reservation="r-long")
    second = taken("p-s02", host="b1", when=later, reservation="r-later")

    assert span.ends_at + timedelta(minutes=5) < later.starts_at
    assert _can(world, ("a1", ("p",)), held=first)
    assert _can(world, ("b2", ("p",)), held=[*first, *second])
    assert not _can(world, ("a1", ("p",)), held=[*first, *second])


def test_more_nodes_than_uplinks_are_left_to_the_count_of_them() -> None:
    assert _can(_world(p=(A,)), ("a1", ("p",)), ("a2", ("p",)))


def test_what_is_over_does_not_count() -> None:
    held = taken("p-s01", host="a3", when=window(hours_ahead=-5, hours=2))

    assert _can(_world(p=(A, B)), ("a1", ("p",)), held=held)
