"""Who may see and do what: every door asks here, fetching and authorising in one call.

What one may not see looks as if it did not exist (`Http404`); what one sees but may not change is `PermissionDenied`.
A token narrows its user's rights: to scopes, and to one project. A service account is narrowed to the project that owns
it, whatever else may be written of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from rest_framework.request import Request

from portal.accounts.models import ApiToken, User
from portal.accounts.rights import rights_of
from portal.accounts.scopes import Scope, grants
from scheduler.models import Project, Reservation, Series, Webhook
from scheduler.requests import Actor, Permission
from scheduler.states import BOOKING_ROLES, ProjectRole

Asking = HttpRequest | Request


@dataclass(frozen=True)
class Reach:
    """How far one caller reaches: roles by project id, named powers, and what the token narrows it to."""

    user_id: int
    roles: Mapping[int, ProjectRole]
    permissions: frozenset[Permission] = frozenset()
    only_project_id: int | None = None
    slugs: Mapping[str, int] = field(default_factory=dict)  # of the projects in `roles`

    @property
    def sees_all(self) -> bool:
        return Permission.VIEW_ALL in self.permissions

    @property
    def operates(self) -> bool:
        return Permission.OPERATE_POOL in self.permissions

    @property
    def project_ids(self) -> frozenset[int] | None:
        """The projects whose things may be seen; None is every one."""
        if self.only_project_id is not None:
            return frozenset({self.only_project_id}) if self.sees_all else frozenset(self.roles)
        return None if self.sees_all else frozenset(self.roles)

    def may_see(self, project_id: int) -> bool:
        return self.project_ids is None or project_id in self.project_ids

    def may_book(self, project_id: int) -> bool:
        return self.roles.get(project_id) in BOOKING_ROLES

    def may_lead(self, project_id: int) -> bool:
        return self.roles.get(project_id) == ProjectRole.LEAD

    def may_end(self, project_id: int) -> bool:
        """Members change their project's reservations; operators any they see, since they could even force it."""
        return self.may_book(project_id) or (self.operates and self.may_see(project_id))


def reach_of(request: Asking) -> Reach:
    """One query, then remembered for the request."""
    remembered = getattr(request, "_heddle_reach", None)
    if remembered is not None:
        return remembered
    user, token = _who(request)
    reach = reach_of_user(user, token=token)
    request._heddle_reach = reach  # type: ignore[union-attr]
    return reach


def reach_of_user(user: User, *, token: ApiToken | None = None) -> Reach:
    """For whoever is known by something else than a request, such as the address of a calendar. One query."""
    wished = (token.project_id if token is not None else None, user.service_of_id)
    bounds = [project_id for project_id in wished if project_id is not None]
    only = bounds[0] if bounds else None
    rights = rights_of(user)
    within = {number for number in rights.roles if all(number == bound for bound in bounds)}
    roles = {number: _role(user, rights.roles[number]) for number in within}
    slugs = {slug: number for slug, number in rights.slugs.items() if number in within}
    return Reach(user.id, roles, rights.powers if _may_use_powers(user, token) else frozenset(), only, slugs)


def person_of(request: Asking) -> User:
    """Raises PermissionDenied for whoever has not identified themselves."""
    return _who(request)[0]


def actor_of(request: Asking, *, door: str | None = None) -> Actor:
    """Who acts, for services and journal. The door is told from the kind of request unless it is named."""
    user, _ = _who(request)
    return Actor(
        name=user.get_username(),
        user_id=user.id,
        door=door or ("api" if isinstance(request, Request) else "web"),
        permissions=reach_of(request).permissions,
        request_id=getattr(request, "request_id", ""),
        call=getattr(request, "idempotency_row", None),
    )


def visible_projects(request: Asking) -> dict[int, ProjectRole | None]:
    """Project id → the asker's role there; None where an operator only looks."""
    reach = reach_of(request)
    if reach.project_ids is not None:
        return {project_id: reach.roles.get(project_id) for project_id in reach.project_ids}
    return {project_id: reach.roles.get(project_id) for project_id in Project.objects.values_list("id", flat=True)}


def bookable_projects(request: Asking) -> frozenset[str]:
    """Slugs of those the asker may book in."""
    reach = reach_of(request)
    return frozenset(slug for slug, number in reach.slugs.items() if reach.may_book(number))


