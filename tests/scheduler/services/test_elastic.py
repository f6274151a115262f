"""Elastic groups: the floor stays, what is above it goes first, in time and cleanly, and a profile is followed."""

from datetime import timedelta

import pytest

from fabric.models import Pool
from scheduler import limits
from scheduler.models import Allocation, JournalEntry, Notice, Reservation
from scheduler.queries import boards
from scheduler.queries.giving_back import given_back_from
from scheduler.refusals import Invalid, Refused, Stale, WrongState
from scheduler.services._resize_active import BEING_CHANGED
from scheduler.services.cancel import cancel
from scheduler.services.check_in import check_in
from scheduler.services.elastic import follow_profiles, give_back_due, set_elastic
from scheduler.services.extend import extend
from scheduler.services.release import release
from tests.scheduler.services.extending import assert_holds
from tests.scheduler.services.house import A100, H100, L40S, MONDAY, House, Truth
from tests.scheduler.services.resizing import active, ask, assert_whole, book, group, nodes_of

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
BOUNDS = {"decode": {"floor": 1, "ceiling": 4}}
WHOLE = [group(1, {H100: 8})]


def decode(nodes: int) -> dict[str, object]:
    return {"groups": [{"role": "decode", "nodes": nodes}]}


@pytest.fixture
def mine(house: House, truth: Truth) -> Reservation:
    """Two nodes of four H100 each in use, all there are; one of them is the floor. From eight to two o'clock."""
    boards.forget()
    mine = active(house, [group(2, {H100: 4}, "decode")], elastic=BOUNDS, duration_minutes=360)
    check_in(reservation=mine, by=house.by(house.alice), now=house.clock.now)
    mine.refresh_from_db()
    return mine


def counts(reservation: Reservation) -> list[str]:
    return [role for role, _, _ in nodes_of(reservation).values()]


def test_on_request_it_grows_to_its_ceiling_and_no_further(house: House, truth: Truth) -> None:
    mine = active(house, [group(1, {L40S: 1}, "decode")], elastic={"decode": {"floor": 1, "ceiling": 2}})

    ask(house, mine, decode(2))
    house.settle()
    with pytest.raises(Invalid) as caught:
        ask(house, mine, decode(3))

    assert counts(mine) == ["decode", "decode"]
    assert [(error.field, error.code, error.message) for error in caught.value.errors] == [
        ("mix[0].nodes", "too_large", "“decode” has a floor of 1 and a ceiling of 2 nodes.")
    ]


def test_who_books_later_gets_what_is_above_the_floor_and_it_is_given_back_in_time(
    house: House, truth: Truth, mine: Reservation
) -> None:
    """Four of the eight from ten o'clock on; set-up and clean-up take five minutes each."""
    begin = MONDAY + 2 * HOUR

    theirs = book(house, [group(1, {H100: 4})], project="team-research", starts_at=begin.isoformat())

    assert theirs.state == "confirmed"
    assert given_back_from(reservation=mine) == {1: begin - 5 * MINUTE}
    entry = JournalEntry.objects.get(kind="reservation.shrunk")
    assert entry.message == (
        "Gives back 1 decode node above its floor from 2030-05-13 09:55 UTC on: another booking needs the devices."
        " The floor stays."
    )
    assert Notice.objects.filter(entry=entry, user=house.alice).exists()
    assert_holds(house)

    house.clock.now = begin - 11 * MINUTE
    assert give_back_due(now=house.clock.now) == 0
    house.clock.now = begin - 10 * MINUTE
    assert give_back_due(now=house.clock.now) == 1
    house.settle()
    assert counts(mine) == ["decode"]
    house.clock.now = begin - 5 * MINUTE
    house.settle()
    theirs.refresh_from_db()
    assert theirs.state == "active"
    mine.refresh_from_db()
    assert_whole(house, truth, mine, theirs)


def test_who_books_now_begins_as_soon_as_it_is_clean(house: House, truth: Truth, mine: Reservation) -> None:
    begin = house.clock.now + 20 * MINUTE

    theirs = book(house, [group(1, {H100: 4})], project="team-research", starts_at=begin.isoformat())

    house.clock.now = begin - 10 * MINUTE
    give_back_due(now=house.clock.now)
    house.settle()
    house.clock.now = begin
    house.settle()
    theirs.refresh_from_db()
    assert (theirs.state, counts(mine)) == ("active", ["decode"])


