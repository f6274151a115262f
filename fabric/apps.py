"""The Django application of the fabric room."""

from django.apps import AppConfig


class FabricConfig(AppConfig):
    name = "fabric"
    label = "fabric"
    verbose_name = "Fabric"
    default_auto_field = "django.db.models.BigAutoField"
