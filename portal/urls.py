"""Every address of the portal. Pages are named `web:…`, the API's endpoints `v1:…`."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from portal.api import health
from portal.metrics.views import metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("portal.web.urls")),
    path("api/", include("portal.api.urls")),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics),
]

handler400 = "portal.web.views.errors.bad_request"
handler403 = "portal.web.views.errors.forbidden"
handler404 = "portal.web.views.errors.not_found"
handler500 = "portal.web.views.errors.broken"
