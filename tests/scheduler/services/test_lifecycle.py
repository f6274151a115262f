"""From booking to proof, with the clock turned by hand; what is attached is read in the emulator's own file."""

from datetime import timedelta

import pytest

from fabric.models import Attachment, ReleaseProof, ResourceBlock
from scheduler.models import Allocation, JournalEntry, Notice
from scheduler.refusals import Stale, WrongState
from scheduler.services.advance_due import advance_due
from scheduler.services.cancel import cancel
from scheduler.services.confirm import confirm
from scheduler.services.release import release
from tests.scheduler.services.house import H100, MONDAY, NVME, House, Truth

pytestmark = pytest.mark.django_db


def test_start_now_composes_at_once_and_gives_everything_back_at_the_end(house: House, truth: Truth) -> None:
    reservation = house.book({H100: 4, NVME: 2})

    assert (reservation.state, reservation.starts_at) == ("confirmed", MONDAY + timedelta(minutes=5))
    assert reservation.busy_from == MONDAY

    house.settle()
    reservation.refresh_from_db()

    assert reservation.state == "active"
    assert truth.attached() == set(reservation.plan["nodes"][0]["blocks"])

    house.clock.now = reservation.ends_at
    house.settle()
    reservation.refresh_from_db()

    assert reservation.state == "ended"
    assert truth.attached() == set()
    assert set(ResourceBlock.objects.values_list("state", flat=True)) == {"free"}
    assert Attachment.objects.filter(until__isnull=True).count() == 0
    assert ReleaseProof.objects.filter(is_proven=True).count() == 6
    assert Allocation.objects.filter(is_holding=True).count() == 0


def test_a_later_window_waits_for_its_set_up(house: House, truth: Truth) -> None:
    starts_at = MONDAY + timedelta(hours=3)
    reservation = house.book({H100: 2}, starts_at=starts_at.isoformat())

    house.clock.now = starts_at - timedelta(minutes=5, seconds=1)
    house.settle()
    assert truth.attached() == set()

    house.clock.now = starts_at - timedelta(minutes=5)
    house.settle()
    reservation.refresh_from_db()
    assert reservation.state == "active"


def test_every_change_of_state_is_journalled_once(house: House) -> None:
    reservation = house.book({H100: 2})
    house.settle()
    release(reservation=reservation, by=house.by(house.alice), now=house.clock.now)
    house.settle()

    kinds = JournalEntry.objects.filter(reservation=reservation, kind__startswith="reservation.").values_list(
        "kind", flat=True
    )
    assert list(kinds) == [
        "reservation.confirmed",
        "reservation.composing",
        "reservation.active",
        "reservation.releasing",
        "reservation.ended",
    ]


def test_ending_early_twice_is_ending_early_once(house: House, truth: Truth) -> None:
    reservation = house.book({H100: 2})
    house.settle()

    for _ in range(2):
        release(reservation=reservation, by=house.by(house.alice), now=house.clock.now)
    house.settle()
    before = reservation.__class__.objects.get(pk=reservation.pk)
    release(reservation=before, by=house.by(house.alice), now=house.clock.now)

    assert (before.state, before.state_reason) == ("ended", "Ended early.")
    assert truth.attached() == set()


def test_cancelling_before_composing_frees_the_window_at_once(house: House) -> None:
    reservation = house.book({H100: 8}, starts_at=(MONDAY + timedelta(days=1)).isoformat())
    cancel(reservation=reservation, by=house.by(house.alice), now=house.clock.now, reason="not needed")

    again = house.book({H100: 8}, starts_at=(MONDAY + timedelta(days=1)).isoformat())

    assert (reservation.state, reservation.state_reason, again.state) == ("cancelled", "not needed", "confirmed")


def test_cancelling_an_active_one_releases_it_with_that_reason(house: House, truth: Truth) -> None:
    reservation = house.book({H100: 2})
    house.settle()
    cancel(reservation=reservation, by=house.by(house.alice), now=house.clock.now, reason="wrong model")
    house.settle()
    reservation.refresh_from_db()

    assert (reservation.state, reservation.state_reason) == ("cancelled", "wrong model")
    assert truth.attached() == set()


def test_an_older_version_is_refused_and_changes_nothing(house: House) -> None:
    reservation = house.book({H100: 2}, starts_at=(MONDAY + timedelta(days=1)).isoformat())

    with pytest.raises(Stale) as stale:
        cancel(reservation=reservation, by=house.by(house.alice), now=house.clock.now, expected_version=7)

    reservation.refresh_from_db()
    assert (stale.value.version, reservation.state) == (1, "confirmed")


def test_a_hold_is_confirmed_or_expires(house: House) -> None:
    tomorrow = (MONDAY + timedelta(days=1)).isoformat()
    kept = house.book({H100: 2}, starts_at=tomorrow, hold_minutes=10)
    lost = house.book({H100: 2}, starts_at=tomorrow, hold_minutes=10)
    confirm(reservation=kept, by=house.by(house.alice), now=MONDAY + timedelta(minutes=9))

    advance_due(now=MONDAY + timedelta(minutes=10))
    lost.refresh_from_db()

    assert (kept.state, lost.state) == ("confirmed", "expired")
    assert Allocation.objects.filter(reservation=lost, is_holding=True).count() == 0
    with pytest.raises(WrongState):
        confirm(reservation=lost, by=house.by(house.alice), now=MONDAY + timedelta(minutes=11))


def test_the_owner_is_told_half_an_hour_before_the_end_and_at_the_end(house: House) -> None:
    reservation = house.book({H100: 2})
    house.settle()
    house.clock.now = reservation.ends_at - timedelta(minutes=30)
    house.settle()
    house.settle()
    house.clock.now = reservation.ends_at
    house.settle()

    told = Notice.objects.filter(user=house.alice).order_by("id").values_list("entry__kind", "entry__message")
    assert list(told) == [
        ("reservation.ending_soon", "Ends in 30 minutes."),
        ("reservation.ended", "Given back: every block is proven free or quarantined."),
    ]


def test_touching_windows_hand_the_same_blocks_over_ends_first(house: House, truth: Truth) -> None:
    """The second one's set-up begins at the instant at which the first one's clean-up is over."""
    first = house.book({H100: 8})
    second = house.book(
        {H100: 8}, project="team-research", starts_at=(first.busy_until + timedelta(minutes=5)).isoformat()
    )
    house.settle()

    house.clock.now = second.busy_from
    house.settle()
    first.refresh_from_db()
    second.refresh_from_db()

    assert (first.state, second.state) == ("ended", "active")
    assert truth.owners() == {second.code}
