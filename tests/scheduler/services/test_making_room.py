"""Old plan and new booking are committed together, or neither is."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from fabric.models import Host
from scheduler import limits
from scheduler.journal_kinds import JournalKind
from scheduler.models import Allocation, JournalEntry, Reservation
from scheduler.planning.admission import decide
from scheduler.planning.plan import Plan, plan_from_wire
from scheduler.queries.boards import board
from scheduler.queries.movables import movables
from scheduler.queries.snapshots import snapshot
from scheduler.refusals import RefusalCode, Refused
from scheduler.requests import Placement, ReservationRequest
from scheduler.services._commit import admit
from scheduler.services._rechecking import Moved
from scheduler.services._tries import Overtaken
from scheduler.services.cancel import cancel
from scheduler.services.check import check
from scheduler.services.quote import quote
from scheduler.services.submit import store, submit
from tests.scheduler.services.house import L40S, MONDAY, House

HOSTS = 4
TOMORROW = {"starts_at": "2030-05-14T08:00:00Z", "ends_at": "2030-05-14T10:00:00Z"}
pytestmark = pytest.mark.django_db


def another_plan(house: House, old: Reservation) -> Plan:
    """The old one's mix on a host and blocks that it does not have."""
    request = house.ask({L40S: 2}, **TOMORROW)
    return decide(request=request, snapshot=snapshot(pool_code="lab", project_slug="team-chat", now=MONDAY))


def book_in_its_place(house: House, old: Reservation, moved_to: Plan, *, now: datetime = MONDAY) -> Reservation:
    """A new reservation takes the very units of the old one, which gets others."""
    request = house.ask({L40S: 2}, project="team-research", **TOMORROW)
    moved = Moved(reservation=old, project="team-chat", plan=moved_to)
    with transaction.atomic():
        admission = admit(request=request, plan=plan_from_wire(old.plan), now=now, may_replan=False, moved=[moved])
        return store(request=request, admission=admission, by=house.by(house.charlie), now=now)


def units(reservation: Reservation) -> set[str]:
    held = Allocation.objects.filter(reservation=reservation, is_holding=True)
    return {one.block.code if one.block else one.host.code for one in held.select_related("block", "host")}


def test_the_old_one_moves_and_the_new_one_takes_its_place(house: House) -> None:
    old = house.book({L40S: 2}, **TOMORROW)
    place = units(old)
    moved_to = another_plan(house, old)

    made = book_in_its_place(house, old, moved_to)

    old.refresh_from_db()
    assert (units(made), units(old)) == (place, set(moved_to.units()))
    assert (plan_from_wire(old.plan).nodes, old.version) == (moved_to.nodes, 2)
    on_board = {one.reservation: set(one.bits) for one in board(pool_code="lab").timeline.all_stays()}
    assert sorted(len(bits) for bits in on_board.values()) == [3, 3]
    assert not on_board[old.code] & on_board[made.code]


def test_the_move_is_in_the_journal_and_names_nobody(house: House) -> None:
    old = house.book({L40S: 2}, **TOMORROW)
    before = plan_from_wire(old.plan).nodes[0]
    moved_to = another_plan(house, old)

    made = book_in_its_place(house, old, moved_to)

    entry = JournalEntry.objects.get(reservation=old, kind=JournalKind.RESERVATION_MOVED)
    assert entry.message == (
        "Moved to make room for another reservation, in the same window and with as much: "
        f"node 1 from {before.host} to {moved_to.nodes[0].host}, 2 blocks changed."
    )
    assert (entry.actor_name, entry.actor_id) == ("heddle", None)
    assert made.code not in entry.message and "charlie" not in str(entry.facts)


@pytest.mark.parametrize("change", [{"is_pinned": True}, {"version": 7}, {"state": "composing"}])
def test_what_changed_meanwhile_is_not_moved_and_nothing_is_booked(house: House, change: dict[str, object]) -> None:
    old = house.book({L40S: 2}, **TOMORROW)
    place, moved_to = units(old), another_plan(house, old)
    Reservation.objects.filter(pk=old.pk).update(**change)

    with pytest.raises(Overtaken):
        book_in_its_place(house, old, moved_to)

    assert units(old) == place
    assert Reservation.objects.count() == 1


def test_a_place_that_was_taken_meanwhile_is_not_moved_to(house: House) -> None:
    old = house.book({L40S: 2}, **TOMORROW)
    moved_to = another_plan(house, old)
    house.book({L40S: 2}, **TOMORROW)  # takes what `moved_to` was made of

    with pytest.raises(Overtaken):
        book_in_its_place(house, old, moved_to)

    assert Reservation.objects.count() == 2


def test_what_has_begun_is_not_moved(house: House) -> None:
    old = house.book({L40S: 2}, **TOMORROW)
    moved_to = another_plan(house, old)

    with pytest.raises(Overtaken):
        book_in_its_place(house, old, moved_to, now=old.busy_from + timedelta(seconds=1))


