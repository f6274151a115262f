"""End later on the same devices: what changes, what does not, and every reason why not."""

from dataclasses import asdict, replace
from datetime import datetime, timedelta

import pytest

from fabric.models import Pool, ResourceBlock
from scheduler.models import Allocation, JournalEntry, Project, Quota, Reservation
from scheduler.planning.invariants import broken
from scheduler.planning.plan import plan_from_wire
from scheduler.queries import boards
from scheduler.queries.snapshots import snapshot
from scheduler.refusals import Invalid, Refused, Stale, WrongState
from scheduler.requests import Placement, Window
from scheduler.services import _commit
from scheduler.services.cancel import cancel
from scheduler.services.extend import extend, outlook
from scheduler.services.maintenance import plan_maintenance
from scheduler.services.release import release
from scheduler.services.submit import submit
from scheduler.services.swap import swap
from scheduler.states import EXTENDABLE, MaintenanceScope, ReservationState
from tests.scheduler.services.house import A100, H100, L40S, MONDAY, House, somebody_else_holds

TEN, NOON, ONE, TWO = (MONDAY + timedelta(hours=hours) for hours in (2, 4, 5, 6))
PADDING = timedelta(minutes=5)  # of the lab pool, before and after


def later(house: House, reservation: Reservation, ends_at: datetime, **more: object) -> Reservation:
    return extend(reservation=reservation, ends_at=ends_at, by=house.by(house.alice), now=house.clock.now, **more)


def refused(house: House, reservation: Reservation, ends_at: datetime, **more: object) -> Refused:
    with pytest.raises(Refused) as caught:
        later(house, reservation, ends_at, **more)
    return caught.value


def codes(error: Refused) -> list[tuple[str, str, object, object]]:
    return [(one.code.value, one.field, one.need, one.have) for one in error.refusals]


def on_a_legacy_host(house: House, mix: dict[str, int], **more: str) -> Reservation:
    """Not on the host that the planner would take first, and that the other reservation has."""
    request = house.ask(mix, **more)
    (group,) = request.mix.groups
    placed = replace(request.mix, groups=(replace(group, placement=Placement(host_class="host-legacy")),))
    return submit(request=replace(request, mix=placed), by=house.by(house.alice), now=house.clock.now)


def until(error: Refused) -> list[tuple[str, datetime | None, object]]:
    return [(one.kind, one.ends_at, one.request) for one in error.alternatives]


@pytest.mark.parametrize("is_active", [False, True])
def test_it_ends_later_on_the_same_devices_and_nothing_else_changes(house: House, is_active: bool) -> None:
    when = {} if is_active else {"starts_at": TEN.isoformat()}
    reservation = house.book({H100: 4}, duration_minutes=120, **when)
    house.settle()
    reservation.refresh_from_db()
    before = Reservation.objects.get(pk=reservation.pk)
    held = set(Allocation.objects.filter(reservation=reservation).values_list("block__code", "host__code"))

    ends_at = before.ends_at + timedelta(hours=1)
    later(house, reservation, ends_at)

    assert reservation.state == ("active" if is_active else "confirmed")
    assert (reservation.ends_at, reservation.busy_until) == (ends_at, before.busy_until + timedelta(hours=1))
    assert (reservation.starts_at, reservation.busy_from) == (before.starts_at, before.busy_from)
    assert (reservation.watts, reservation.version) == (before.watts, before.version + 1)
    plan, old = plan_from_wire(reservation.plan), plan_from_wire(before.plan)
    assert (plan.nodes, plan.ends_at, plan.busy_until) == (old.nodes, ends_at, reservation.busy_until)
    rows = Allocation.objects.filter(reservation=reservation)
    assert set(rows.values_list("block__code", "host__code")) == held
    assert {row.during.upper for row in rows} == {reservation.busy_until}
    assert {row.during.lower for row in rows} == {before.busy_from}


def test_it_is_told_with_from_when_to_when_and_by_whom(house: House) -> None:
    reservation = house.book({L40S: 1}, starts_at=TEN.isoformat())

    later(house, reservation, ONE)

    entry = JournalEntry.objects.get(kind="reservation.extended")
    assert entry.message == "Extended by 60 minutes: it ends 2030-05-13 13:00 UTC, on the same devices."
    assert (entry.actor_name, entry.door, entry.reservation) == ("alice", "api", reservation)
    assert entry.facts | {"usd": "", "usd_before": ""} == {
        "from": NOON.isoformat(),
        "to": ONE.isoformat(),
        "usd": "",
        "usd_before": "",
    }


