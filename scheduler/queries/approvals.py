"""Who is asked for consent, who may give it now, and what waits for them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from scheduler import fetching
from scheduler.models import Approval, Delegation, Membership, Reservation
from scheduler.planning.approving import Rule
from scheduler.states import Priority, ProjectRole, ReservationState, Route

_POWER = "scheduler.operate_pool"
_BACKEND = "django.contrib.auth.backends.ModelBackend"
_RULES = """
SELECT r.route, r.decide_minutes, coalesce(s.slug, ''), coalesce(c.code, ''), r.priority, r.devices_over, r.hours_over,
       r.usd_over
FROM scheduler_approvalrule r
LEFT JOIN scheduler_project s ON s.id = r.project_id
LEFT JOIN fabric_deviceclass c ON c.id = r.device_class_id
WHERE r.pool_id = %s AND r.is_enabled
ORDER BY r.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What one person may decide by themself. `within` is one project that bounds it all; None: no bound."""

    user_id: int
    operates: bool = False
    leads: frozenset[int] = frozenset()  # ids of projects
    within: int | None = None
    name: str = ""  # of who is away; "" for one's own

    def covers(self, *, route: Route, project_id: int) -> bool:
        """Operators decide on whatever a lead may, so that a project with one lead is never stuck."""
        if self.within not in (None, project_id):
            return False
        return self.operates or (route == Route.LEAD and project_id in self.leads)


@dataclass(frozen=True, slots=True)
class Standing:
    """One's own rights, and those of people who are away and gave theirs for the while."""

    own: Rights
    given: tuple[Rights, ...] = ()


@dataclass(frozen=True, slots=True)
class Decider:
    """`on_behalf_of` is None, and `name` empty, where one decides by one's own right."""

    on_behalf_of: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class _Powers:
    operators: frozenset[int]
    leads: Mapping[int, frozenset[int]] = field(default_factory=dict)  # projects by user


def rules_of(*, pool_id: int) -> tuple[Rule, ...]:
    """Those that are switched on, oldest first. One query."""
    return tuple(_rule(*row) for row in fetching.rows(_RULES, [pool_id]))


def bookers_of(*, reservation: Reservation) -> frozenset[int]:
    """Ids of all whose booking it is, or was before it was handed over: none of them consents to it. No query."""
    now = reservation.created_by_id
    return frozenset({*reservation.former_bookers} | ({now} if now is not None else set()))


def decider(*, standing: Standing, route: Route, project_id: int, bookers: Collection[int]) -> Decider | None:
    """None: may not decide. Nobody decides on what is or was their own booking, nor does their stand-in."""
    if standing.own.user_id in bookers:
        return None
    if standing.own.covers(route=route, project_id=project_id):
        return Decider()
    giving = (one for one in standing.given if one.user_id not in bookers)
    giver = next((one for one in giving if one.covers(route=route, project_id=project_id)), None)
    return Decider(giver.user_id, giver.name) if giver is not None else None


def standing(*, own: Rights, may_use_powers: bool, now: datetime) -> Standing:
    """With what others gave. What a giver may not do any more is not given. One query where nobody gave anything.

    `may_use_powers` is whether an operator's powers may be used at all: not by a token that has no scope for them.
    """
    rows = Delegation.objects.filter(taker_id=own.user_id, starts_at__lte=now, ends_at__gt=now).order_by("id")
    given = list(rows.values_list("giver_id", "project_id", "giver__username"))
    if not given:
        return Standing(own)
    powers = _powers_of({giver for giver, _, _ in given})
    return Standing(own, tuple(_given(*one, own, powers, may_use_powers) for one in given))


def open_approvals(*, standing: Standing) -> QuerySet[Approval]:
    """What waits for this person, the first to run out first."""
    mine = Q()
    for rights in (standing.own, *standing.given):
        mine |= _reachable(rights) & ~_booked_by(rights.user_id)
    waiting = Approval.objects.filter(mine, verdict="", reservation__state=ReservationState.PENDING_APPROVAL)
    waiting = waiting.exclude(_booked_by(standing.own.user_id))
    with_all = waiting.select_related("reservation__project", "reservation__pool", "reservation__created_by")
    return with_all.order_by("expires_at", "id")


