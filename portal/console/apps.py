"""Puts our site in the place of Django's default one."""

from django.contrib.admin.apps import SimpleAdminConfig


class ConsoleConfig(SimpleAdminConfig):
    """The site fills itself when its addresses are first asked for: workers and commands never load it."""

    default_site = "portal.console.site.ConsoleSite"