def test_the_price_grows_at_the_rate_it_was_booked_at_whatever_the_catalogue_says_now(house: House) -> None:
    reservation = house.book({H100: 4}, starts_at=TEN.isoformat())
    (part,) = reservation.price["parts"]
    price = {**reservation.price, "usd": "24.00", "parts": [{**part, "rate_usd_per_hour": "3.00", "usd": "24.00"}]}
    Reservation.objects.filter(pk=reservation.pk).update(price=price)

    later(house, reservation, NOON + timedelta(minutes=90))

    assert reservation.price == {
        **price,
        "usd": "42.00",  # 24 and 4 × 3 $/h × 1.5 h
        "hours": "3.5000",
        "parts": [{**part, "rate_usd_per_hour": "3.00", "usd": "42.00"}],
    }


def test_who_was_reminded_of_the_old_end_is_reminded_of_the_new_one(house: House) -> None:
    reservation = house.book({L40S: 1}, duration_minutes=60)
    house.settle()
    house.clock.now = reservation.ends_at - timedelta(minutes=20)
    house.settle()
    ends_at = reservation.ends_at + timedelta(hours=1)

    later(house, reservation, ends_at)

    assert (reservation.ending_soon_told_at, reservation.next_due_at) == (None, ends_at - timedelta(minutes=30))
    house.clock.now = ends_at - timedelta(minutes=30)
    house.settle()
    reservation.refresh_from_db()
    told = JournalEntry.objects.filter(kind="reservation.ending_soon").order_by("id")
    assert [entry.message for entry in told] == ["Ends in 20 minutes.", "Ends in 30 minutes."]
    assert (reservation.state, reservation.next_due_at) == ("active", ends_at)
    house.clock.now = ends_at
    house.settle()
    reservation.refresh_from_db()
    assert reservation.state == "ended"


def test_asked_for_again_it_changes_nothing(house: House) -> None:
    reservation = house.book({L40S: 1}, starts_at=TEN.isoformat())
    later(house, reservation, ONE, expected_version=1)
    version, price = reservation.version, reservation.price

    later(house, reservation, ONE, expected_version=1)

    assert (reservation.version, reservation.price) == (version, price)
    assert JournalEntry.objects.filter(kind="reservation.extended").count() == 1


@pytest.mark.parametrize(
    ("ends_at", "code"),
    [(NOON - timedelta(minutes=1), "inverted"), (TEN + timedelta(days=367), "too_large")],
    ids=["earlier", "more than a year"],
)
def test_an_end_that_makes_no_sense_is_named_with_its_remedy(house: House, ends_at: datetime, code: str) -> None:
    reservation = house.book({L40S: 1}, starts_at=TEN.isoformat())

    with pytest.raises(Invalid) as caught:
        later(house, reservation, ends_at)

    assert [(error.field, error.code) for error in caught.value.errors] == [("ends_at", code)]
    assert "end" in caught.value.errors[0].message


def test_who_saw_an_older_version_is_told_of_the_present_one(house: House) -> None:
    reservation = house.book({L40S: 1}, starts_at=TEN.isoformat())

    with pytest.raises(Stale, match="version 1"):
        later(house, reservation, ONE, expected_version=7)


@pytest.mark.parametrize("state", [state for state in ReservationState if state not in EXTENDABLE])
def test_in_every_other_state_there_is_nothing_to_extend(house: House, state: ReservationState) -> None:
    reservation = house.book({L40S: 1}, starts_at=TEN.isoformat())
    Reservation.objects.filter(pk=reservation.pk).update(state=state)

    with pytest.raises(WrongState, match=state.replace("_", " ")):
        later(house, reservation, ONE)
    with pytest.raises(WrongState):
        outlook(reservation=reservation, ends=[], now=house.clock.now)


def test_one_whose_window_has_closed_is_over_even_before_anybody_looks(house: House) -> None:
    reservation = house.book({L40S: 1})
    house.settle()
    house.clock.now = reservation.ends_at

    with pytest.raises(WrongState, match="releasing"):
        later(house, reservation, reservation.ends_at + timedelta(hours=1))


