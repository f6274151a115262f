"""What has not begun and loses a unit gets another plan for its own window, or its people are told."""

from datetime import timedelta
from decimal import Decimal

import pytest

from fabric.models import DeviceClass, Host, ResourceBlock
from fabric.services.cordon import cordon
from fabric.services.units import move_blocks
from fabric.states import BlockState
from scheduler.journal_kinds import JournalKind
from scheduler.models import Allocation, JournalEntry, Notice, Rate, Reservation
from scheduler.parsing import parse_request
from scheduler.planning.invariants import broken
from scheduler.planning.plan import plan_from_wire
from scheduler.queries import boards
from scheduler.queries.snapshots import snapshot
from scheduler.requests import SYSTEM
from scheduler.services.cancel import cancel
from scheduler.services.replan import PINNED, Replanned, replan
from scheduler.services.submit import submit
from tests.scheduler.services.house import A100, H100, L40S, MONDAY, NVME, WORDS, House

TOMORROW = {"starts_at": "2030-05-14T08:00:00Z", "ends_at": "2030-05-14T10:00:00Z"}
DAY_AFTER = {"starts_at": "2030-05-15T08:00:00Z", "ends_at": "2030-05-15T10:00:00Z"}
pytestmark = pytest.mark.django_db


def lose(house: House, *codes: str) -> Replanned:
    """These blocks are quarantined, and whoever was to have them is planned anew."""
    ids = list(ResourceBlock.objects.filter(code__in=codes).values_list("pk", flat=True))
    move_blocks(ids=ids, seen=BlockState.FREE, to=BlockState.QUARANTINED, reason="It failed.")
    units = [(False, code) for code in codes]
    return replan(pool=house.pool, units=units, reason=f"{codes[0]} failed", by=SYSTEM, now=house.clock.now)


def held(reservation: Reservation) -> set[str]:
    rows = Allocation.objects.filter(reservation=reservation, is_holding=True).select_related("block", "host")
    return {row.block.code if row.block else row.host.code for row in rows}


def planned(reservation: Reservation) -> set[str]:
    reservation.refresh_from_db()
    return set(plan_from_wire(reservation.plan).units())


def is_sound(house: House) -> bool:
    seen = snapshot(pool_code="lab", project_slug="team-chat", now=house.clock.now)
    return broken(topology=seen.topology, commitments=seen.commitments) == ()


def every(house: House, device_class: str) -> list[str]:
    return list(ResourceBlock.objects.filter(device_class__code=device_class).values_list("code", flat=True))


def test_it_gets_another_card_and_stays_on_its_host(house: House) -> None:
    made = house.book({L40S: 2, NVME: 1}, **TOMORROW)
    before = plan_from_wire(made.plan).nodes[0]
    lost = next(code for code in before.blocks if "l40s" in ResourceBlock.objects.get(code=code).device_class.code)

    found = lose(house, lost)

    after = plan_from_wire(Reservation.objects.get(pk=made.pk).plan)
    assert found == Replanned(moved=(made.code,))
    assert (after.nodes[0].host, lost in after.nodes[0].blocks) == (before.host, False)
    assert (after.starts_at, after.busy_until) == (made.starts_at, made.busy_until)
    assert held(made) == planned(made)
    assert is_sound(house)


def test_it_is_told_what_changed_and_why(house: House) -> None:
    made = house.book({L40S: 1}, **TOMORROW)
    node = plan_from_wire(made.plan).nodes[0]

    lose(house, node.blocks[0])

    entry = JournalEntry.objects.get(reservation=made, kind=JournalKind.RESERVATION_MOVED)
    assert entry.message == (
        f"Moved within its window, because {node.blocks[0]} failed: node 1 stays on {node.host}, 1 block changed."
    )
    assert list(Notice.objects.values_list("user__username", "entry")) == [("alice", entry.pk)]


def test_a_pin_is_no_hold_on_what_is_gone_and_the_entry_says_so(house: House) -> None:
    made = house.book({L40S: 1}, pinned=True, **TOMORROW)

    found = lose(house, plan_from_wire(made.plan).nodes[0].blocks[0])

    entry = JournalEntry.objects.get(reservation=made, kind=JournalKind.RESERVATION_MOVED)
    assert found.moved == (made.code,)
    assert entry.message.endswith(f"1 block changed.{PINNED}")


