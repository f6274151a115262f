from dataclasses import replace
from datetime import timedelta

from tests.scheduler.planning.asking import grant, nodes, refused, rows
from tests.worlds import GPU, NOW, ask, cards, group, host, pru, topology, window

COLD = {"hot_add": False, "reboot_seconds": 240, "template": "host-cold"}


def _start_in(seconds: int):
    starts_at = NOW + timedelta(seconds=seconds)
    return replace(window(), starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))


def _world(*hosts):
    return topology(hosts=hosts, prus=[pru("pru-1")], blocks=cards("pru-1", GPU, 4))


def test_a_start_too_soon_for_the_reboot_is_refused() -> None:
    # A start in 239 s leaves 239 s of set-up, and the reboot takes 240.
    request = ask(group((GPU, 1)), when=_start_in(239))

    assert rows(_world(host("host-1", **COLD)), request) == [("NEEDS_REBOOT", "starts_at", 240, 239, "s")]


def test_a_second_later_it_is_granted() -> None:
    request = ask(group((GPU, 1)), when=_start_in(240))

    assert nodes(grant(_world(host("host-1", **COLD)), request)) == [("host-1", ("pru-1-s01",))]


def test_the_soonest_start_that_covers_the_reboot_is_suggested() -> None:
    # The reboot takes 4 minutes; a start that is offered has its whole set-up of 5.
    refusal = refused(_world(host("host-1", **COLD)), ask(group((GPU, 1)), when=_start_in(100))).refusals[0]

    assert [(one.kind, one.value) for one in refusal.suggestions] == [("start", "2026-11-23T08:05:00Z")]


def test_a_host_with_hot_add_comes_first_even_if_it_is_larger() -> None:
    world = _world(host("host-1", **COLD, max_accelerators=4), host("host-2", max_accelerators=8))

    assert nodes(grant(world, ask(group((GPU, 1)))))[0][0] == "host-2"


def test_it_is_used_when_the_others_are_taken() -> None:
    world = _world(host("host-1", **COLD), host("host-2"))

    plan = grant(world, ask(group((GPU, 1), nodes=2)))

    assert [host for host, _ in nodes(plan)] == ["host-2", "host-1"]
