"""The site itself."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite, autodiscover
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver

ROOMS = tuple(
    f"portal.console.{name}"
    for name in (
        "fabric",
        "wiring",
        "drift",
        "manager_pages",
        "scheduler",
        "quotas",
        "rates",
        "webhooks",
        "letters",
        "approvals",
        "waitlist",
        "series",
        "maintenance",
        "journal",
        "accounts",
    )
)


class ConsoleSite(AdminSite):
    site_title = "Heddle operations"
    site_header = "Heddle operations"
    index_title = "Operations"
    enable_nav_sidebar = False  # its list of models is the index, again on every page

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.disable_action("delete_selected")  # what may be deleted at all is deleted one by one, through its service

    def get_urls(self) -> list[URLPattern | URLResolver]:
        self.fill()
        return super().get_urls()

    def fill(self) -> None:
        """Register Django's own models and ours; harmless when repeated."""
        autodiscover()
        for room in ROOMS:
            import_module(room)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one place to sign in, with one set of limits: the portal's."""
        if request.user.is_authenticated:
            raise PermissionDenied("Only operators may open the operations console.")
        return redirect_to_login(request.GET.get("next", request.path), settings.LOGIN_URL)
