"""Idle devices: told first, then given back or fewer; a busy device or a person's word keeps them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from fabric.models import Attachment, Pool, ResourceBlock
from portal.accounts.models import User
from scheduler.models import JournalEntry, Membership, Notice, Reservation, Utilisation
from scheduler.parsing import parse_request
from scheduler.services import _idling
from scheduler.services._idling import look_for_idle
from scheduler.services.check_in import check_in
from scheduler.services.extend import extend
from scheduler.services.hand_over import Taker, hand_over
from scheduler.services.submit import submit
from scheduler.services.telemetry import Kept, forget_samples, keep_samples
from scheduler.states import ProjectRole, ReservationState
from scheduler.telemetry_parsing import Sample
from tests.scheduler.services.house import H100, L40S, WORDS, House

pytestmark = pytest.mark.django_db
IDLE = {"percent": 5, "warn_minutes": 30, "release_minutes": 15, "action": "release"}
STEP = 300


def with_policy(house: House, **policy: object) -> None:
    Pool.objects.filter(pk=house.pool.pk).update(policy={**house.pool.policy, **policy})
    house.pool.refresh_from_db()


def in_use(house: House, mix: dict[str, int], **more: Any) -> Reservation:
    reservation = house.book(mix, **more)
    return settled(house, reservation)


def settled(house: House, reservation: Reservation) -> Reservation:
    house.settle()
    reservation.refresh_from_db()
    assert reservation.state == ReservationState.ACTIVE
    return reservation


def blocks(reservation: Reservation) -> list[str]:
    found = Attachment.objects.filter(composition__owner=reservation.code, until__isnull=True)
    return sorted(found.values_list("block__code", flat=True))


def tell(house: House, codes: Sequence[str], percent: int) -> Kept:
    return keep_samples(
        pool=house.pool, samples=[Sample(code, house.clock.now, percent) for code in codes], source="test"
    )


def minutes(house: House, reservation: Reservation, count: int, percents: Sequence[int]) -> None:
    """Samples every five minutes, and a look after each. `percents` are those of its devices."""
    for _ in range(count * 60 // STEP):
        house.clock.turn(STEP)
        for code, percent in zip(blocks(reservation), percents, strict=False):
            tell(house, [code], percent)
        look_for_idle(now=house.clock.now)
    reservation.refresh_from_db()


def told(reservation: Reservation) -> list[str]:
    kinds = ("reservation.idle", "reservation.releasing", "reservation.shrunk")
    found = JournalEntry.objects.filter(reservation=reservation, kind__in=kinds).order_by("id")
    return list(found.values_list("kind", flat=True))


def test_idle_devices_are_told_of_and_then_given_back(house: House) -> None:
    with_policy(house, idle=IDLE)
    reservation = in_use(house, {H100: 2})

    minutes(house, reservation, 30, (0, 5))
    assert (told(reservation), reservation.idle_since is not None) == ([], True)
    minutes(house, reservation, 5, (0, 5))
    assert told(reservation) == ["reservation.idle"]
    minutes(house, reservation, 10, (0, 5))
    assert reservation.state == ReservationState.ACTIVE
    minutes(house, reservation, 5, (0, 5))

    assert (reservation.state, told(reservation)) == (
        ReservationState.RELEASING,
        ["reservation.idle", "reservation.releasing"],
    )
    assert reservation.state_reason.startswith("No device of it was busy since 2030-05-13 08:")
    house.settle()
    reservation.refresh_from_db()
    assert reservation.state == ReservationState.ENDED
    assert float(reservation.price["due"]["usd"]) < float(reservation.price["usd"])  # given back early is credited


def test_one_busy_device_keeps_them_all(house: House) -> None:
    with_policy(house, idle=IDLE)
    reservation = in_use(house, {H100: 2})

    minutes(house, reservation, 60, (0, 6))

    assert (told(reservation), reservation.idle_since) == ([], None)


def test_who_becomes_busy_after_the_warning_keeps_it_and_is_told_anew(house: House) -> None:
    with_policy(house, idle=IDLE)
    reservation = in_use(house, {H100: 2}, duration_minutes=600)

    minutes(house, reservation, 40, (0, 0))
    minutes(house, reservation, 5, (90, 0))
    assert (reservation.idle_since, reservation.idle_warned_at) == (None, None)
    minutes(house, reservation, 25, (0, 0))
    assert told(reservation) == ["reservation.idle"]
    minutes(house, reservation, 10, (0, 0))

    assert (told(reservation), reservation.state) == (["reservation.idle"] * 2, ReservationState.ACTIVE)


def test_a_silent_agent_gives_nothing_back(house: House) -> None:
    with_policy(house, idle=IDLE)
    reservation = in_use(house, {H100: 2})

    minutes(house, reservation, 35, (0, 0))
    minutes(house, reservation, 20, (0,))  # of the second device nobody tells any more

    assert (told(reservation), reservation.state) == (["reservation.idle"], ReservationState.ACTIVE)
    assert reservation.idle_since is None


def test_whoever_checks_in_keeps_it_as_often_as_it_is_told(house: House) -> None:
    with_policy(house, idle=IDLE)
    reservation = in_use(house, {H100: 2}, duration_minutes=600)

    for _ in range(2):
        minutes(house, reservation, 40, (0, 0))
        check_in(reservation=reservation, by=house.by(house.alice), now=house.clock.now)

    reservation.refresh_from_db()
    assert (told(reservation), reservation.state) == (["reservation.idle"] * 2, ReservationState.ACTIVE)


def test_who_gets_it_handed_over_keeps_it_until_they_are_told_themselves(house: House) -> None:
    bob = User.objects.create_user("bob")
    with_policy(house, idle=IDLE)
    reservation = in_use(house, {H100: 2}, duration_minutes=600)
    Membership.objects.create(project=reservation.project, user=bob, role=ProjectRole.MEMBER)

    minutes(house, reservation, 40, (0, 0))
    to = Taker(project=reservation.project, user_id=bob.pk, username="bob")
    hand_over(reservation=reservation, to=to, by=house.by(house.alice), now=house.clock.now)
    minutes(house, reservation, 25, (0, 0))
    assert (told(reservation), reservation.state) == (["reservation.idle"], ReservationState.ACTIVE)
    minutes(house, reservation, 10, (0, 0))

    heard = Notice.objects.filter(entry__kind="reservation.idle").order_by("id")
    assert list(heard.values_list("user__username", flat=True)) == ["alice", "bob"]
    assert (told(reservation), reservation.state) == (["reservation.idle"] * 2, ReservationState.ACTIVE)


def extends_first(house: House, reservation: Reservation, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The owner's extension holds the pool's lock, and commits, while the look at idle ones waits for it."""
    act, asked = getattr(_idling, name), list[str]()

    def late(**given: Any) -> object:
        if not asked:
            asked.append(name)
            mine = Reservation.objects.get(pk=reservation.pk)
            until = mine.ends_at + timedelta(hours=1)
            extend(reservation=mine, ends_at=until, by=house.by(house.alice), now=house.clock.now)
        return act(**given)

    monkeypatch.setattr(_idling, name, late)


