"""To another member, or to another project whose quota is asked; nothing that is wired changes."""

from decimal import Decimal

import pytest

from fabric.models import DeviceClass
from portal.accounts.models import User
from scheduler.models import Allocation, JournalEntry, Membership, Notice, Project, Quota, Rate, Reservation
from scheduler.queries.snapshots import snapshot
from scheduler.refusals import Invalid, Refused, Stale, WrongState
from scheduler.services.hand_over import Taker, hand_over, refusals_of, taker
from scheduler.services.rates import add_rate, end_rate
from scheduler.states import ProjectRole, ReservationState
from tests.scheduler.services.extending import TEN, assert_holds
from tests.scheduler.services.house import H100, L40S, House

BOTH = ("team-chat", "team-research")


@pytest.fixture
def bob(house: House) -> User:
    """A member of team-chat; Alice belongs to team-research too."""
    bob, chat = User.objects.create_user("bob"), Project.objects.get(slug="team-chat")
    Membership.objects.create(project=chat, user=bob, role=ProjectRole.MEMBER)
    research = Project.objects.get(slug="team-research")
    Membership.objects.create(project=research, user=house.alice, role=ProjectRole.MEMBER)
    return bob


def named(house: House, reservation: Reservation, project: str | None = None, user: str | None = None) -> Taker:
    return taker(reservation=reservation, project=project, user=user, projects=BOTH, by=house.by(house.alice))


def give(
    house: House, reservation: Reservation, project: str | None = None, user: str | None = None, **more: object
) -> Reservation:
    to = named(house, reservation, project, user)
    return hand_over(reservation=reservation, to=to, by=house.by(house.alice), now=house.clock.now, **more)


@pytest.mark.parametrize("is_active", [False, True])
def test_another_member_has_it_on_the_same_devices_and_is_told(house: House, bob: User, is_active: bool) -> None:
    mine = house.book({H100: 2}, **({} if is_active else {"starts_at": TEN.isoformat()}))
    house.settle()
    mine.refresh_from_db()
    plan, state = mine.plan, mine.state

    give(house, mine, user="bob")

    assert (mine.created_by, mine.project.slug, mine.plan, mine.state) == (bob, "team-chat", plan, state)
    entry = JournalEntry.objects.get(kind="reservation.handed_over")
    assert entry.message == "Handed over to bob; its devices stay as they are."
    assert list(Notice.objects.filter(entry=entry).values_list("user__username", flat=True)) == ["bob"]


def test_another_project_has_it_and_its_quota_counts_it(house: House, bob: User) -> None:
    mine = house.book({H100: 8}, starts_at=TEN.isoformat())

    give(house, mine, project="team-research", user="charlie")

    assert (mine.project.slug, mine.created_by, mine.request["project"]) == (
        "team-research",
        house.charlie,
        "team-research",
    )
    held = snapshot(pool_code="lab", project_slug="team-chat", now=house.clock.now).commitments
    assert {one.project for one in held} == {"team-research"}
    told = JournalEntry.objects.filter(kind="reservation.handed_over").order_by("id")
    assert [(entry.project.slug, entry.reservation, entry.reference) for entry in told] == [
        ("team-research", mine, mine.code),
        ("team-chat", None, mine.code),
    ]
    assert_holds(house)


def test_what_the_taker_may_not_hold_it_is_not_given(house: House, bob: User) -> None:
    mine = house.book({H100: 8}, starts_at=TEN.isoformat())
    Quota.objects.filter(project__slug="team-research").update(accelerators_max=7)

    with pytest.raises(Refused) as caught:
        give(house, mine, project="team-research")

    assert [(one.code.value, one.field, one.need, one.have) for one in caught.value.refusals] == [
        ("QUOTA_DEVICES", "project", 8, 7)
    ]
    mine.refresh_from_db()
    assert (mine.project.slug, mine.version) == ("team-chat", 1)


@pytest.mark.parametrize(("usd", "codes"), [("23.99", [("BUDGET", "project", 24.0, 23.99)]), ("24", [])])
def test_the_takers_money_is_asked_for_the_price_it_was_booked_at(
    house: House, bob: User, usd: str, codes: list[tuple[str, str, float, float]]
) -> None:
    """Two H100 for two hours at 6 an hour, which are 3.07 again."""
    card = DeviceClass.objects.get(code=H100)
    row = Rate(pool=house.pool, device_class=card, valid_from=house.clock.now, usd_per_hour=Decimal(6))
    made = add_rate(rate=row, by=house.by(house.alice), now=house.clock.now)
    mine = house.book({H100: 2}, starts_at=TEN.isoformat())
    house.clock.turn(60)
    end_rate(rate=made, at=house.clock.now, by=house.by(house.alice), now=house.clock.now)
    Quota.objects.filter(project__slug="team-research").update(budget_usd_per_month=Decimal(usd))

    found = refusals_of(
        reservation=mine, to=named(house, mine, "team-research"), by=house.by(house.alice), now=house.clock.now
    )

    assert [(one.code.value, one.field, one.need, one.have) for one in found] == codes


def test_with_a_project_alone_it_stays_with_whoever_booked_it_if_that_one_may_book_there(
    house: House, bob: User
) -> None:
    hers, his = (house.book({L40S: 1}, starts_at=TEN.isoformat()) for _ in range(2))
    give(house, his, user="bob")

    assert named(house, hers, "team-research").username == "alice"
    assert named(house, his, "team-research").username == "alice"


@pytest.mark.parametrize(
    ("project", "user", "field", "code"),
    [
        (None, None, "user", "required"),
        ("team-nothing", None, "project", "unknown"),
        (None, "charlie", "user", "unknown"),
        ("team-research", "bob", "user", "unknown"),
    ],
)
def test_a_name_that_is_none_is_refused(
    house: House, bob: User, project: str | None, user: str | None, field: str, code: str
) -> None:
    mine = house.book({L40S: 1}, starts_at=TEN.isoformat())

    with pytest.raises(Invalid) as caught:
        named(house, mine, project, user)

    assert [(error.field, error.code) for error in caught.value.errors] == [(field, code)]


def test_a_viewer_is_handed_nothing(house: House, bob: User) -> None:
    mine = house.book({L40S: 1}, starts_at=TEN.isoformat())
    Membership.objects.filter(user=bob).update(role=ProjectRole.VIEWER)

    with pytest.raises(Invalid, match="may book"):
        named(house, mine, user="bob")


def test_asked_for_again_it_changes_nothing(house: House, bob: User) -> None:
    mine = house.book({L40S: 1}, starts_at=TEN.isoformat())

    give(house, mine, user="bob", expected_version=1)
    give(house, mine, user="bob", expected_version=1)

    assert (mine.version, JournalEntry.objects.filter(kind="reservation.handed_over").count()) == (2, 1)
    assert Allocation.objects.filter(reservation=mine, is_holding=True).count() == 2


def test_who_saw_an_older_version_is_told_of_the_present_one(house: House, bob: User) -> None:
    mine = house.book({L40S: 1}, starts_at=TEN.isoformat())

    with pytest.raises(Stale, match="version 1"):
        give(house, mine, user="bob", expected_version=7)


@pytest.mark.parametrize("state", [ReservationState.RELEASING, ReservationState.ENDED, ReservationState.WAITLISTED])
def test_what_is_on_its_way_out_is_not_handed_over(house: House, bob: User, state: ReservationState) -> None:
    mine = house.book({L40S: 1}, starts_at=TEN.isoformat())
    Reservation.objects.filter(pk=mine.pk).update(state=state)

    with pytest.raises(WrongState, match=state.value):
        give(house, mine, user="bob")
