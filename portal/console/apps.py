"""Puts our site in the place of Django's default one, and fills it."""

from importlib import import_module

from django.contrib.admin.apps import AdminConfig

ROOMS = ("portal.console.fabric", "portal.console.scheduler", "portal.console.journal", "portal.console.accounts")


class ConsoleConfig(AdminConfig):
    default_site = "portal.console.site.ConsoleSite"

    def ready(self) -> None:
        super().ready()
        for room in ROOMS:
            import_module(room)
