"""The pages' addresses."""

from django.urls import path

from portal.web.views import (
    account,
    account_security,
    account_tokens,
    availability,
    booking,
    calendar,
    dashboard,
    journal,
    members,
    notices,
    palette,
    pools,
    projects,
    reservations,
    signing_in,
    swap,
    theme,
)
from portal.web.views import verbs as acts

app_name = "web"
urlpatterns = [
    path("", availability.availability, name="availability"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("login", signing_in.login, name="login"),
    path("logout", signing_in.logout, name="logout"),
    path("reservations/", reservations.reservations, name="reservations"),
    path("reservations/new/", booking.book, name="book"),
    path("reservations/check/", booking.live_check, name="check"),
    path("reservations/<slug:code>/", reservations.reservation, name="reservation"),
    path("reservations/<slug:code>/swap/", swap.swap_device, name="swap"),
    path("reservations/<slug:code>/<slug:verb>/", acts.verb, name="verb"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("palette/", palette.palette, name="palette"),
    path("pools/", pools.pools, name="pools"),
    path("pools/<slug:code>/", pools.pool, name="pool"),
    path("projects/", projects.projects, name="projects"),
    path("projects/<slug:slug>/", projects.project, name="project"),
    path("projects/<slug:slug>/members/add/", members.add, name="member-add"),
    path("projects/<slug:slug>/members/change/", members.change, name="member-change"),
    path("projects/<slug:slug>/members/remove/", members.remove, name="member-remove"),
    path("journal/", journal.journal, name="journal"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.read_notices, name="notices-read"),
    path("account/", account.account, name="account"),
    path("account/theme/", theme.set_theme, name="theme"),
    path("account/zone/", account.set_zone, name="account-zone"),
    path("account/notices/", account.set_notices, name="account-notices"),
    path("account/password/", account_security.change_password, name="account-password"),
    path("account/sessions/", account_security.sign_out_elsewhere, name="account-sessions"),
    path("account/tokens/", account_tokens.make, name="token-make"),
    path("account/tokens/<slug:prefix>/revoke/", account_tokens.revoke_token, name="token-revoke"),
]
