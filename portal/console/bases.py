"""What every page of the console has in common."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin, TabularInline
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from scheduler.refusals import Invalid

ROWS_PER_PAGE = 50


class ConsoleAdmin(ModelAdmin):
    """One count a list instead of two, and a service's refusal as a message instead of a broken page."""

    list_per_page = ROWS_PER_PAGE
    show_full_result_count = False

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._or_refusal(request, lambda: super(ConsoleAdmin, self).changeform_view(request, *args, **kwargs))

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._or_refusal(request, lambda: super(ConsoleAdmin, self).delete_view(request, *args, **kwargs))

    def _or_refusal(self, request: HttpRequest, show: Callable[[], HttpResponse]) -> HttpResponse:
        try:
            return show()
        except Invalid as refused:
            for error in refused.errors:
                messages.error(request, error.message)
            return HttpResponseRedirect(request.get_full_path())


class ReadOnlyAdmin(ConsoleAdmin):
    """To look at. What the product decides is edited by nobody, a superuser included."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Who may use the acts of this list (`portal.console.acts`)."""
        return request.user.has_perm("scheduler.operate_pool")


class ReadOnlyInline(TabularInline):
    """Rows below the one they belong to."""

    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
