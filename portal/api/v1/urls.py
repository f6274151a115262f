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
    resize,
    service_accounts,
    slots,
    swap,
    tokens,
    usage,
    verbs,
    webhook_deliveries,
    webhooks,
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
    path("projects/<slug:slug>/webhooks/", webhooks.ProjectWebhookList.as_view(), name="project-webhooks"),
    path("webhooks/", webhooks.WebhookList.as_view(), name="webhooks"),
    path("webhooks/<slug:code>/", webhooks.WebhookDetail.as_view(), name="webhook"),
    path("webhooks/<slug:code>/rotate/", webhooks.Rotate.as_view(), name="webhook-rotate"),
    path("webhooks/<slug:code>/test/", webhook_deliveries.Test.as_view(), name="webhook-test"),
    path("webhooks/<slug:code>/deliveries/", webhook_deliveries.DeliveryList.as_view(), name="webhook-deliveries"),
    path(
        "webhooks/<slug:code>/deliveries/<slug:message_id>/",
        webhook_deliveries.DeliveryDetail.as_view(),
        name="webhook-delivery",
    ),
    path(
        "webhooks/<slug:code>/deliveries/<slug:message_id>/replay/",
        webhook_deliveries.Replay.as_view(),
        name="webhook-replay",
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
    path("reservations/<slug:code>/resize/", resize.Resize.as_view(), name="resize"),
    path("reservations/<slug:code>/swap/", swap.Swap.as_view(), name="swap"),
    path("reservations/<slug:code>/wait/", wait, name="wait"),
    path("reservations/<slug:code>/events/", events.ReservationEventList.as_view(), name="reservation-events"),
    path("events/", events.EventList.as_view(), name="events"),
    path("tokens/", tokens.TokenList.as_view(), name="tokens"),
    path("tokens/<slug:prefix>/", tokens.TokenDetail.as_view(), name="token"),
    re_path(r"", NothingHere.as_view(), name="nothing"),
]
