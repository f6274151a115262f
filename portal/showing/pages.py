"""Every page once, with everything on it that the scene has. The one list for screenshots, axe and the CSP. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

NOBODY = ""


@dataclass(frozen=True, slots=True)
class Page:
    """`route` as `portal/web/urls.py` has it; `{words}` in the path are bookings of the scene, or its other things."""

    name: str
    route: str
    path: str
    who: str = "alice"

    def at(self, values: Mapping[str, str]) -> str:
        return self.path.format(**values)


ONE = "reservations/<slug:code>/"
ACT = f"{ONE}<slug:verb>/"
PROGRAM = "projects/<slug:slug>/service-accounts/<slug:name>/"
STATES = ("active", "composing", "releasing", "confirmed", "held", "ended", "failed", "cancelled", "expired")
WHO = {"held": "charlie", "failed": "charlie"}

HOOK = "webhooks/<slug:code>/"

PAGES: tuple[Page, ...] = (
    Page("availability", "", "/"),
    Page("tour", "", "/", "bob"),
    Page("availability-60-days", "", "/?zoom=weeks"),
    Page("dashboard", "dashboard/", "/dashboard/"),
    Page("login", "login", "/login", NOBODY),
    Page("reservations", "reservations/", "/reservations/?tab=all"),
    Page("reservations-empty", "reservations/", "/reservations/?q=nothing-is-called-so"),
    Page("book", "reservations/new/", "/reservations/new/"),
    Page("book-copy", "reservations/new/", "/reservations/new/?copy={confirmed}"),
    *(Page(f"reservation-{state}", ONE, f"/reservations/{{{state}}}/", WHO.get(state, "alice")) for state in STATES),
    Page("reservation-trouble", ONE, "/reservations/{failing}/", "charlie"),
    Page("extend", f"{ONE}extend/", "/reservations/{active}/extend/"),
    Page("resize", f"{ONE}resize/", "/reservations/{active}/resize/"),
    Page("shorten", f"{ONE}shorten/", "/reservations/{active}/shorten/"),
    Page("move", f"{ONE}move/", "/reservations/{confirmed}/move/"),
    Page("auto-extend", f"{ONE}auto-extend/", "/reservations/{active}/auto-extend/"),
    Page("elastic", f"{ONE}elastic/", "/reservations/{active}/elastic/"),
    Page("hand-over", f"{ONE}hand-over/", "/reservations/{active}/hand-over/?ask=1"),
    Page("swap", f"{ONE}swap/", "/reservations/{failing}/swap/?block={failed_block}", "charlie"),
    Page("cancel", ACT, "/reservations/{confirmed}/cancel/"),
    Page("release", ACT, "/reservations/{active}/release/"),
    Page("confirm", ACT, "/reservations/{held}/confirm/", "charlie"),
    Page("reservation-pending", ONE, "/reservations/{pending}/", "bob"),
    Page("series-list", "series/", "/series/"),
    Page("series-new", "series/new/", "/series/new/?copy={confirmed}"),
    Page("series", "series/<slug:code>/", "/series/{series}/"),
    Page("waitlist", "waitlist/", "/waitlist/"),
    Page("approvals", "approvals/", "/approvals/"),
    Page("approvals-empty", "approvals/", "/approvals/", "bob"),
    Page("approval", "approvals/<slug:code>/", "/approvals/{pending}/"),
    Page("calendar", "calendar/", "/calendar/"),
    Page("calendar-classes", "calendar/", "/calendar/?by=class&span=month"),
    Page("help", "help/", "/help/"),
    Page("palette", "palette/", "/palette/?q=h100"),
    Page("pools", "pools/", "/pools/"),
    Page("pool", "pools/<slug:code>/", "/pools/lab/"),
    Page("map", "pools/<slug:code>/map/", "/pools/lab/map/"),
    Page("rates", "pools/<slug:code>/rates/", "/pools/lab/rates/"),
    Page("projects", "projects/", "/projects/"),
    Page("project", "projects/<slug:slug>/", "/projects/team-chat/"),
    Page("service-accounts", "projects/<slug:slug>/", "/projects/team-chat/?tab=service-accounts"),
    Page("service-account", PROGRAM, "/projects/team-chat/service-accounts/nightly/"),
    Page("service-account-remove", f"{PROGRAM}remove/", "/projects/team-chat/service-accounts/nightly/remove/"),
    Page(
        "service-token-revoke",
        f"{PROGRAM}tokens/<slug:prefix>/revoke/",
        "/projects/team-chat/service-accounts/nightly/tokens/{program_token}/revoke/",
    ),
    Page("webhooks", "projects/<slug:slug>/webhooks/", "/projects/team-chat/webhooks/"),
    Page("webhooks-of-operators", "webhooks/", "/webhooks/", "olga"),
    Page("webhook", HOOK, "/webhooks/{webhook}/"),
    Page("webhook-remove", f"{HOOK}remove/", "/webhooks/{webhook}/remove/"),
    Page("webhook-message", f"{HOOK}deliveries/<slug:message_id>/", "/webhooks/{webhook}/deliveries/{message}/"),
    Page("usage", "usage/", "/usage/?by=day"),
    Page("journal", "journal/", "/journal/"),
    Page("notices", "notices/", "/notices/", "charlie"),
    Page("notices-empty", "notices/", "/notices/", "olga"),
    Page("account", "account/", "/account/"),
    Page("letter-extend", "letters/extend/<str:secret>/", "/letters/extend/{extend_secret}/", NOBODY),
    Page("letter-stop", "letters/stop/<str:secret>/", "/letters/stop/{stop_secret}/", NOBODY),
    Page("feeds", "account/calendars/", "/account/calendars/"),
    Page("token-revoke", "account/tokens/<slug:prefix>/revoke/", "/account/tokens/{token}/revoke/"),
    Page("not-found", "", "/reservations/r-nothing/"),
)

NO_PAGES: Mapping[str, str] = {
    "calendar/<str:secret>.ics": "a file for calendar programs",
    "reservations/selector/": "what the builder shows below a selector, and part of its page",
}
"""Routes that answer GET with something else than a page."""

CHOSEN = ("availability", "book-copy", "reservation-active", "calendar", "map")
"""Those that introduce the product in the README."""
