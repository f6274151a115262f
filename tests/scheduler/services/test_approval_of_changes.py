"""A change that makes more of a booking asks for consent anew; who could give it gives it by making the change."""

from datetime import timedelta

import pytest

from portal.accounts.models import User
from scheduler.models import JournalEntry, Membership, Notice, Project, Reservation
from scheduler.refusals import Refused
from scheduler.resize_parsing import ResizeWish, parse_resize
from scheduler.services._auto_extending import extend_due
from scheduler.services.approve import approve
from scheduler.services.auto_extend import auto_extend
from scheduler.services.extend import extend, outlook
from scheduler.services.hand_over import Taker, refusals_of
from scheduler.services.resize import preview, resize
from scheduler.states import ProjectRole
from tests.scheduler.services.consenting import Consent, consent_in
from tests.scheduler.services.house import L40S, MONDAY, House
from tests.scheduler.services.resizing import group

pytestmark = pytest.mark.django_db
TEN = MONDAY + timedelta(hours=2)


@pytest.fixture
def consent(house: House) -> Consent:
    return consent_in(house)


@pytest.fixture
def approved(consent: Consent) -> Reservation:
    """Two cards from ten to noon, which Alice has approved: more than one needs that."""
    consent.rule(devices_over=1)
    mine = consent.book(2, starts_at=TEN.isoformat())
    return approve(reservation=mine, by=consent.by(consent.house.alice), now=consent.now)


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [refusal.code.value for refusal in refused.value.refusals]


def wish(cards: int) -> ResizeWish:
    return parse_resize({"mix": [group(1, {L40S: cards})]})


def test_consent_to_two_hours_is_none_to_three(consent: Consent, approved: Reservation) -> None:
    later = approved.ends_at + timedelta(hours=1)

    with pytest.raises(Refused) as refused:
        extend(reservation=approved, ends_at=later, by=consent.by(consent.bob), now=consent.now)
    seen = outlook(reservation=approved, ends=[later], now=consent.now, by=consent.by(consent.bob))

    assert codes(refused) == ["NEEDS_APPROVAL"]
    assert refused.value.alternatives == ()  # as long as it fits, somebody would have to consent to that too
    assert [refusal.code.value for refusal in seen.extensions[0].refusals] == ["NEEDS_APPROVAL"]


def test_what_would_need_consent_does_not_extend_itself_and_its_people_are_told_once(
    consent: Consent, approved: Reservation
) -> None:
    until, house = approved.ends_at + timedelta(hours=1), consent.house
    auto_extend(reservation=approved, until=until, by=consent.by(house.alice), now=consent.now)
    house.clock.now = TEN
    house.settle()
    for minutes in (45, 44):
        extend_due(now=approved.ends_at - timedelta(minutes=minutes))

    entry = JournalEntry.objects.get(kind="reservation.not_extended")
    assert entry.message == (
        "It does not extend itself and ends 2030-05-13 12:00 UTC. "
        "It would need consent: 2 × accelerator (more than 1). "
        "A lead of the project, or an operator, may make this change, or it is booked on its own."
    )
    assert Notice.objects.filter(entry=entry, user=consent.bob).count() == 1


def test_who_may_consent_does_so_by_extending_it(consent: Consent, approved: Reservation) -> None:
    later = approved.ends_at + timedelta(hours=1)
    alice = consent.by(consent.house.alice)

    seen = outlook(reservation=approved, ends=[later], now=consent.now, by=alice)
    extend(reservation=approved, ends_at=later, by=alice, now=consent.now)

    assert (seen.extensions[0].refusals, approved.ends_at) == ((), later)


def test_what_no_rule_is_about_is_extended_as_ever(consent: Consent) -> None:
    consent.rule(devices_over=4)
    mine = consent.book(2, starts_at=TEN.isoformat())
    later = mine.ends_at + timedelta(hours=1)

    extend(reservation=mine, ends_at=later, by=consent.by(consent.bob), now=consent.now)

    assert mine.ends_at == later


def test_a_booking_does_not_grow_over_what_needs_consent(consent: Consent) -> None:
    consent.rule(devices_over=2)
    mine = consent.book(2, starts_at=TEN.isoformat())

    with pytest.raises(Refused) as refused:
        resize(reservation=mine, wish=wish(3), by=consent.by(consent.bob), now=consent.now)
    seen = preview(reservation=mine, wish=wish(3), now=consent.now, by=consent.by(consent.bob))

    assert codes(refused) == ["NEEDS_APPROVAL"]
    assert [refusal.code.value for refusal in seen.refusals] == ["NEEDS_APPROVAL"]
    assert resize(reservation=mine, wish=wish(1), by=consent.by(consent.bob), now=consent.now).version == 2


def test_one_in_use_does_not_grow_over_it_either(consent: Consent) -> None:
    consent.rule(devices_over=2)
    mine = consent.book(2)
    consent.house.settle()
    mine.refresh_from_db()

    with pytest.raises(Refused) as refused:
        resize(reservation=mine, wish=wish(3), by=consent.by(consent.bob), now=consent.now)

    assert (mine.state, codes(refused)) == ("active", ["NEEDS_APPROVAL"])


def test_an_operator_may_make_it_grow(consent: Consent) -> None:
    consent.rule(devices_over=2, route="operator")
    mine = consent.book(2, starts_at=TEN.isoformat())

    with pytest.raises(Refused):
        resize(reservation=mine, wish=wish(3), by=consent.by(consent.house.alice), now=consent.now)
    resize(reservation=mine, wish=wish(3), by=consent.operator, now=consent.now)

    assert len(mine.plan["nodes"][0]["blocks"]) == 3


def test_a_hold_grows_and_is_asked_about_when_it_is_confirmed(consent: Consent) -> None:
    consent.rule(devices_over=2)
    hold = consent.book(2, starts_at=TEN.isoformat(), hold_minutes=10)

    resize(reservation=hold, wish=wish(3), by=consent.by(consent.bob), now=consent.now)

    assert (hold.state, len(hold.plan["nodes"][0]["blocks"])) == ("held", 3)


@pytest.mark.parametrize(
    ("leads", "taker", "codes_"),
    [
        ("team-chat", "charlie", ["NEEDS_APPROVAL"]),  # of the giver: nothing is hers to consent to there
        ("team-research", "charlie", []),
        ("team-research", "alice", ["NEEDS_APPROVAL"]),  # it would be her own
    ],
)
def test_the_taking_projects_lead_consents_to_a_hand_over(
    consent: Consent, leads: str, taker: str, codes_: list[str]
) -> None:
    research, alice = Project.objects.get(slug="team-research"), consent.house.alice
    his = consent.book(1, starts_at=TEN.isoformat())
    consent.rule(project=research)
    Membership.objects.filter(user=alice).update(role=ProjectRole.MEMBER)
    Membership.objects.create(project=research, user=alice, role=ProjectRole.MEMBER)
    Membership.objects.filter(user=alice, project__slug=leads).update(role=ProjectRole.LEAD)
    to = Taker(project=research, user_id=User.objects.get(username=taker).pk, username=taker)

    found = refusals_of(reservation=his, to=to, by=consent.by(alice), now=consent.now)

    assert [refusal.code.value for refusal in found] == codes_
