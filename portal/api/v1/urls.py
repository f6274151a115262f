"""The endpoints of version 1. What is none of them is answered by a problem document too."""

from django.urls import path, re_path

from portal.api.v1 import (
    availability,
    check_in,
    events,
    extend,
    inventory,
    maintenance,
    projects,
    quota,
    quotes,
    reservations,
    service_accounts,
    slots,
    swap,
    tokens,
    usage,
    verbs,
)
from portal.api.v1.wait import wait
from portal.api.views import NothingHere

app_name = "v1"
urlpatterns = [
    path("pools/", inventory.PoolList.as_view(), name="pools"),
    path("pools/<slug:code>/", inventory.PoolDetail.as_view(), name="pool"),
    path("device-classes/", inventory.DeviceClassList.as_view(), name="device-classes"),
    path("hosts/", inventory.HostList.as_view(), name="hosts"),
    path("blocks/", inventory.BlockList.as_view(), name="blocks"),
    path("maintenance/", maintenance.MaintenanceList.as_view(), name="maintenance"),
    path("projects/", projects.ProjectList.as_view(), name="projects"),
    path("projects/<slug:slug>/quota/", quota.ProjectQuota.as_view(), name="project-quota"),
    path("usage/", usage.UsageView.as_view(), name="usage"),
    path(
        "projects/<slug:slug>/service-accounts/",
        service_accounts.ServiceAccountList.as_view(),
        name="service-accounts",
    ),
    path(
        "projects/<slug:slug>/service-accounts/<slug:name>/",
        service_accounts.ServiceAccountDetail.as_view(),
        name="service-account",
    ),
    path(
        "projects/<slug:slug>/service-accounts/<slug:name>/tokens/",
        service_accounts.ServiceTokenList.as_view(),
        name="service-tokens",
    ),
    path(
        "projects/<slug:slug>/service-accounts/<slug:name>/tokens/<slug:prefix>/",
        service_accounts.ServiceTokenDetail.as_view(),
        name="service-token",
    ),
    path("quotes/", quotes.QuoteList.as_view(), name="quotes"),
    path("slots/", slots.SlotList.as_view(), name="slots"),
    path("availability/", availability.AvailabilityView.as_view(), name="availability"),
    path("reservations/", reservations.ReservationList.as_view(), name="reservations"),
    path("reservations/<slug:code>/", reservations.ReservationDetail.as_view(), name="reservation"),
    path("reservations/<slug:code>/confirm/", verbs.Confirm.as_view(), name="confirm"),
    path("reservations/<slug:code>/cancel/", verbs.Cancel.as_view(), name="cancel"),
    path("reservations/<slug:code>/release/", verbs.Release.as_view(), name="release"),
    path("reservations/<slug:code>/check-in/", check_in.CheckIn.as_view(), name="check-in"),
    path("reservations/<slug:code>/extend/", extend.Extend.as_view(), name="extend"),
    path("reservations/<slug:code>/swap/", swap.Swap.as_view(), name="swap"),
    path("reservations/<slug:code>/wait/", wait, name="wait"),
    path("reservations/<slug:code>/events/", events.ReservationEventList.as_view(), name="reservation-events"),
    path("events/", events.EventList.as_view(), name="events"),
    path("tokens/", tokens.TokenList.as_view(), name="tokens"),
    path("tokens/<slug:prefix>/", tokens.TokenDetail.as_view(), name="token"),
    re_path(r"", NothingHere.as_view(), name="nothing"),
]
