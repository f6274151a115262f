"""Who may open which page; the same table for pages. A token opens no page: without a session one is sent to the login.

A page is 302 for the anonymous, for a session that is over, and for tokens. Everybody signed in has the pages that
show only what is theirs. What belongs to a project one is not in is 404, what one sees but may not change is 403. A
form sent empty is 400.
"""

from tests.portal.access_rows import HOOK, MESSAGE, ROLES, SERIES, Row

OWN = (302, 200, 200, 200, 200, 200, 200, 302, 302, 302)
ONE_SEEN = (302, 404, 200, 200, 200, 200, 200, 302, 302, 302)
ONE_ASKED = (302, 404, 403, 200, 200, 200, 200, 302, 302, 302)
TOO_EARLY = (302, 404, 403, 409, 409, 409, 409, 302, 302, 302)
ONE_DONE = (302, 404, 403, 302, 302, 302, 302, 302, 302, 302)
ONE_EMPTY = (302, 404, 403, 400, 400, 400, 400, 302, 302, 302)
EMPTY_FORM = (302, 400, 400, 400, 400, 400, 400, 302, 302, 302)
POST_ONLY = (302, 405, 405, 405, 405, 405, 405, 302, 302, 302)
LEAD_EMPTY = (302, 404, 403, 403, 400, 403, 403, 302, 302, 302)
LEAD_ASKED = (302, 404, 403, 403, 200, 403, 403, 302, 302, 302)
LEAD_DONE = (302, 404, 403, 403, 302, 403, 403, 302, 302, 302)
DONE = (302,) * len(ROLES)
SITE_SEEN = (302, 403, 403, 403, 403, 200, 200, 302, 302, 302)
SITE_EMPTY = (302, 403, 403, 403, 403, 400, 400, 302, 302, 302)
MEMBER_EMPTY = (302, 404, 403, 400, 400, 403, 403, 302, 302, 302)

ONE = (("code", "{code}"),)
LAB = (("code", "lab"),)
CHAT = (("slug", "team-chat"),)
TOKEN = (("prefix", "{token}"),)
FEED = (("prefix", "{feed}"),)
FEED_SECRET = (("secret", "{feed_secret}"),)
EXTEND_SECRET = (("secret", "{extend_secret}"),)
STOP_SECRET = (("secret", "{stop_secret}"),)
LETTER_EXTEND = "letters/extend/<str:secret>/"
LETTER_STOP = "letters/stop/<str:secret>/"
GIVEN = (("number", "{delegation}"),)
ASKED_OF_OTHERS = (302, 404, 302, 302, 302, 200, 200, 302, 302, 302)  # who may only look is led to the reservation
OPEN = (200,) * len(ROLES)
HELD_ONLY = (409,) * len(ROLES)  # a hold is not extended, whoever holds the link


ALERT = (("code", "{alert}"),)
REMOVE_ALERT = "waitlist/alerts/<slug:code>/remove/"


def _act(verb: str) -> tuple[tuple[str, str], ...]:
    return (*ONE, ("verb", verb))


