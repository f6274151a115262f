"""Who decides in the month on what waits for consent: a lead or the operator, or who stands in while they are away."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from portal.accounts.models import User
from scheduler.models import Project, Reservation
from scheduler.queries.approvals import Decider, Rights, bookers_of, decider, latest_approval, standing
from scheduler.requests import Actor
from scheduler.services.approve import approve
from scheduler.services.delegate import delegate
from scheduler.services.reject import reject
from scheduler.states import Route

if TYPE_CHECKING:
    from tests.simulation.month_people import People

AWAY_AFTER, AWAY_DAYS = timedelta(days=3), 14
APPROVED_SHARE, DECIDED_SHARE = 0.7, 0.85
MINUTES_MAX = 8 * 60


def go_away(people: People) -> None:
    """The operator, and the leads of every other project, give their say to somebody else for two weeks."""
    world = people.world
    projects = {one.slug: one for one in Project.objects.all()}
    away = [(world.olga, world.omar, None)]
    away += [(lead, world.people[world.beside(slug)], projects[slug]) for slug, lead in [*world.leads.items()][::2]]
    for giver, taker, project in away:
        delegate(
            giver=giver,
            taker=taker,
            project=project,
            starts_at=people.now,
            ends_at=people.now + timedelta(days=AWAY_DAYS),
            by=_actor(giver),
            now=people.now,
        )


def is_asked(people: People, one: Reservation) -> None:
    """Someone decides, or nobody does in time."""
    if people.rng.random() < DECIDED_SHARE:
        verb = "approve" if people.rng.random() < APPROVED_SHARE else "reject"
        after = timedelta(minutes=people.rng.randrange(5, MINUTES_MAX))
        people.later(one, after, verb, partial(_decide, people, verb))


def _decide(people: People, verb: str, one: Reservation) -> None:
    """As the door does: who may decide is asked of the rights they have at that moment."""
    asked = latest_approval(reservation_id=one.pk)
    assert asked is not None, "it waits for consent"
    who, how = _somebody(people, one, Route(asked.route), people.now)
    if how.on_behalf_of is not None:
        people.told["decided in another's place"] += 1
    act = approve if verb == "approve" else reject
    reason = "Go ahead." if verb == "approve" else "Too large this month."
    act(reservation=one, by=_actor(who), now=people.now, reason=reason, on_behalf_of=how.on_behalf_of)


def _somebody(people: People, one: Reservation, route: Route, now: datetime) -> tuple[User, Decider]:
    """Stand-ins first, since who is away does not decide; the operator is always there for what nobody else may."""
    world, slug = people.world, one.project.slug
    lead, olga = world.leads[slug], world.olga
    among = (world.people[world.beside(slug)], lead, world.omar, olga)
    rights = {
        lead.pk: Rights(user_id=lead.pk, leads=frozenset({one.project_id})),
        olga.pk: Rights(user_id=olga.pk, operates=True),
    }
    for who in among:
        stands = standing(own=rights.get(who.pk, Rights(user_id=who.pk)), may_use_powers=True, now=now)
        bookers = bookers_of(reservation=one)
        how = decider(standing=stands, route=route, project_id=one.project_id, bookers=bookers)
        if how is not None:
            return who, how
    raise AssertionError(f"nobody may decide on {one.code}")


def _actor(person: User) -> Actor:
    return Actor(name=person.username, user_id=person.pk, door="web")