def test_another_host_is_found_for_the_node_that_lost_it_and_the_other_node_stays(house: House) -> None:
    plain = house.ask({L40S: 1}, **TOMORROW)
    group = {"role": "", "nodes": 2, "lines": [{"device_class": L40S, "count": 1}]}
    wish = parse_request({**plain.wire, "mix": [group]}, vocabulary=WORDS, now=MONDAY)
    made = submit(request=wish, by=house.by(house.alice), now=MONDAY)
    first, second = plan_from_wire(made.plan).nodes
    cordon(unit=Host.objects.get(code=first.host), reason="Its fan", by_name="olga")

    found = replan(pool=house.pool, units=[(True, first.host)], reason="its fan is loud", by=SYSTEM, now=MONDAY)

    made.refresh_from_db()
    moved, stayed = plan_from_wire(made.plan).nodes
    assert found.moved == (made.code,)
    assert stayed == second
    assert moved.host not in {first.host, second.host}
    assert is_sound(house)


def test_who_has_no_other_plan_keeps_it_and_is_told_once(house: House) -> None:
    cards = every(house, A100)
    made = house.book({A100: len(cards)}, **TOMORROW)
    before = held(made)

    found = lose(house, cards[0])
    again = lose(house, cards[0])

    (stuck,) = found.stuck
    assert (found.moved, stuck.reservation, again) == ((), made.code, found)
    assert [refusal.code for refusal in stuck.refusals] == ["DEVICE_UNAVAILABLE"]
    assert (held(made), planned(made)) == (before, before)
    entry = JournalEntry.objects.get(reservation=made, kind=JournalKind.RESERVATION_STRANDED)
    assert (entry.facts["units"], entry.facts["refusals"][0]["code"]) == ([cards[0]], "DEVICE_UNAVAILABLE")
    assert entry.message.startswith(
        f"It cannot have {cards[0]}, because {cards[0]} failed, and no other plan fits its window."
    )
    assert Notice.objects.filter(entry=entry).count() == 1


def test_who_could_have_another_time_is_told_of_it(house: House) -> None:
    cards = every(house, A100)
    first = house.book({A100: len(cards) - 1}, **TOMORROW)
    other = house.book({A100: 1}, project="team-research", **TOMORROW)
    lost = next(code for code in held(first) if code in cards)

    found = lose(house, lost)

    (stuck,) = found.stuck
    assert stuck.reservation == first.code
    assert [one.kind for one in stuck.alternatives] == ["start", "start_before", "count"]
    assert stuck.alternatives[0].starts_at == other.busy_until + timedelta(minutes=5)
    assert held(other) == planned(other)


def test_the_earliest_start_chooses_first(house: House) -> None:
    """Two want the one card that is left: who begins first gets it, whoever booked first."""
    cards = every(house, A100)
    later = house.book({A100: 1}, starts_at="2030-05-14T09:00:00Z", ends_at="2030-05-14T12:00:00Z")
    sooner = house.book({A100: 1}, project="team-research", **TOMORROW)
    rest = house.book({A100: len(cards) - 3}, **TOMORROW) if len(cards) > 3 else None
    lost = [next(code for code in held(one) if code in cards) for one in (later, sooner)]

    found = lose(house, *lost)

    assert (found.moved, [one.reservation for one in found.stuck]) == ((sooner.code,), [later.code])
    assert rest is None or held(rest) == planned(rest)
    assert is_sound(house)


def test_somebody_who_may_as_well_be_elsewhere_makes_room(house: House) -> None:
    """The one whose host is lost asks for one of that template; the other such host is held by one that does not."""
    group = {"role": "", "nodes": 1, "lines": [{"device_class": L40S, "count": 1}]}
    picky = {**group, "placement": {"host_class": "host-standard"}}
    wish = house.ask({L40S: 1}, **TOMORROW)
    request = parse_request({**wish.wire, "mix": [picky]}, vocabulary=WORDS, now=MONDAY)
    victim = submit(request=request, by=house.by(house.alice), now=MONDAY)
    other = house.book({L40S: 1}, project="team-research", **TOMORROW)
    lost, wanted = host_of(victim), host_of(other)
    cordon(unit=Host.objects.get(code=lost), reason="Its fan", by_name="olga")

    found = replan(pool=house.pool, units=[(True, lost)], reason="its fan failed", by=SYSTEM, now=MONDAY)

    assert found == Replanned(moved=(victim.code,))
    assert {lost, wanted} == {"host-02", "host-03"}
    assert (host_of(victim), host_of(other)) == (wanted, "host-01")
    entry = JournalEntry.objects.get(reservation=other, kind=JournalKind.RESERVATION_MOVED)
    assert entry.message.startswith("Moved to make room for another reservation, in the same window and with as much:")
    assert held(victim) == planned(victim) and held(other) == planned(other)
    assert is_sound(house)


