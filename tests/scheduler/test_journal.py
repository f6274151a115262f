"""Who is told what: the one who booked, or the leads when that member has left; nobody by name outside the project."""

import pytest
from django.db import DatabaseError, transaction

from portal.accounts.models import User
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import JournalEntry, Membership, Notice, Project, Reservation
from scheduler.requests import SYSTEM
from scheduler.states import ProjectRole
from tests.scheduler.services.house import H100, House

pytestmark = pytest.mark.django_db


def bobs(house: House) -> tuple[User, Reservation]:
    bob = User.objects.create_user("bob")
    Membership.objects.create(project=Project.objects.get(slug="team-chat"), user=bob, role=ProjectRole.MEMBER)
    reservation = house.book({H100: 2})
    Reservation.objects.filter(pk=reservation.pk).update(created_by=bob)
    reservation.refresh_from_db()
    return bob, reservation


def tell(house: House, reservation: Reservation) -> None:
    kind = JournalKind.RESERVATION_FAILED
    journal.record(kind=kind, message="Failed.", by=SYSTEM, now=house.clock.now, reservation=reservation)


def told() -> list[str]:
    return list(Notice.objects.order_by("id").values_list("user__username", flat=True))


def test_the_one_who_booked_is_told(house: House) -> None:
    _, reservation = bobs(house)

    tell(house, reservation)

    assert told() == ["bob"]


def test_when_that_member_has_left_the_leads_are_told(house: House) -> None:
    bob, reservation = bobs(house)
    Membership.objects.filter(user=bob).delete()

    tell(house, reservation)

    assert told() == ["alice"]


def test_an_entry_can_be_neither_changed_nor_deleted(house: House) -> None:
    house.book({H100: 2})
    entries = JournalEntry.objects.all()

    with pytest.raises(DatabaseError), transaction.atomic():
        entries.update(message="It never happened.")
    with pytest.raises(DatabaseError), transaction.atomic():
        entries.delete()

    assert [entry.kind for entry in entries] == ["reservation.confirmed"]