def who_decides(*, project_id: int, route: Route, bookers: Collection[int], now: datetime) -> frozenset[int]:
    """Ids of all who may decide, stand-ins among them. Of a lead's question operators are told where no lead is."""
    leads = set() if route == Route.OPERATOR else _leads(project_id)
    asked = leads.difference(bookers) or _operators().difference(bookers)
    reaching = Q(project_id=None) | Q(project_id=project_id)
    now_in_effect = Delegation.objects.filter(
        reaching, giver_id__in=asked, taker__is_active=True, starts_at__lte=now, ends_at__gt=now
    )
    takers = set(now_in_effect.values_list("taker_id", flat=True))
    return frozenset(asked | takers).difference(bookers)


def latest_approval(*, reservation_id: int) -> Approval | None:
    """The question that is open, or the last one that was answered."""
    asked = Approval.objects.filter(reservation_id=reservation_id)
    return asked.select_related("decided_by", "on_behalf_of").order_by("-id").first()


def delegations_of(*, user_id: int, now: datetime) -> QuerySet[Delegation]:
    """Given and taken, not yet over."""
    found = Delegation.objects.filter(Q(giver_id=user_id) | Q(taker_id=user_id), ends_at__gt=now)
    return found.select_related("giver", "taker", "project").order_by("starts_at", "id")


def may_decide_something(*, user_id: int, project_id: int | None) -> bool:
    """Whether there is anything to give: a lead of that project, or of any, or an operator."""
    led = Membership.objects.filter(user_id=user_id, role=ProjectRole.LEAD)
    if project_id is not None:
        led = led.filter(project_id=project_id)
    return led.exists() or user_id in _operators([user_id])


def _rule(
    route: str,
    decide_minutes: int,
    project: str,
    device_class: str,
    priority: str,
    devices_over: int | None,
    hours_over: int | None,
    usd_over: Decimal | None,
) -> Rule:
    return Rule(
        route=Route(route),
        decide_minutes=decide_minutes,
        project=project,
        device_class=device_class,
        priority=Priority(priority) if priority else None,
        devices_over=devices_over,
        hours_over=hours_over,
        usd_over=usd_over,
    )


def _booked_by(user_id: int) -> Q:
    return Q(reservation__created_by=user_id) | Q(reservation__former_bookers__contains=[user_id])


def _reachable(rights: Rights) -> Q:
    mine = Q() if rights.operates else Q(route=Route.LEAD, reservation__project__in=sorted(rights.leads))
    return mine if rights.within is None else mine & Q(reservation__project=rights.within)


def _given(giver: int, project: int | None, name: str, own: Rights, powers: _Powers, may_use_powers: bool) -> Rights:
    """Bounded by both, the gift and the token; two bounds that differ leave nothing."""
    is_void = None not in (project, own.within) and project != own.within
    return Rights(
        user_id=giver,
        operates=giver in powers.operators and may_use_powers and not is_void,
        leads=frozenset() if is_void else powers.leads.get(giver, frozenset()),
        within=project if project is not None else own.within,
        name=name,
    )


def _powers_of(users: Collection[int]) -> _Powers:
    led: dict[int, set[int]] = {}
    rows = Membership.objects.filter(user_id__in=users, user__is_active=True, role=ProjectRole.LEAD)
    for user_id, project_id in rows.values_list("user_id", "project_id"):
        led.setdefault(user_id, set()).add(project_id)
    return _Powers(frozenset(_operators(users)), {user: frozenset(projects) for user, projects in led.items()})


def _leads(project_id: int) -> set[int]:
    rows = Membership.objects.filter(project_id=project_id, role=ProjectRole.LEAD, user__is_active=True)
    return set(rows.filter(user__service_of__isnull=True).values_list("user_id", flat=True))


def _operators(among: Collection[int] | None = None) -> set[int]:
    people = get_user_model()._default_manager.with_perm(_POWER, backend=_BACKEND)
    people = people.filter(service_of__isnull=True)
    return set((people if among is None else people.filter(pk__in=among)).values_list("pk", flat=True))
