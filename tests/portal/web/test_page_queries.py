"""Every page asks the database the same number of times for one row and for three of everything that it lists.

A route that shows something and has no line here fails. Boards and topologies are kept by a process only outside of a
transaction, so inside this test's one they are read anew: 13 statements where a page reads one.
"""

from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.accounts import service_accounts
from portal.accounts.models import ApiToken, User
from portal.accounts.service_account_request import ServiceAccountRequest
from portal.accounts.token_request import TokenRequest
from portal.calendars import feeds
from portal.showing.pages import PAGES
from scheduler.models import (
    ApprovalRule,
    Membership,
    Project,
    Reservation,
    Series,
    Webhook,
    WebhookDelivery,
    WebhookTry,
)
from scheduler.queries import boards
from scheduler.requests import Actor, Window
from scheduler.services import presets, webhooks
from scheduler.services.cancel import cancel
from scheduler.services.delegate import delegate
from scheduler.services.maintenance import plan_maintenance
from scheduler.services.webhooks_log import replay, send_test
from scheduler.states import DeliveryState, MaintenanceScope, ProjectRole
from tests.portal.access_world import letter_secrets
from tests.portal.cast import MONDAY, Cast, repeated, searched
from tests.portal.web.world import booked

ONE = "reservations/<slug:code>/"
PROGRAM = "projects/<slug:slug>/service-accounts/<slug:name>/"
QUERIES: dict[tuple[str, str], int] = {  # (route, address): statements
    ("", "/"): 26,
    ("", "/?zoom=weeks"): 26,
    ("dashboard/", "/dashboard/"): 12,
    ("login", "/login"): 0,
    ("reservations/", "/reservations/"): 11,
    ("reservations/new/", "/reservations/new/"): 25,
    ("reservations/new/", "/reservations/new/?copy={code}"): 23,
    ("reservations/selector/", "/reservations/selector/?pool=lab&selector=device.kind"): 17,
    (ONE, "/reservations/{code}/"): 15,
    (f"{ONE}extend/", "/reservations/{code}/extend/"): 27,
    (f"{ONE}resize/", "/reservations/{code}/resize/"): 10,
    (f"{ONE}resize/", "/reservations/{code}/resize/?ask=1&count-0-0=4"): 28,
    (f"{ONE}shorten/", "/reservations/{code}/shorten/"): 9,
    (f"{ONE}move/", "/reservations/{code}/move/"): 9,
    (f"{ONE}auto-extend/", "/reservations/{code}/auto-extend/"): 9,
    (f"{ONE}elastic/", "/reservations/{code}/elastic/"): 9,
    (f"{ONE}hand-over/", "/reservations/{code}/hand-over/"): 11,
    (f"{ONE}swap/", "/reservations/{code}/swap/?block=pru-01-s01"): 9,
    (f"{ONE}<slug:verb>/", "/reservations/{code}/cancel/"): 10,
    ("series/", "/series/"): 7,
    ("series/new/", "/series/new/?copy={code}"): 8,
    ("series/<slug:code>/", "/series/{series}/"): 10,
    ("waitlist/", "/waitlist/"): 12,
    ("approvals/", "/approvals/"): 10,
    ("approvals/<slug:code>/", "/approvals/{pending}/"): 12,
    ("calendar/", "/calendar/"): 10,
    ("calendar/", "/calendar/?by=class&span=60-days"): 10,
    ("calendar/", "/calendar/?by=project&span=month"): 11,
    ("help/", "/help/"): 6,
    ("palette/", "/palette/?q=test"): 12,
    ("pools/", "/pools/"): 11,
    ("pools/<slug:code>/", "/pools/lab/"): 21,
    ("pools/<slug:code>/map/", "/pools/lab/map/"): 22,
    ("pools/<slug:code>/rates/", "/pools/lab/rates/"): 9,
    ("projects/", "/projects/"): 8,
    ("projects/<slug:slug>/", "/projects/team-chat/"): 28,
    ("projects/<slug:slug>/", "/projects/team-chat/?tab=past"): 9,
    ("projects/<slug:slug>/", "/projects/team-chat/?tab=members"): 9,
    ("projects/<slug:slug>/", "/projects/team-chat/?tab=service-accounts"): 10,
    (PROGRAM, "/projects/team-chat/service-accounts/test-0/"): 10,
    (f"{PROGRAM}remove/", "/projects/team-chat/service-accounts/test-0/remove/"): 10,
    (
        f"{PROGRAM}tokens/<slug:prefix>/revoke/",
        "/projects/team-chat/service-accounts/test-0/tokens/{program_token}/revoke/",
    ): 9,
    ("projects/<slug:slug>/", "/projects/team-chat/?tab=presets"): 9,
    ("projects/<slug:slug>/", "/projects/team-chat/?tab=activity"): 8,
    ("usage/", "/usage/"): 9,
    ("usage/", "/usage/?by=day"): 9,
    ("projects/<slug:slug>/webhooks/", "/projects/team-chat/webhooks/"): 8,
    ("webhooks/", "/webhooks/"): 7,
    ("webhooks/<slug:code>/", "/webhooks/{webhook}/"): 10,
    ("webhooks/<slug:code>/remove/", "/webhooks/{webhook}/remove/"): 7,
    ("webhooks/<slug:code>/deliveries/<slug:message_id>/", "/webhooks/{webhook}/deliveries/{message}/"): 9,
    ("journal/", "/journal/"): 7,
    ("notices/", "/notices/"): 9,
    ("account/", "/account/"): 11,
    ("letters/extend/<str:secret>/", "/letters/extend/{extend_secret}/"): 3,
    ("letters/stop/<str:secret>/", "/letters/stop/{stop_secret}/"): 1,
    ("account/calendars/", "/account/calendars/"): 9,
    ("account/tokens/<slug:prefix>/revoke/", "/account/tokens/{token}/revoke/"): 7,
}
ANONYMOUS = {"login", "letters/extend/<str:secret>/", "letters/stop/<str:secret>/"}
FRAGMENTS = {"reservations/selector/"}
TOO_EARLY = f"{ONE}swap/"  # nothing is attached yet: the page that says so


