"""Who gives way: only what is low, as few as can be, and among as many those that began last."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from scheduler.planning.admission import fits
from scheduler.planning.preempting import Preemptible, Preempting, given_way, openings, plan_over
from scheduler.planning.snapshot import Commitment, Snapshot
from scheduler.requests import ReservationRequest, Window
from scheduler.states import Priority
from tests.worlds import GPU, NOW, ask, cards, group, host, pru, snapshot, taken, topology, window

NOTICE = timedelta(minutes=10)
CLEANED = NOW + NOTICE + timedelta(minutes=5)  # the pool's own clean-up after the notice time
SOON = Window(NOW + timedelta(hours=1), NOW + timedelta(hours=3))
POOL = topology(hosts=[host(f"host-{n}") for n in range(1, 6)], prus=[pru("pru-1")], blocks=cards("pru-1", GPU, 8))


def holds(code: str, cards: str, *, on: str, began: float, priority: Priority = Priority.LOW) -> list[Commitment]:
    """Cards by number, from `began` hours after now for half a day."""
    when = Window(NOW + timedelta(hours=began), NOW + timedelta(hours=12))
    blocks = [f"pru-1-s{int(number):02d}" for number in cards]
    made = taken(*blocks, host=on, when=when, reservation=code)
    return [replace(one, priority=priority) for one in made]


def low(held: Iterable[Commitment]) -> list[Preemptible]:
    begins = {one.reservation: one.busy_from for one in held}
    return [Preemptible(reservation=code, begins_at=at, is_begun=at <= NOW) for code, at in begins.items()]


def over(held: list[Commitment], request: ReservationRequest) -> tuple[Snapshot, Preempting | None]:
    seen = snapshot(POOL, commitments=held)
    return seen, plan_over(request=request, seen=seen, low=low(held), preempt_at=NOW + NOTICE)


def victims(held: list[Commitment], request: ReservationRequest) -> list[str] | None:
    _, made = over(held, request)
    return made and sorted(one.reservation for one in made.victims)


def needs(count: int, *, priority: Priority = Priority.NORMAL, when: Window = SOON) -> ReservationRequest:
    return replace(ask(group((GPU, count)), when=when), priority=priority)


def test_the_fewest_give_way() -> None:
    """Four cards are free, and six are asked for: who has three does alone, though it began first."""
    held = [
        *holds("r-three", "123", on="host-1", began=-3),
        *holds("r-late", "4", on="host-2", began=-1),
    ]

    assert victims(held, needs(6)) == ["r-three"]


def test_among_as_many_the_one_that_began_last_gives_way() -> None:
    held = [
        *holds("r-first", "12", on="host-1", began=-3),
        *holds("r-last", "34", on="host-2", began=-1),
        *holds("r-second", "56", on="host-3", began=-2),
    ]

    assert victims(held, needs(4)) == ["r-last"]
    assert victims(held, needs(6)) == ["r-last", "r-second"]


def test_what_has_not_begun_began_last_of_all() -> None:
    held = [*holds("r-begun", "1234", on="host-1", began=-1), *holds("r-ahead", "5678", on="host-2", began=2)]

    assert victims(held, needs(4)) == ["r-ahead"]


@pytest.mark.parametrize("kept", [Priority.NORMAL, Priority.PRODUCTION])
def test_nothing_but_what_is_low_is_planned_over(kept: Priority) -> None:
    """Whoever calls may name it, and it may be the one that would do."""
    held = [
        *holds("r-kept", "1234", on="host-1", began=-1, priority=kept),
        *holds("r-low", "56", on="host-2", began=-2),
    ]

    assert victims(held, needs(4)) == ["r-low"]
    assert victims(held, needs(5)) is None


def test_what_is_low_itself_preempts_nobody() -> None:
    held = holds("r-low", "12345678", on="host-1", began=-1)

    assert victims(held, needs(1, priority=Priority.LOW)) is None
    assert victims(held, needs(1, priority=Priority.PRODUCTION)) == ["r-low"]


def test_hosts_are_made_free_too() -> None:
    held = [
        *(one for n in range(1, 5) for one in holds(f"r-{n}", "", on=f"host-{n}", began=-n, priority=Priority.NORMAL)),
        *holds("r-low", "1", on="host-5", began=-9),
    ]

    assert victims(held, needs(1)) == ["r-low"]


def begins_in(minutes: float) -> Window:
    """Its set-up of five minutes comes before."""
    starts_at = NOW + timedelta(minutes=minutes)
    return Window(starts_at, starts_at + timedelta(hours=1))


def test_what_has_begun_keeps_its_devices_for_its_notice_and_until_they_are_clean() -> None:
    """Ten minutes of notice, five to clean, five to set up: twenty in all."""
    held = holds("r-low", "12345678", on="host-1", began=-1)

    assert victims(held, needs(1, when=begins_in(19))) is None
    assert victims(held, needs(1, when=begins_in(20))) == ["r-low"]
    assert openings(seen=snapshot(POOL, commitments=held), low=low(held), preempt_at=NOW + NOTICE) == (CLEANED,)


def test_what_has_not_begun_gives_way_at_once() -> None:
    held = holds("r-low", "12345678", on="host-1", began=0.1)

    assert victims(held, needs(1, when=begins_in(5))) == ["r-low"]


def test_what_ends_before_is_not_asked_to_give_way() -> None:
    """It is over when the notice would be."""
    ending = Window(NOW - timedelta(hours=1), NOW + timedelta(minutes=14))
    held = [
        replace(one, priority=Priority.LOW)
        for one in taken("pru-1-s01", host="host-1", when=ending, reservation="r-ending")
    ]
    held += holds("r-low", "2345678", on="host-2", began=-2)

    assert victims(held, needs(2, when=begins_in(20))) == ["r-low"]


def test_the_plan_stands_against_the_ordinary_rules_once_they_have_given_way() -> None:
    held = [*holds("r-1", "1234", on="host-1", began=-1), *holds("r-2", "5678", on="host-2", began=-2)]
    seen, made = over(held, needs(6))

    assert made is not None
    around = given_way(seen=seen, victims=made.victims, preempt_at=NOW + NOTICE)
    assert fits(plan=made.plan, snapshot=around, request=needs(6)) == ()
    assert fits(plan=made.plan, snapshot=seen, request=needs(6)) != ()
    assert ends(around) == {"r-1": {CLEANED}, "r-2": {CLEANED}}


def ends(seen: Snapshot) -> dict[str, set[datetime]]:
    found: dict[str, set[datetime]] = {}
    for one in seen.commitments:
        found.setdefault(one.reservation, set()).add(one.busy_until)
    return found


def test_the_same_is_found_whatever_the_order_of_what_is_given() -> None:
    held = [
        *holds("r-1", "12", on="host-1", began=-1),
        *holds("r-2", "34", on="host-2", began=-1),
        *holds("r-3", "56", on="host-3", began=-1),
    ]

    assert victims(held, needs(4)) == victims(held[::-1], needs(4)) == ["r-1"]


def test_a_project_may_not_pass_its_quota_by_preempting() -> None:
    held = holds("r-low", "12345678", on="host-1", began=-1)
    seen = snapshot(POOL, commitments=held, accelerators_max=2)

    assert plan_over(request=needs(3), seen=seen, low=low(held), preempt_at=NOW + NOTICE) is None
    assert plan_over(request=needs(2), seen=seen, low=low(held), preempt_at=NOW + NOTICE) is not None


def test_an_empty_pool_needs_nobody() -> None:
    assert victims([], needs(2, when=window())) == []