def test_the_next_holder_is_named_to_who_may_know_and_the_last_end_that_fits_is_offered(house: House) -> None:
    """Its clean-up is over when the set-up of the next begins: 13:55 less five minutes."""
    reservation = house.book({H100: 8}, starts_at=TEN.isoformat())
    following = on_a_legacy_host(house, {H100: 2}, project="team-research", starts_at=TWO.isoformat())
    blocks = ", ".join(plan_from_wire(following.plan).nodes[0].blocks)
    last = TWO - 2 * PADDING

    error = refused(house, reservation, TWO)

    assert codes(error)[0] == ("DEVICE_BUSY", "ends_at", 8, 6)
    assert error.refusals[0].message == (
        "2 of its 8 devices are somebody else's before it would be given back. "
        f"A reservation of another project has {blocks} from 2030-05-13 13:55 UTC on."
    )
    assert until(error) == [("end", last, {"ends_at": last.isoformat()})]
    research = Project.objects.get(slug="team-research")
    for sees in ([research.pk], None):
        told = refused(house, reservation, TWO, sees=sees).refusals[0].message
        assert told.endswith(f"{following.code} of team-research has {blocks} from 2030-05-13 13:55 UTC on.")
    later(house, reservation, last)
    assert reservation.ends_at == last
    assert_holds(house)


def test_where_the_next_one_follows_at_once_no_end_is_offered(house: House) -> None:
    reservation = house.book({H100: 8}, starts_at=TEN.isoformat())
    house.book({H100: 8}, project="team-research", starts_at=(NOON + 2 * PADDING).isoformat())

    error = refused(house, reservation, NOON + timedelta(minutes=1))

    assert (codes(error)[0], until(error)) == (("DEVICE_BUSY", "ends_at", 8, 0), [])


def test_all_rules_that_refuse_are_told_together(house: House) -> None:
    """The policy allows a week; the project's other booking makes its ceiling of 11 too low; a device is out."""
    reservation = house.book({H100: 8}, starts_at=TEN.isoformat())
    on_a_legacy_host(house, {L40S: 4}, starts_at=TWO.isoformat())
    Quota.objects.filter(project=reservation.project).update(accelerators_max=11)
    broken_one = plan_from_wire(reservation.plan).nodes[0].blocks[0]
    ResourceBlock.objects.filter(code=broken_one).update(is_cordoned=True)
    Pool.objects.filter(pk=house.pool.pk).update(inventory_generation=99)
    house.pool.refresh_from_db()

    error = refused(house, reservation, TEN + timedelta(hours=house.pool.policy["max_duration_hours"], minutes=1))

    found = {code: (need, have) for code, _, need, have in codes(error)}
    assert found.keys() == {"TOO_LONG", "DEVICE_UNAVAILABLE", "QUOTA_DEVICES"}
    assert (found["DEVICE_UNAVAILABLE"], found["QUOTA_DEVICES"]) == ((8, 7), (12, 11))


def test_the_ceiling_is_asked_of_the_added_time_alone(house: House) -> None:
    """A ceiling lowered since it was booked is no reason against what is free after others have ended."""
    reservation = house.book({H100: 4}, starts_at=TEN.isoformat())
    house.book({L40S: 4}, starts_at=TEN.isoformat())
    on_a_legacy_host(house, {L40S: 2}, starts_at=TWO.isoformat())
    Quota.objects.filter(project=reservation.project).update(accelerators_max=5)

    error = refused(house, reservation, TWO)

    assert codes(error) == [("QUOTA_DEVICES", "ends_at", 6, 5)]
    assert error.refusals[0].overridable_by == "operator"
    assert [at for _, at, _ in until(error)] == [TWO - 2 * PADDING]


def test_a_project_that_may_hold_slices_alone_since_holds_no_whole_card_longer(house: House) -> None:
    reservation = house.book({A100: 2}, starts_at=TEN.isoformat())
    Quota.objects.filter(project=reservation.project).update(is_mig_only=True)

    assert codes(refused(house, reservation, ONE)) == [("QUOTA_DEVICES", "ends_at", 2, 0)]


def test_a_maintenance_that_comes_next_is_named(house: House) -> None:
    reservation = house.book({L40S: 1}, starts_at=TEN.isoformat())
    host = plan_from_wire(reservation.plan).nodes[0].host
    outage = plan_maintenance(
        pool=house.pool,
        scope=MaintenanceScope.HOST,
        target=host,
        window=Window(starts_at=ONE, ends_at=TWO),
        decisions={},
        by=house.by(house.charlie),
        now=MONDAY,
        reason="New fans",
    )

    error = refused(house, reservation, TWO)

    assert codes(error) == [("NO_FREE_HOST", "ends_at", 1, 0)]
    assert error.refusals[0].message.endswith(f"Maintenance {outage.code} has {host} from 2030-05-13 13:00 UTC on.")
    assert [at for _, at, _ in until(error)] == [ONE - PADDING]