def test_a_pinned_one_makes_no_room(house: House) -> None:
    group = {"role": "", "nodes": 1, "lines": [{"device_class": L40S, "count": 1}]}
    picky = {**group, "placement": {"host_class": "host-standard"}}
    wish = house.ask({L40S: 1}, **TOMORROW)
    request = parse_request({**wish.wire, "mix": [picky]}, vocabulary=WORDS, now=MONDAY)
    victim = submit(request=request, by=house.by(house.alice), now=MONDAY)
    house.book({L40S: 1}, project="team-research", pinned=True, **TOMORROW)
    lost = host_of(victim)
    cordon(unit=Host.objects.get(code=lost), reason="Its fan", by_name="olga")

    found = replan(pool=house.pool, units=[(True, lost)], reason="its fan failed", by=SYSTEM, now=MONDAY)

    assert (found.moved, [one.reservation for one in found.stuck]) == ((), [victim.code])


def test_a_class_that_is_new_to_it_costs_what_the_pool_asks_today(house: House) -> None:
    """Booked as an L40S; what it gets instead is 9 an hour since, whatever the catalogue says: 18.00 for two hours."""
    line = {"selector": "device.kind == 'gpu' && device.memory_gib >= 48", "count": 1}
    wire = {**house.ask({L40S: 1}, **TOMORROW).wire, "mix": [{"role": "", "nodes": 1, "lines": [line]}]}
    request = parse_request(wire, vocabulary=WORDS, now=MONDAY)
    made = submit(request=request, by=house.by(house.alice), now=MONDAY)
    first = list(made.price["devices"])
    for card in DeviceClass.objects.filter(kind="gpu").exclude(code__in=first):
        Rate.objects.create(pool=house.pool, device_class=card, valid_from=MONDAY, usd_per_hour=Decimal(9))
    boards.forget()

    lose(house, *every(house, first[0]))

    made.refresh_from_db()
    assert list(made.price["devices"]) != first
    assert made.price["usd"] == "18.00"


def host_of(reservation: Reservation) -> str:
    reservation.refresh_from_db()
    return plan_from_wire(reservation.plan).nodes[0].host


def test_what_has_begun_or_ended_or_uses_others_is_left_alone(house: House) -> None:
    running = house.book({L40S: 1})
    house.settle()
    ended = house.book({L40S: 1}, **TOMORROW)
    lost = sorted(code for one in (running, ended) for code in held(one) if ResourceBlock.objects.filter(code=code))
    cancel(reservation=ended, by=house.by(house.alice), now=house.clock.now)
    other = house.book({H100: 2}, **TOMORROW)
    before = held(other)

    found = replan(
        pool=house.pool, units=[(False, code) for code in lost], reason="they failed", by=SYSTEM, now=house.clock.now
    )

    assert found == Replanned()
    assert held(other) == before


def test_only_those_in_the_period_are_moved(house: House) -> None:
    first, second = house.book({L40S: 1}, **TOMORROW), house.book({L40S: 1}, **DAY_AFTER)
    shared = sorted(held(first) & held(second) - set(Host.objects.values_list("code", flat=True)))
    day = (first.starts_at, first.ends_at)

    found = replan(
        pool=house.pool,
        units=[(False, code) for code in shared],
        reason="it is looked at",
        by=SYSTEM,
        now=MONDAY,
        during=day,
    )

    assert shared != []
    assert found.moved == (first.code,)
    assert not set(shared) & planned(first)
    assert set(shared) <= planned(second)


def test_a_hold_moves_as_well_and_stays_a_hold(house: House) -> None:
    made = house.book({L40S: 1}, hold_minutes=10, **TOMORROW)

    lose(house, plan_from_wire(made.plan).nodes[0].blocks[0])

    made.refresh_from_db()
    assert (made.state, made.version, held(made)) == ("held", 2, planned(made))