def test_where_the_other_was_withdrawn_it_keeps_what_it_has(house: House, truth: Truth, mine: Reservation) -> None:
    begin = MONDAY + 2 * HOUR
    theirs = book(house, [group(1, {H100: 4})], project="team-research", starts_at=begin.isoformat())
    cancel(reservation=theirs, by=house.by(house.charlie), now=house.clock.now)

    house.clock.now = begin - 10 * MINUTE
    assert give_back_due(now=house.clock.now) == 0

    assert (given_back_from(reservation=mine), counts(mine)) == ({}, ["decode", "decode"])
    assert_holds(house)


def test_what_cannot_be_given_back_yet_makes_nobody_look_again(
    house: House, truth: Truth, mine: Reservation, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = MONDAY + 2 * HOUR
    book(house, [group(1, {H100: 4})], project="team-research", starts_at=begin.isoformat())
    house.clock.now = begin - 10 * MINUTE
    monkeypatch.setattr("scheduler.services.elastic.resize", _refused)
    generation = Pool.objects.get().generation

    assert (give_back_due(now=house.clock.now), Pool.objects.get().generation) == (0, generation)


def _refused(**_: object) -> None:
    raise Refused([BEING_CHANGED])


def test_the_floor_is_nobody_else_s(house: House, mine: Reservation) -> None:
    with pytest.raises(Refused) as caught:
        book(house, WHOLE, project="team-research", starts_at=(MONDAY + 2 * HOUR).isoformat())

    assert "DEVICE_BUSY" in {one.code.value for one in caught.value.refusals}
    assert (given_back_from(reservation=mine), counts(mine)) == ({}, ["decode", "decode"])
    assert not JournalEntry.objects.filter(kind="reservation.shrunk").exists()


def test_what_fits_beside_it_takes_nothing_of_it(house: House, mine: Reservation) -> None:
    book(house, [group(1, {L40S: 1})], project="team-research", starts_at=(MONDAY + 2 * HOUR).isoformat())

    assert given_back_from(reservation=mine) == {}


def test_what_has_not_begun_leaves_them_out_at_once(house: House) -> None:
    boards.forget()
    when = {"starts_at": (MONDAY + 4 * HOUR).isoformat()}
    mine = book(house, [group(2, {H100: 4}, "decode")], elastic=BOUNDS, **when)
    usd = float(mine.price["usd"])

    book(house, [group(1, {H100: 4})], project="team-research", **when)

    mine.refresh_from_db()
    assert (counts(mine), mine.request["mix"][0]["nodes"], float(mine.price["usd"])) == (["decode"], 1, usd / 2)
    assert Allocation.objects.filter(reservation=mine, is_holding=True, block__isnull=False).count() == 4
    assert "before it begins" in JournalEntry.objects.get(kind="reservation.shrunk").message
    assert_holds(house)


def test_extended_it_keeps_its_floor_and_gives_back_as_promised(house: House, truth: Truth, mine: Reservation) -> None:
    begin = MONDAY + 4 * HOUR
    book(house, [group(1, {H100: 4})], project="team-research", starts_at=begin.isoformat())
    mine.refresh_from_db()

    extend(reservation=mine, ends_at=mine.ends_at + HOUR, by=house.by(house.alice), now=house.clock.now)

    assert given_back_from(reservation=mine) == {1: begin - 5 * MINUTE}
    assert_holds(house)


def test_ended_before_it_gives_nothing_back_twice(house: House, truth: Truth, mine: Reservation) -> None:
    begin = MONDAY + 4 * HOUR
    book(house, [group(1, {H100: 4})], project="team-research", starts_at=begin.isoformat())
    release(reservation=mine, by=house.by(house.alice), now=house.clock.now)
    house.settle()

    assert give_back_due(now=begin) == 0
    assert truth.attached() == set()


def test_a_profile_is_followed_when_it_turns_and_not_against_people_s_own_wish(house: House, truth: Truth) -> None:
    """Three nodes on Mondays from nine to ten on the pool's clock, which is an hour or two ahead of UTC."""
    house.pool.time_zone = "UTC"
    house.pool.save(update_fields=["time_zone"])
    profile = [{"weekdays": "1", "from": "09:00", "until": "10:00", "nodes": 3}]
    bounds = {"decode": {"floor": 1, "ceiling": 4, "profile": profile}}
    mine = active(house, [group(1, {L40S: 1}, "decode")], elastic=bounds, duration_minutes=300)
    check_in(reservation=mine, by=house.by(house.alice), now=house.clock.now)

    def at(hours: float) -> int:
        house.clock.now = MONDAY + timedelta(hours=hours)
        follow_profiles(now=house.clock.now)
        house.settle()
        follow_profiles(now=house.clock.now)
        return len(counts(mine))

    assert [at(0.5), at(1), at(1.5)] == [1, 3, 3]
    ask(house, mine, decode(2))
    assert [at(1.7), at(2)] == [2, 1]


def test_of_what_a_profile_wants_it_gets_as_much_as_there_is(house: House, truth: Truth) -> None:
    """Four A100, of which one is another's."""
    boards.forget()
    house.pool.time_zone = "UTC"
    house.pool.save(update_fields=["time_zone"])
    book(house, [group(1, {A100: 1})], project="team-research", duration_minutes=480)
    profile = [{"weekdays": "1", "from": "08:00", "until": "20:00", "nodes": 4}]
    bounds = {"decode": {"floor": 1, "ceiling": 4, "profile": profile}}
    mine = active(house, [group(1, {A100: 1}, "decode")], elastic=bounds, duration_minutes=300)

    assert follow_profiles(now=house.clock.now) == 1
    house.settle()

    assert len(counts(mine)) == 3


def test_the_bounds_can_be_set_while_it_lives(house: House) -> None:
    mine = book(house, [group(2, {L40S: 1}, "decode")], starts_at=(MONDAY + 2 * HOUR).isoformat())
    by, now = house.by(house.alice), house.clock.now

    set_elastic(reservation=mine, elastic=BOUNDS, by=by, now=now, expected_version=1)
    set_elastic(reservation=mine, elastic=BOUNDS, by=by, now=now, expected_version=1)

    assert (mine.version, mine.elastic["decode"]["ceiling"], mine.request["elastic"]) == (2, 4, mine.elastic)
    entry = JournalEntry.objects.get(kind="reservation.elastic_set")
    assert entry.message == (
        "Elastic: “decode” has 1 to 4 nodes. The floor is promised; what is above it is given back first."
    )
    with pytest.raises(Stale):
        set_elastic(reservation=mine, elastic={}, by=by, now=now, expected_version=1)
    with pytest.raises(Invalid, match="floor of 3"):
        set_elastic(reservation=mine, elastic={"decode": {"floor": 3, "ceiling": 4}}, by=by, now=now)
    Reservation.objects.filter(pk=mine.pk).update(state="ended")
    with pytest.raises(WrongState, match="ended"):
        set_elastic(reservation=mine, elastic={}, by=by, now=now)


def profiled(nodes: int, ceiling: int) -> dict[str, object]:
    """Wanted on Mondays until eight in the evening."""
    profile = [{"weekdays": "1", "from": "00:00", "until": "20:00", "nodes": nodes}]
    return {"floor": 1, "ceiling": ceiling, "profile": profile}


def test_a_role_that_cannot_grow_does_not_keep_another_from_growing(house: House, truth: Truth) -> None:
    """All H100 are held, so that decode, which is looked at first, gets no second node; prefill gets one."""
    boards.forget()
    mix = [group(1, {H100: 4}, "decode"), group(1, {A100: 1}, "prefill")]
    bounds = {"prefill": profiled(2, 2), "decode": profiled(2, 2)}
    book(house, [group(1, {H100: 4})], project="team-research", duration_minutes=480)
    mine = active(house, mix, elastic=bounds, duration_minutes=300)

    assert follow_profiles(now=house.clock.now) == 1
    house.settle()

    assert sorted(counts(mine)) == ["decode", "prefill", "prefill"]


def test_profiles_are_followed_beyond_the_first_page(
    house: House, truth: Truth, monkeypatch: pytest.MonkeyPatch
) -> None:
    boards.forget()
    for _ in range(2):
        active(house, [group(1, {A100: 1}, "decode")], elastic={"decode": profiled(2, 2)}, duration_minutes=300)
    monkeypatch.setattr(limits, "ADVANCE_BATCH_MAX", 1)

    assert follow_profiles(now=house.clock.now) == 2


def test_what_is_promised_to_another_is_given_back_however_many_others_are_elastic(
    house: House, truth: Truth, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first has no node above its floor."""
    boards.forget()
    active(house, [group(1, {A100: 1}, "decode")], elastic=BOUNDS, duration_minutes=360)
    active(house, [group(2, {H100: 4}, "decode")], elastic=BOUNDS, duration_minutes=360, project="team-research")
    begin = MONDAY + HOUR
    book(house, [group(1, {H100: 4})], starts_at=begin.isoformat())
    monkeypatch.setattr(limits, "ADVANCE_BATCH_MAX", 1)

    assert give_back_due(now=begin - 10 * MINUTE) == 1
