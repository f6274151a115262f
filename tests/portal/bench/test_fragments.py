"""What counts as lost, worked out by hand in small worlds."""

from datetime import timedelta

import pytest

from portal.bench import fragments
from portal.bench.first_fit import first_fit
from scheduler.planning.index import PoolIndex
from tests.worlds import GPU, NOW, ask, cards, group, host, ports, pru, snapshot, taken, topology, window

SOON = window(hours_ahead=-1, hours=4)
NEVER: frozenset[fragments.Kind] = frozenset()


def two_prus(**changes: object) -> PoolIndex:
    """Eight cards in two PRUs; a host of two ports; `held` are cards that somebody has now."""
    held = changes.pop("held", ())
    shape = topology(
        hosts=[host("host-1", max_accelerators=16, **changes), host("host-2", max_accelerators=16, **changes)],
        prus=[pru("pru-1"), pru("pru-2")],
        blocks=[*cards("pru-1", GPU, 4), *cards("pru-2", GPU, 4)],
    )
    commitments = taken(*held, host="host-2", when=SOON) if isinstance(held, tuple) and held else []
    return PoolIndex(snapshot(shape, commitments=commitments))


def test_cards_of_two_prus_serve_one_host_of_two_ports() -> None:
    assert fragments.ungrantable(two_prus(), NOW, True, NEVER) == {2: 0, 4: 0, 8: 0, 16: 8}


def test_a_host_of_one_port_reaches_one_pru() -> None:
    index = two_prus(ports=ports("plane-0"))

    assert fragments.ungrantable(index, NOW, True, NEVER) == {2: 0, 4: 0, 8: 8, 16: 8}


def test_what_is_left_over_is_lost_for_larger_ones() -> None:
    index = two_prus(held=("pru-1-s01", "pru-1-s02", "pru-1-s03", "pru-2-s01", "pru-2-s02", "pru-2-s03"))

    assert fragments.ungrantable(index, NOW, False, NEVER) == {2: 0, 4: 2, 8: 2, 16: 2}


def test_without_a_free_host_all_are_lost_if_hosts_count() -> None:
    shape = topology(hosts=[host("host-1")], prus=[pru("pru-1")], blocks=cards("pru-1", GPU, 4))
    index = PoolIndex(snapshot(shape, commitments=taken("pru-1-s01", host="host-1", when=SOON)))

    assert fragments.ungrantable(index, NOW, True, NEVER) == {2: 3, 4: 3, 8: 3, 16: 3}
    assert fragments.ungrantable(index, NOW, False, NEVER) == {2: 0, 4: 3, 8: 3, 16: 3}


def test_what_the_empty_pool_could_not_grant_is_left_out() -> None:
    index = two_prus()
    never = fragments.hopeless(index.topology, NOW)

    assert never == {(GPU, "zone-1", 16)}
    assert fragments.ungrantable(index, NOW, True, never) == {2: 0, 4: 0, 8: 0, 16: 0}


@pytest.mark.parametrize(("held", "expected"), [((), ("host-1", [1, 2])), (("pru-1-s01",), ("host-1", [2, 3]))])
def test_first_fit_takes_the_first(held: tuple[str, ...], expected: tuple[str, list[int]]) -> None:
    index = two_prus(held=held)

    placed = first_fit(ask(group((GPU, 2)), when=window(hours_ahead=1)), index)

    assert placed is not None
    assert (placed.host.code, [block.slot for block in placed.blocks]) == expected


def test_one_seed_gives_one_month() -> None:
    shape = two_prus().topology

    first, again = (list(fragments.arrivals_of(shape, now=NOW, seed=3, days=2, rate=1.0)) for _ in range(2))

    assert first == again
    assert {arrival.device_class for arrival in first} == {GPU}
    assert max(arrival.at for arrival in first) < NOW + timedelta(days=2)