def test_only_what_is_in_the_way_and_has_not_begun_may_be_moved(house: House) -> None:
    in_the_way = house.book({L40S: 1}, **TOMORROW)
    house.book({L40S: 1}, starts_at="2030-05-16T08:00:00Z", ends_at="2030-05-16T10:00:00Z")
    pinned = house.book({L40S: 1}, pinned=True, **TOMORROW)
    gone = house.book({L40S: 1}, **TOMORROW)
    cancel(reservation=gone, by=house.by(house.alice), now=MONDAY)
    span = {"begin": in_the_way.busy_from, "end": in_the_way.busy_until}

    found = movables(pool_code="lab", now=MONDAY, **span)

    assert pinned.is_pinned
    assert [one.reservation for one in found.movable] == [in_the_way.code]
    assert found.movable[0].plan == plan_from_wire(in_the_way.plan)
    assert found.movable[0].request.window.starts_at == in_the_way.starts_at
    assert found.movable[0].request.mix == house.ask({L40S: 1}, **TOMORROW).mix
    assert movables(pool_code="lab", now=in_the_way.busy_from, **span).movable == ()


def test_watts_and_networks_of_a_plan_are_on_the_rows(house: House) -> None:
    made = house.book({L40S: 2}, **TOMORROW)
    plan = plan_from_wire(made.plan)
    hosts = Allocation.objects.filter(reservation=made, host__isnull=False).values_list("network", "rails", "planes")

    assert list(hosts) == [(node.network, node.rails, dict(node.planes)) for node in plan.nodes]
    assert replace(plan, nodes=()).busy_from == made.busy_from


def _asks_for_the_large_host(house: House) -> ReservationRequest:
    """Every host is taken but a small one, which would do for the one that holds the large host."""
    in_the_way = []
    while True:
        try:
            in_the_way.append(house.book({L40S: 1}, **TOMORROW))
        except Refused:
            break
    cancel(reservation=_on_another_host(in_the_way), by=house.by(house.alice), now=MONDAY)
    plain = house.ask({L40S: 1}, **TOMORROW)
    group = replace(plain.mix.groups[0], placement=Placement(host_class="host-large"))
    return replace(plain, mix=replace(plain.mix, groups=(group,)))


def test_a_booking_that_needs_room_moves_who_has_not_begun(house: House) -> None:
    """Host-01 is the one that takes most cards; who needs it so much gets it, and who does not gives it up."""
    made = submit(request=_asks_for_the_large_host(house), by=house.by(house.alice), now=MONDAY)

    assert Host.objects.get(pool=house.pool, code=made.plan["nodes"][0]["host"]).template == "host-large"
    assert JournalEntry.objects.filter(kind=JournalKind.RESERVATION_MOVED).count() == 1
    assert Allocation.objects.filter(is_holding=True, host__isnull=False).count() == HOSTS


def test_the_check_says_what_would_be_moved_and_moves_nothing(house: House) -> None:
    result = check(request=_asks_for_the_large_host(house), now=MONDAY)

    assert (result.plan is not None, result.moves) == (True, 1)
    assert [one.code for one in result.refusals] == [RefusalCode.NO_FREE_HOST]
    assert JournalEntry.objects.filter(kind=JournalKind.RESERVATION_MOVED).count() == 0


def test_no_quote_is_given_on_moves_but_booking_at_once_is_offered(house: House) -> None:
    asked = _asks_for_the_large_host(house)

    with pytest.raises(Refused) as caught:
        quote(request=asked, by=house.by(house.alice), now=MONDAY)

    assert [one.code for one in caught.value.refusals] == [RefusalCode.NO_FREE_HOST]
    first = caught.value.alternatives[0]
    assert (first.kind, first.request) == ("make_room", dict(asked.wire))
    assert (first.starts_at, first.ends_at) == (asked.window.starts_at, asked.window.ends_at)


def test_what_overlaps_only_those_in_the_way_hangs_together_with_them(house: House) -> None:
    in_the_way = house.book({L40S: 1}, **TOMORROW)
    behind = house.book({L40S: 1}, starts_at="2030-05-14T09:30:00Z", ends_at="2030-05-14T12:00:00Z")
    house.book({L40S: 1}, starts_at="2030-05-14T13:00:00Z", ends_at="2030-05-14T14:00:00Z")

    found = movables(pool_code="lab", now=MONDAY, begin=in_the_way.busy_from, end=in_the_way.starts_at)

    assert [one.reservation for one in found.movable] == [in_the_way.code, behind.code]
    assert found.is_complete


def test_what_counting_alone_refuses_is_proven_however_many_hang_together(house: House) -> None:
    """Twelve cards are asked for of which one is always taken, wherever it is moved."""
    begin = MONDAY + timedelta(days=1)
    for nth in range(limits.REPACK_MOVABLE_MAX + 1):
        starts_at, length = begin + nth * timedelta(hours=1), timedelta(minutes=110)
        house.book({L40S: 1}, starts_at=starts_at.isoformat(), ends_at=(starts_at + length).isoformat())

    with pytest.raises(Refused) as caught:
        house.book({L40S: 12}, project="team-research", **TOMORROW)

    assert caught.value.is_proven
    assert [one.code for one in caught.value.refusals] == [RefusalCode.DEVICE_BUSY]


def _on_another_host(reservations: list[Reservation]) -> Reservation:
    """One that does not hold a large host."""
    large = set(Host.objects.filter(template="host-large").values_list("code", flat=True))
    return next(one for one in reservations if one.plan["nodes"][0]["host"] not in large)
