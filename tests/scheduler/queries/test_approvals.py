"""Who may decide: leads of the project, operators on everything, and whoever they named while they are away."""

from datetime import timedelta

import pytest

from scheduler.models import Delegation, Membership, Notice, Reservation
from scheduler.queries.approvals import (
    Decider,
    Rights,
    Standing,
    bookers_of,
    decider,
    open_approvals,
    standing,
    who_decides,
)
from scheduler.refusals import Invalid
from scheduler.requests import SYSTEM
from scheduler.services.confirm import confirm
from scheduler.services.delegate import delegate, end_delegation
from scheduler.services.hand_over import Taker, hand_over
from scheduler.services.submit import submit
from scheduler.services.wait_again import wait_again
from scheduler.states import ProjectRole, Route
from tests.scheduler.services.consenting import Consent, consent_in
from tests.scheduler.services.house import L40S, MONDAY, House

BOB, ALICE, OLGA, DORA = 1, 2, 3, 4
CHAT, OTHER = 10, 11
LEADS = Rights(user_id=ALICE, leads=frozenset({CHAT}))
OPERATES = Rights(user_id=OLGA, operates=True)
NOTHING = Rights(user_id=DORA)


@pytest.mark.parametrize(
    ("one", "route", "project", "found"),
    [
        (Standing(LEADS), Route.LEAD, CHAT, Decider()),
        (Standing(LEADS), Route.LEAD, OTHER, None),
        (Standing(LEADS), Route.OPERATOR, CHAT, None),
        (Standing(OPERATES), Route.LEAD, CHAT, Decider()),
        (Standing(OPERATES), Route.OPERATOR, OTHER, Decider()),
        (Standing(Rights(user_id=OLGA, operates=True, within=CHAT)), Route.OPERATOR, OTHER, None),
        (Standing(NOTHING), Route.LEAD, CHAT, None),
        (Standing(NOTHING, (LEADS,)), Route.LEAD, CHAT, Decider(ALICE)),
        (Standing(NOTHING, (LEADS,)), Route.OPERATOR, CHAT, None),
        (Standing(NOTHING, (LEADS, OPERATES)), Route.OPERATOR, CHAT, Decider(OLGA)),
        (Standing(OPERATES, (LEADS,)), Route.LEAD, CHAT, Decider()),  # by one's own right first
    ],
)
def test_one_may_decide_by_ones_own_right_or_for_another(
    one: Standing, route: Route, project: int, found: Decider | None
) -> None:
    assert decider(standing=one, route=route, project_id=project, bookers={BOB}) == found


@pytest.mark.parametrize("bookers", [{ALICE}, {ALICE, BOB}])
def test_nobody_decides_on_what_is_or_was_their_own_booking_nor_does_their_stand_in(bookers: set[int]) -> None:
    for one in (Standing(LEADS), Standing(NOTHING, (LEADS,))):
        assert decider(standing=one, route=Route.LEAD, project_id=CHAT, bookers=bookers) is None
    stand_in = Standing(NOTHING, (LEADS,))
    assert decider(standing=stand_in, route=Route.LEAD, project_id=CHAT, bookers={DORA}) is None


@pytest.fixture
def consent(house: House) -> Consent:
    return consent_in(house)


@pytest.fixture
def pending(consent: Consent) -> Reservation:
    consent.rule()
    return consent.book(1)


def queue(consent: Consent, user: object) -> list[str]:
    found = open_approvals(standing=consent.standing_of(user))  # type: ignore[arg-type]
    return [asked.reservation.code for asked in found]


def give(consent: Consent, **changed: object) -> Delegation:
    terms = {
        "giver": consent.house.alice,
        "taker": consent.dora,
        "project": None,
        "starts_at": MONDAY,
        "ends_at": MONDAY + timedelta(days=3),
        "by": consent.by(consent.house.alice),
        "now": consent.now,
    }
    return delegate(**{**terms, **changed})  # type: ignore[arg-type]


@pytest.mark.django_db
def test_the_queue_shows_what_one_may_decide(consent: Consent, pending: Reservation) -> None:
    people = (consent.house.alice, consent.olga, consent.bob, consent.dora, consent.house.charlie)

    assert [queue(consent, one) for one in people] == [[pending.code], [pending.code], [], [], []]


@pytest.mark.django_db
def test_what_waits_again_is_nobodys_more_to_decide_than_before(consent: Consent) -> None:
    alice, request = consent.house.alice, consent.house.ask({L40S: 1})
    hers = submit(request=request, by=consent.by(alice), now=consent.now)
    to = Taker(project=consent.chat, user_id=consent.bob.pk, username="bob")
    hand_over(reservation=hers, to=to, by=consent.by(alice), now=consent.now)

    again = wait_again(reservation=hers, by=SYSTEM, now=consent.now)

    assert again is not None
    assert bookers_of(reservation=again) == {alice.pk, consent.bob.pk}


