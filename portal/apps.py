"""Makes `portal` an app, for its commands and template tags."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    label = "portal"
    verbose_name = "Portal"

    def ready(self) -> None:
        """Make our Celery the default one: a shared task would otherwise be sent to a broker nobody runs."""
        from portal.celery import app

        app.set_default()