def reservation_for(request: Asking, code: str, *, to_change: bool = False) -> Reservation:
    """The reservation if the asker sees it, and may change it if wanted. Raises Http404, PermissionDenied."""
    reservation = Reservation.objects.select_related("project", "pool").filter(code=code).first()
    reach = reach_of(request)
    if reservation is None or not reach.may_see(reservation.project_id):
        raise Http404("There is no such reservation.")
    if to_change and not reach.may_end(reservation.project_id):
        raise PermissionDenied("Only members and leads of the project may change its reservations.")
    _tell_project(request, reservation.project_id)
    return reservation


def series_for(request: Asking, code: str, *, to_change: bool = False) -> Series:
    """The series if the asker sees it, and may change it if wanted. Raises Http404, PermissionDenied."""
    series = Series.objects.select_related("project", "pool").filter(code=code).first()
    reach = reach_of(request)
    if series is None or not reach.may_see(series.project_id):
        raise Http404("There is no such series.")
    if to_change and not reach.may_end(series.project_id):
        raise PermissionDenied("Only members and leads of the project may change its series.")
    _tell_project(request, series.project_id)
    return series


def project_for(request: Asking, slug: str, *, to_book: bool = False, to_lead: bool = False) -> Project:
    """The project if the asker sees it, and may book in or lead it if wanted. Raises Http404, PermissionDenied."""
    project = Project.objects.filter(slug=slug).first()
    reach = reach_of(request)
    if project is None or not reach.may_see(project.id):
        raise Http404("There is no such project.")
    if to_book and not reach.may_book(project.id):
        raise PermissionDenied("Only members and leads of the project may book in it.")
    if to_lead and not reach.may_lead(project.id):
        raise PermissionDenied("Only leads of the project may do this.")
    _tell_project(request, project.id)
    return project


def webhook_for(request: Asking, code: str) -> Webhook:
    """The webhook if the asker leads its project, or operates where it has none. Raises Http404, PermissionDenied."""
    hook = Webhook.objects.select_related("project", "created_by").filter(code=code).first()
    reach = reach_of(request)
    is_operators = reach.operates and reach.only_project_id is None
    if hook is None or not (is_operators if hook.project_id is None else reach.may_see(hook.project_id)):
        raise Http404("There is no such webhook.")
    if hook.project_id is not None and not reach.may_lead(hook.project_id):
        raise PermissionDenied("Only leads of the project may do this.")
    if hook.project_id is not None:
        _tell_project(request, hook.project_id)
    return hook


def booking_required(request: Asking, slug: str) -> None:
    """What `project_for(…, to_book=True)` requires, without reading the project of a member again."""
    number = reach_of(request).slugs.get(slug)
    if number is None or not reach_of(request).may_book(number):
        project_for(request, slug, to_book=True)
    else:
        _tell_project(request, number)


def operator_required(request: Asking) -> None:
    """For what is of the whole site. Raises PermissionDenied for whoever does not hold `scheduler.operate_pool`, and
    for a token that is bound to one project.
    """
    reach = reach_of(request)
    if not reach.operates or reach.only_project_id is not None:
        raise PermissionDenied("Only operators may do this.")


def unnarrowed_required(request: Asking) -> None:
    """For what would let a token reach further than itself. Raises PermissionDenied for one that is narrowed, and for
    a service account, which is so by what it is.
    """
    user, token = _who(request)
    if user.service_of_id is not None or (token is not None and (token.scopes or token.project_id is not None)):
        raise PermissionDenied("A token with scopes or a project cannot manage tokens or webhooks.")


def uses_powers(request: Asking) -> bool:
    """Whether an operator's powers may be used through this request, whoever gave them."""
    return _may_use_powers(*_who(request))


def _tell_project(request: Asking, project_id: int) -> None:
    """Let a door that counts what is done for a project know which one it is about. Raises whatever the door does then.

    Who only looks is not counted: else one viewer could use up what the project's members need to book.
    """
    told = getattr(request, "on_project", None)
    if told is not None and reach_of(request).may_book(project_id):
        told(project_id)


def _who(request: Asking) -> tuple[User, ApiToken | None]:
    if not isinstance(request.user, User):
        raise PermissionDenied("Sign in first.")
    token = getattr(request, "auth", None)
    return request.user, token if isinstance(token, ApiToken) else None


def _role(user: User, role: ProjectRole) -> ProjectRole:
    """A service account leads nothing: it must not decide who else is in the project."""
    is_too_much = user.service_of_id is not None and role == ProjectRole.LEAD
    return ProjectRole.MEMBER if is_too_much else role


def _may_use_powers(user: User, token: ApiToken | None) -> bool:
    """An operator's powers come with a token only if it has the scope for them, and never to a program's account."""
    return user.service_of_id is None and (token is None or grants(token.scopes, Scope.OPERATE))
