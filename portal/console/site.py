"""The site itself."""

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse


class ConsoleSite(AdminSite):
    site_title = "Heddle operations"
    site_header = "Heddle operations"
    index_title = "Operations"
    enable_nav_sidebar = False  # its list of models is the index, again on every page

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.disable_action("delete_selected")  # what may be deleted at all is deleted one by one, through its service

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one place to sign in, with one set of limits: the portal's."""
        if request.user.is_authenticated:
            raise PermissionDenied("Only operators may open the operations console.")
        return redirect_to_login(request.GET.get("next", request.path), settings.LOGIN_URL)