@pytest.mark.django_db
def test_what_was_a_leads_own_before_she_handed_it_over_is_not_for_her(consent: Consent) -> None:
    consent.rule()
    alice, request = consent.house.alice, consent.house.ask({L40S: 1}, hold_minutes=10)
    hers = submit(request=request, by=consent.by(alice), now=consent.now)
    to = Taker(project=consent.chat, user_id=consent.bob.pk, username="bob")
    hand_over(reservation=hers, to=to, by=consent.by(alice), now=consent.now)

    confirm(reservation=hers, by=consent.by(consent.bob), now=consent.now)

    assert [queue(consent, one) for one in (alice, consent.bob, consent.olga)] == [[], [], [hers.code]]
    told = Notice.objects.filter(entry__kind="reservation.pending_approval").order_by("user__username")
    assert list(told.values_list("user__username", flat=True)) == ["bob", "olga"]
    assert bookers_of(reservation=hers) == {alice.pk, consent.bob.pk}


@pytest.mark.django_db
def test_a_leads_own_booking_is_for_another_lead_or_else_for_an_operator(consent: Consent) -> None:
    alice, chat = consent.house.alice, consent.chat

    def deciders() -> frozenset[int]:
        return who_decides(project_id=chat.pk, route=Route.LEAD, bookers={alice.pk}, now=consent.now)

    assert deciders() == {consent.olga.pk}

    Membership.objects.filter(project=chat, user=consent.bob).update(role=ProjectRole.LEAD)
    assert deciders() == {consent.bob.pk}


@pytest.mark.django_db
def test_a_stand_in_decides_while_the_other_is_away_and_is_told(consent: Consent, pending: Reservation) -> None:
    given = give(consent, starts_at=MONDAY + timedelta(hours=1))
    assert queue(consent, consent.dora) == []

    consent.house.clock.now += timedelta(hours=1)
    assert queue(consent, consent.dora) == [pending.code]
    told = who_decides(project_id=consent.chat.pk, route=Route.LEAD, bookers={consent.bob.pk}, now=consent.now)
    assert told == {consent.house.alice.pk, consent.dora.pk}

    end_delegation(delegation=given, by=consent.by(consent.dora), now=consent.now + timedelta(minutes=1))
    consent.house.clock.now += timedelta(minutes=1)
    assert queue(consent, consent.dora) == []


@pytest.mark.django_db
def test_what_the_giver_may_not_do_any_more_is_not_given(consent: Consent, pending: Reservation) -> None:
    give(consent)
    Membership.objects.filter(project=consent.chat, user=consent.house.alice).update(role=ProjectRole.MEMBER)

    assert queue(consent, consent.dora) == []


@pytest.mark.django_db
def test_one_project_is_given_without_the_others(consent: Consent, pending: Reservation) -> None:
    give(
        consent,
        giver=consent.olga,
        project=Membership.objects.get(user=consent.house.charlie).project,
        by=consent.by(consent.olga),
    )

    assert queue(consent, consent.dora) == []


@pytest.mark.django_db
def test_a_token_without_the_scope_has_no_operators_powers_by_proxy(consent: Consent, pending: Reservation) -> None:
    give(consent, giver=consent.olga, by=consent.by(consent.olga))
    own = Rights(user_id=consent.dora.pk)

    found = [standing(own=own, may_use_powers=may, now=consent.now).given[0].operates for may in (True, False)]

    assert found == [True, False]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("terms", "fields"),
    [
        ({"ends_at": MONDAY}, ["ends_at"]),
        ({"ends_at": MONDAY + timedelta(days=93)}, ["ends_at"]),
        ({"taker": "alice"}, ["to"]),
        ({"giver": "dora", "taker": "bob"}, ["project"]),
    ],
)
def test_what_cannot_be_given_is_refused_by_field(
    consent: Consent, terms: dict[str, object], fields: list[str]
) -> None:
    people = {"alice": consent.house.alice, "bob": consent.bob, "dora": consent.dora}
    named = {key: people.get(value, value) if isinstance(value, str) else value for key, value in terms.items()}

    with pytest.raises(Invalid) as refused:
        give(consent, **named)

    assert [error.field for error in refused.value.errors] == fields


@pytest.mark.django_db
def test_one_that_has_not_begun_is_taken_back_whole(consent: Consent) -> None:
    given = give(consent, starts_at=MONDAY + timedelta(days=1))

    for _ in range(2):
        end_delegation(delegation=given, by=consent.by(consent.house.alice), now=consent.now)

    assert Delegation.objects.count() == 0