def test_who_extends_it_while_the_lock_is_waited_for_keeps_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with_policy(house, idle=IDLE)
    reservation = in_use(house, {H100: 2}, duration_minutes=600)
    minutes(house, reservation, 45, (0, 0))

    extends_first(house, reservation, monkeypatch, "lock_pool")
    minutes(house, reservation, 15, (0, 0))

    assert (told(reservation), reservation.state) == (["reservation.idle"], ReservationState.ACTIVE)


def test_a_device_that_is_busy_while_the_lock_is_waited_for_keeps_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_policy(house, idle=IDLE)
    reservation = in_use(house, {H100: 2}, duration_minutes=600)
    minutes(house, reservation, 45, (0, 0))
    lock = _idling.lock_pool

    def late(*, pool_id: int) -> Pool:
        house.clock.turn(1)
        tell(house, blocks(reservation), 90)
        return lock(pool_id=pool_id)

    monkeypatch.setattr(_idling, "lock_pool", late)
    minutes(house, reservation, 5, (0, 0))

    assert (told(reservation), reservation.state) == (["reservation.idle"], ReservationState.ACTIVE)


@pytest.mark.parametrize("before", ["lock_pool", "resize"])
def test_who_extends_it_before_it_is_made_smaller_keeps_it_whole(
    house: House, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    with_policy(house, idle={**IDLE, "action": "shrink"})
    reservation = two_nodes(house)
    minutes(house, reservation, 45, (0, 0, 0, 0))

    extends_first(house, reservation, monkeypatch, before)
    minutes(house, reservation, 15, (0, 0, 0, 0))
    settled(house, reservation)

    assert (told(reservation), len(blocks(reservation))) == (["reservation.idle"], 4)


def two_nodes(house: House) -> Reservation:
    mix = [{"role": "decode", "nodes": 2, "lines": [{"device_class": L40S, "count": 2}]}]
    body = {"project": "team-chat", "pool": "lab", "mix": mix, "duration_minutes": 120}
    request = parse_request(body, vocabulary=WORDS, now=house.clock.now)
    return settled(house, submit(request=request, by=house.by(house.alice), now=house.clock.now))


def test_where_the_policy_says_so_it_is_made_smaller_instead(house: House) -> None:
    with_policy(house, idle={**IDLE, "action": "shrink"})
    reservation = two_nodes(house)

    minutes(house, reservation, 55, (0, 0, 0, 0))
    settled(house, reservation)

    assert (told(reservation), len(blocks(reservation))) == (["reservation.idle", "reservation.shrunk"], 2)


def test_a_busy_device_is_a_sign_of_life(house: House) -> None:
    """So that nobody need check in whose work has begun."""
    with_policy(house, checkin_grace_minutes=30, on_no_show="release")
    start = house.clock.now + timedelta(hours=1)
    window = {"starts_at": start.isoformat(), "ends_at": (start + timedelta(hours=2)).isoformat()}
    busy, idle = house.book({H100: 2}, **window), house.book({L40S: 2}, **window)
    house.clock.now = start
    house.settle()
    tell(house, blocks(busy), 90)
    tell(house, blocks(idle), 0)

    house.clock.turn(31 * 60)
    house.settle()

    states = {one.code: one.state for one in Reservation.objects.all()}
    assert (states[busy.code], states[idle.code]) == (ReservationState.ACTIVE, ReservationState.ENDED)


def test_samples_are_kept_once_and_forgotten_after_weeks(house: House) -> None:
    code = ResourceBlock.objects.order_by("id")[0].code
    first = tell(house, [code, "no-such-block"], 10)
    again = tell(house, [code], 99)

    assert (first, again) == (Kept(taken=1, unknown=("no-such-block",)), Kept(taken=1, unknown=()))
    assert list(Utilisation.objects.values_list("percent", flat=True)) == [10]
    assert [forget_samples(now=house.clock.now + timedelta(days=days)) for days in (35, 36)] == [0, 1]