ACT = "reservations/<slug:code>/<slug:verb>/"
MEMBERS = "projects/<slug:slug>/members/"
PRESET = "projects/<slug:slug>/presets/<slug:code>/"
ONE_PRESET = (*CHAT, ("code", "p-22222222"))
PROGRAMS = "projects/<slug:slug>/service-accounts/"
ONE_PROGRAM = PROGRAMS + "<slug:name>/"
PROGRAM_TOKEN = ONE_PROGRAM + "tokens/<slug:prefix>/revoke/"
PROGRAM = (*CHAT, ("name", "nightly"))
ONE_PROGRAM_TOKEN = (*PROGRAM, ("prefix", "{program_token}"))
ONE_HOOK = "webhooks/<slug:code>/"
DELIVERY = ONE_HOOK + "deliveries/<slug:message_id>/"
PAGE_ROWS: tuple[Row, ...] = (
    Row("get", "", OWN),
    Row("get", "dashboard/", OWN),
    Row("get", "login", (200, 302, 302, 302, 302, 302, 302, 200, 200, 200)),
    Row("post", "login", (200, 302, 302, 302, 302, 302, 302, 200, 200, 200)),
    Row("post", "logout", DONE),
    Row("get", "reservations/", OWN),
    Row("get", "reservations/new/", OWN),
    Row("post", "reservations/new/", EMPTY_FORM),
    Row("get", "reservations/check/", POST_ONLY),
    Row("post", "reservations/check/", OWN),
    Row("get", "reservations/selector/", OWN, query="?pool=lab&selector=device.kind"),
    Row("get", "reservations/<slug:code>/", ONE_SEEN, values=ONE),
    Row("get", ACT, ONE_ASKED, values=_act("cancel")),
    Row("get", ACT, ONE_ASKED, values=_act("release")),
    Row("get", ACT, ONE_ASKED, values=_act("confirm")),
    Row("get", ACT, ONE_ASKED, values=_act("check-in")),
    Row("post", ACT, TOO_EARLY, values=_act("check-in")),
    Row("get", ACT, (302, 404, 404, 404, 404, 404, 404, 302, 302, 302), values=_act("delete")),
    Row("post", ACT, ONE_DONE, values=_act("cancel")),
    Row("post", ACT, ONE_DONE, values=_act("release")),
    Row("post", ACT, ONE_DONE, values=_act("confirm")),
    Row("get", "reservations/<slug:code>/extend/", TOO_EARLY, values=ONE),
    Row("post", "reservations/<slug:code>/extend/", (302, 404, 403, 409, 409, 409, 409, 302, 302, 302), values=ONE),
    Row("get", "reservations/<slug:code>/resize/", ONE_ASKED, values=ONE),
    Row("post", "reservations/<slug:code>/resize/", ONE_DONE, values=ONE),
    Row("get", "reservations/<slug:code>/shorten/", TOO_EARLY, values=ONE),
    Row("post", "reservations/<slug:code>/shorten/", TOO_EARLY, values=ONE),
    Row("get", "reservations/<slug:code>/move/", ONE_ASKED, values=ONE),
    Row("post", "reservations/<slug:code>/move/", ONE_EMPTY, values=ONE),
    Row("get", "reservations/<slug:code>/auto-extend/", ONE_ASKED, values=ONE),
    Row("post", "reservations/<slug:code>/auto-extend/", ONE_EMPTY, values=ONE),
    Row("get", "reservations/<slug:code>/elastic/", ONE_ASKED, values=ONE),
    Row("post", "reservations/<slug:code>/elastic/", ONE_DONE, values=ONE),
    Row("get", "reservations/<slug:code>/hand-over/", ONE_ASKED, values=ONE),
    Row("post", "reservations/<slug:code>/hand-over/", ONE_DONE, values=ONE),
    Row("get", "reservations/<slug:code>/again/", POST_ONLY, values=ONE),
    Row("post", "reservations/<slug:code>/again/", (302, 404, 302, 302, 302, 302, 302, 302, 302, 302), values=ONE),
    Row("get", "reservations/<slug:code>/swap/", TOO_EARLY, query="?block=pru-01-s01", values=ONE),
    Row("post", "reservations/<slug:code>/swap/", TOO_EARLY, values=ONE),
    Row("get", "calendar/", OWN),
    Row("get", "calendar/<str:secret>.ics", OPEN, values=FEED_SECRET),
    Row("get", LETTER_EXTEND, HELD_ONLY, values=EXTEND_SECRET),
    Row("post", LETTER_EXTEND, HELD_ONLY, values=EXTEND_SECRET),
    Row("get", LETTER_STOP, OPEN, values=STOP_SECRET),
    Row("post", LETTER_STOP, OPEN, values=STOP_SECRET),
    Row("get", "account/calendars/", OWN),
    Row("get", "account/calendars/make/", POST_ONLY),
    Row("post", "account/calendars/make/", EMPTY_FORM),
    Row("get", "account/calendars/<slug:prefix>/rotate/", POST_ONLY, values=FEED),
    Row(
        "post",
        "account/calendars/<slug:prefix>/rotate/",
        (302, 404, 404, 404, 200, 404, 404, 302, 302, 302),
        values=FEED,
    ),
    Row("get", "account/calendars/<slug:prefix>/remove/", POST_ONLY, values=FEED),
    Row(
        "post",
        "account/calendars/<slug:prefix>/remove/",
        (302, 404, 404, 404, 302, 404, 404, 302, 302, 302),
        values=FEED,
    ),
    Row("get", "series/", OWN),
    Row("get", "series/new/", OWN),
    Row("post", "series/new/", EMPTY_FORM),
    Row("get", "series/<slug:code>/", ONE_SEEN, values=SERIES),
    Row("post", "series/<slug:code>/", ONE_EMPTY, values=SERIES),
    Row("get", "waitlist/", OWN),
    Row("get", REMOVE_ALERT, POST_ONLY, values=ALERT),
    Row("post", REMOVE_ALERT, (302, 404, 404, 404, 302, 404, 404, 302, 302, 302), values=ALERT),  # Alice's own
    Row("get", "approvals/", OWN),
    Row("get", "approvals/<slug:code>/", ASKED_OF_OTHERS, values=ONE),
    Row("post", "approvals/<slug:code>/", (302, 404, 403, 403, 403, 400, 400, 302, 302, 302), values=ONE),
    Row("get", "delegations/", POST_ONLY),
    Row("post", "delegations/", EMPTY_FORM),
    Row("get", "delegations/<int:number>/end/", POST_ONLY, values=GIVEN),
    Row(
        "post",
        "delegations/<int:number>/end/",
        (302, 404, 404, 302, 302, 404, 404, 302, 302, 302),  # Alice gave it, Bob took it
        values=GIVEN,
    ),
    Row("get", "help/", OWN),
    Row("get", "tour/", POST_ONLY),
    Row("post", "tour/", DONE),
    Row("get", "palette/", OWN, query="?q=h100"),
    Row("get", "pools/", OWN),
    Row("get", "pools/<slug:code>/", OWN, values=LAB),
    Row("get", "pools/<slug:code>/map/", OWN, values=LAB),
    Row("get", "pools/<slug:code>/rates/", OWN, values=LAB),
    Row("get", "projects/", OWN),
    Row("get", "projects/<slug:slug>/", ONE_SEEN, values=CHAT),
    Row("get", MEMBERS + "add/", POST_ONLY, values=CHAT),
    Row("get", MEMBERS + "change/", POST_ONLY, values=CHAT),
    Row("get", MEMBERS + "remove/", POST_ONLY, values=CHAT),
    Row("post", MEMBERS + "add/", LEAD_EMPTY, values=CHAT),
    Row("post", MEMBERS + "change/", LEAD_EMPTY, values=CHAT),
    Row("post", MEMBERS + "remove/", LEAD_EMPTY, values=CHAT),
    Row("get", PROGRAMS, POST_ONLY, values=CHAT),
    Row("post", PROGRAMS, LEAD_EMPTY, values=CHAT),
    Row("get", ONE_PROGRAM, ONE_SEEN, values=PROGRAM),
    Row("get", ONE_PROGRAM + "remove/", LEAD_ASKED, values=PROGRAM),
    Row("post", ONE_PROGRAM + "remove/", LEAD_DONE, values=PROGRAM),
    Row("get", ONE_PROGRAM + "tokens/", POST_ONLY, values=PROGRAM),
    Row("post", ONE_PROGRAM + "tokens/", LEAD_EMPTY, values=PROGRAM),
    Row("get", PROGRAM_TOKEN, LEAD_ASKED, values=ONE_PROGRAM_TOKEN),
    Row("post", PROGRAM_TOKEN, LEAD_DONE, values=ONE_PROGRAM_TOKEN),
    Row("get", "projects/<slug:slug>/presets/", POST_ONLY, values=CHAT),
    Row("post", "projects/<slug:slug>/presets/", MEMBER_EMPTY, values=CHAT),
    Row("get", PRESET + "remove/", POST_ONLY, values=ONE_PRESET),
    Row("post", PRESET + "remove/", (302, 404, 403, 302, 302, 403, 403, 302, 302, 302), values=ONE_PRESET),
    Row("get", "usage/", OWN),
    Row("get", "projects/<slug:slug>/webhooks/", LEAD_ASKED, values=CHAT),
    Row("post", "projects/<slug:slug>/webhooks/", LEAD_EMPTY, values=CHAT),
    Row("get", "webhooks/", SITE_SEEN),
    Row("post", "webhooks/", SITE_EMPTY),
    Row("get", ONE_HOOK, LEAD_ASKED, values=HOOK),
    Row("post", ONE_HOOK, LEAD_EMPTY, values=HOOK),
    Row("get", ONE_HOOK + "rotate/", POST_ONLY, values=HOOK),
    Row("post", ONE_HOOK + "rotate/", LEAD_ASKED, values=HOOK),
    Row("get", ONE_HOOK + "switch/", POST_ONLY, values=HOOK),
    Row("post", ONE_HOOK + "switch/", LEAD_DONE, values=HOOK),
    Row("get", ONE_HOOK + "test/", POST_ONLY, values=HOOK),
    Row("post", ONE_HOOK + "test/", LEAD_DONE, values=HOOK),
    Row("get", ONE_HOOK + "remove/", LEAD_ASKED, values=HOOK),
    Row("post", ONE_HOOK + "remove/", LEAD_DONE, values=HOOK),
    Row("get", DELIVERY, LEAD_ASKED, values=MESSAGE),
    Row("get", DELIVERY + "replay/", POST_ONLY, values=MESSAGE),
    Row("post", DELIVERY + "replay/", LEAD_DONE, values=MESSAGE),
    Row("get", "journal/", OWN),
    Row("get", "notices/", OWN),
    Row("get", "notices/read/", POST_ONLY),
    Row("post", "notices/read/", DONE),
    Row("get", "notices/unread/", POST_ONLY),
    Row("post", "notices/unread/", DONE),
    Row("get", "account/", OWN),
    Row("get", "account/theme/", POST_ONLY),
    Row("post", "account/theme/", EMPTY_FORM),
    Row("get", "account/zone/", POST_ONLY),
    Row("post", "account/zone/", DONE),
    Row("get", "account/notices/", POST_ONLY),
    Row("post", "account/notices/", DONE),
    Row("get", "account/password/", POST_ONLY),
    Row("post", "account/password/", EMPTY_FORM),
    Row("get", "account/sessions/", POST_ONLY),
    Row("post", "account/sessions/", EMPTY_FORM),
    Row("get", "account/tokens/", POST_ONLY),
    Row("post", "account/tokens/", EMPTY_FORM),
    Row(
        "get", "account/tokens/<slug:prefix>/revoke/", (302, 404, 404, 404, 200, 404, 404, 302, 302, 302), values=TOKEN
    ),
    Row(
        "post", "account/tokens/<slug:prefix>/revoke/", (302, 404, 404, 404, 302, 404, 404, 302, 302, 302), values=TOKEN
    ),
)