def test_no_page_is_forgotten() -> None:
    assert {route for route, _ in QUERIES} == {page.route for page in PAGES} | FRAGMENTS


def test_no_page_asks_more_for_three_than_for_one(people: Cast) -> None:
    """All pages in one world, which takes longer to make than they take to show."""
    boards.forget()  # as in a process that has not looked before
    browsers = {who: people.browser(who) for who in ("alice", "olga")}
    named = {"code": booked(people.alice).code, "token": people.token("alice")[0].prefix}
    _one_more(people, 0)
    named["program_token"] = ApiToken.objects.get(user__username="svc-team-chat-test-0").prefix
    named["pending"] = _one_more_question(people, 0).code
    named["series"] = _one_more_occurrence(people, 0)
    named |= _hook(people) | letter_secrets(people.alice, named["code"])
    with_one = {page: asked(browsers, *page, named) for page in QUERIES}
    for nth in (1, 2):
        _one_more(people, nth)
        _one_more_question(people, nth)
        _one_more_occurrence(people, nth)

    with_three = {page: asked(browsers, *page, named) for page in QUERIES}

    assert with_one == QUERIES
    assert with_three == QUERIES


def asked(browsers: dict[str, Client], route: str, address: str, named: dict[str, str]) -> int:
    """How many statements the second call makes; the first one fills what the process keeps."""
    browser = Client() if route in ANONYMOUS else browsers["olga" if route == "webhooks/" else "alice"]
    path = address.format(**named)
    browser.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(path).status_code == (409 if route == TOO_EARLY else 200), address
    return len(captured)


def _one_more_wait(people: Cast) -> None:
    until = {"not_after": (MONDAY + timedelta(days=1)).isoformat()}
    booked(people.alice, starts_at=None, ends_at=None, duration_minutes=60, waitlist=until)
    assert people.caller("alice").post("alerts/", searched(**until)).status_code == 201