def test_devices_of_a_change_that_is_under_way_are_held_longer_too(house: House) -> None:
    reservation = house.book({L40S: 2})
    house.settle()
    reservation.refresh_from_db()
    lost = plan_from_wire(reservation.plan).nodes[0].blocks[0]
    swap(reservation=reservation, block=lost, by=house.by(house.alice), now=house.clock.now)
    reservation.refresh_from_db()

    later(house, reservation, reservation.ends_at + timedelta(hours=1))

    rows = Allocation.objects.filter(reservation=reservation, is_holding=True)
    assert (rows.filter(block__isnull=False).count(), {row.during.upper for row in rows}) == (
        3,
        {reservation.busy_until},
    )
    house.settle()
    reservation.refresh_from_db()
    plan = plan_from_wire(reservation.plan)
    assert (lost in plan.nodes[0].blocks, plan.busy_until) == (False, reservation.busy_until)
    assert_holds(house)


def test_what_it_would_come_to_is_said_and_nothing_is_held(house: House) -> None:
    reservation = house.book({H100: 8}, starts_at=TEN.isoformat())
    house.book({H100: 8}, project="team-research", starts_at=TWO.isoformat())
    rate = float(reservation.price["parts"][0]["rate_usd_per_hour"])

    found = outlook(reservation=reservation, ends=[ONE, TWO], now=house.clock.now)

    fitting, clashing, latest = found.extensions
    assert (found.latest, latest.ends_at, latest.refusals) == (TWO - 2 * PADDING, TWO - 2 * PADDING, ())
    assert (fitting.ends_at, fitting.refusals, float(fitting.added_usd)) == (ONE, (), round(8 * rate, 2))
    assert (clashing.ends_at, clashing.refusals[0].code.value) == (TWO, "DEVICE_BUSY")
    reservation.refresh_from_db()
    assert (reservation.ends_at, reservation.version) == (NOON, 1)


def test_with_nobody_after_it_the_policy_says_how_long_it_can_last(house: House) -> None:
    reservation = house.book({L40S: 1}, starts_at=TEN.isoformat())

    longest = timedelta(hours=house.pool.policy["max_duration_hours"])

    assert outlook(reservation=reservation, ends=[], now=house.clock.now).latest == TEN + longest


def test_a_price_and_a_plan_are_the_same_however_often_it_is_extended(house: House) -> None:
    step, at_once = (house.book({L40S: 1}, starts_at=TEN.isoformat()) for _ in range(2))

    for hours in range(1, 4):
        later(house, step, NOON + timedelta(hours=hours))
    later(house, at_once, NOON + timedelta(hours=3))

    assert (step.price, step.ends_at, step.busy_until) == (at_once.price, at_once.ends_at, at_once.busy_until)
    assert (step.version, at_once.version) == (4, 2)


@pytest.mark.parametrize("verb", [cancel, release], ids=lambda verb: verb.__name__)
def test_one_that_is_on_its_way_out_is_not_extended(house: House, verb) -> None:
    reservation = house.book({L40S: 1})
    house.settle()
    verb(reservation=reservation, by=house.by(house.alice), now=house.clock.now)

    with pytest.raises(WrongState, match="releasing"):
        later(house, reservation, reservation.ends_at + timedelta(hours=1))


@pytest.mark.django_db(transaction=True)
def test_who_cannot_have_the_pool_is_told_that_it_is_busy(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_commit, "LOCK_MILLISECONDS_MAX", 20)
    reservation = house.book({L40S: 1}, starts_at=TEN.isoformat())

    with somebody_else_holds(house.pool):
        error = refused(house, reservation, ONE)

    assert [one.code.value for one in error.refusals] == ["POOL_BUSY"]
    reservation.refresh_from_db()
    assert (reservation.ends_at, reservation.version) == (NOON, 1)


def assert_holds(house: House) -> None:
    """What is kept in the process, what is in the rows, and every invariant of them."""
    kept = snapshot(pool_code="lab", project_slug="team-chat", now=house.clock.now)
    boards.forget()
    read = snapshot(pool_code="lab", project_slug="team-chat", now=house.clock.now)
    assert sorted(map(str, map(asdict, kept.commitments))) == sorted(map(str, map(asdict, read.commitments)))
    assert broken(topology=read.topology, commitments=read.commitments, quotas=[read.quota]) == ()