def _one_more(people: Cast, nth: int) -> None:
    """Of everything that any page lists: what is ahead, what is over, people, projects, what belongs to them."""
    by = Actor(name="alice", user_id=people.alice.pk, door="web")
    later = MONDAY + timedelta(days=1 + nth)
    window = {"starts_at": later.isoformat(), "ends_at": (later + timedelta(hours=2)).isoformat()}
    booked(people.bob if nth else people.alice, title=f"A test {nth}", **window)
    cancel(reservation=booked(people.alice, title="A test that is over", **window), by=by, now=MONDAY)
    _one_more_wait(people)
    newcomer = User.objects.create_user(f"newcomer-{nth}")
    Membership.objects.create(user=newcomer, project=people.chat, role=ProjectRole.MEMBER)
    another = Project.objects.create(slug=f"test-{nth}", name=f"Test {nth}")
    Membership.objects.create(user=people.alice, project=another, role=ProjectRole.LEAD)
    body = {"mix": [{"lines": [{"device_class": "nvidia-l40s-48gb", "count": 1}]}], "duration_minutes": 60}
    presets.save(project=people.chat, name=f"Test {nth}", purpose="", body=body, by=by, now=MONDAY)
    _FEEDS[nth](people, by)
    people.token("alice")
    _one_more_program(people, by, nth)
    _one_more_hook(people, by)
    plan_maintenance(
        pool=people.pool,
        scope=MaintenanceScope.HOST,
        target="host-03",
        window=Window(starts_at=later + timedelta(hours=6), ends_at=later + timedelta(hours=8)),
        decisions={},
        by=by,
        now=MONDAY,
        reason="A test",
    )


def _one_more_question(people: Cast, nth: int) -> Reservation:
    """For Alice, and one more who stands in for her. The rule is of this one alone."""
    rule = ApprovalRule.objects.create(pool=people.pool, decide_minutes=7 * 24 * 60)
    later = MONDAY + timedelta(days=20 + nth)
    window = {"starts_at": later.isoformat(), "ends_at": (later + timedelta(hours=2)).isoformat()}
    asked = booked(people.bob, title=f"A question {nth}", **window)
    rule.delete()
    by = Actor(name="alice", user_id=people.alice.pk, door="web")
    delegate(giver=people.alice, taker=people.bob, project=None, starts_at=MONDAY, ends_at=later, by=by, now=MONDAY)
    return asked


def _one_more_occurrence(people: Cast, nth: int) -> str:
    """A series with one, which then is another one of the first series."""
    later = f"2030-06-{3 + nth:02}T10:00"
    again = people.caller("alice").post("series/", repeated(rule="FREQ=DAILY;COUNT=1", starts_local=later)).json()
    first = Series.objects.order_by("id")[0]
    Reservation.objects.filter(series__code=again["code"]).update(series=first)
    return first.code


def _one_more_program(people: Cast, by: Actor, nth: int) -> None:
    """And one more token of the first."""
    wish = ServiceAccountRequest(name=f"test-{nth}")
    service_accounts.make(project=people.chat, wish=wish, by=by, now=MONDAY)
    first = User.objects.get(username="svc-team-chat-test-0")
    service_accounts.issue_token(account=first, wish=TokenRequest(name="test", days=30), by=by, now=MONDAY)


def _one_more_hook(people: Cast, by: Actor) -> None:
    """Of the project and of the operators; and one more message of the first, tried once more than the last."""
    for project in (people.chat, None):
        webhooks.make(project=project, wish=webhooks.WebhookWish(url="https://example.org/in"), by=by, now=MONDAY)
    first = Webhook.objects.filter(project=people.chat).order_by("id")[0]
    message = WebhookDelivery.objects.filter(webhook=first).first() or send_test(hook=first, now=MONDAY)
    WebhookTry.objects.create(delivery=message, at=MONDAY, status=503)
    replay(delivery=message, now=MONDAY)
    WebhookDelivery.objects.update(state=DeliveryState.FAILED)


def _hook(people: Cast) -> dict[str, str]:
    first = Webhook.objects.filter(project=people.chat).order_by("id")[0]
    return {"webhook": first.code, "message": first.deliveries.order_by("id")[0].message_id}


_FEEDS: tuple[Callable[[Cast, Actor], object], ...] = (
    lambda people, by: feeds.make(user=people.alice, by=by, now=MONDAY),
    lambda people, by: feeds.make(user=people.alice, project=people.chat, by=by, now=MONDAY),
    lambda people, by: feeds.make(user=people.alice, pool=people.pool, by=by, now=MONDAY),
)
