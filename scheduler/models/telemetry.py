"""How busy devices are, as an agent or a query of a monitoring system tells it."""

from django.db import models
from django.db.models import Q

from fabric.models import ResourceBlock


class Utilisation(models.Model):
    """One sample of one block. Kept for weeks, thinned by the purge."""

    block = models.ForeignKey(ResourceBlock, on_delete=models.CASCADE, related_name="utilisation")
    at = models.DateTimeField()
    percent = models.PositiveSmallIntegerField(help_text="Mean activity since the sample before.")
    source = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-at", "block_id"]
        verbose_name_plural = "utilisation"
        constraints = [
            models.UniqueConstraint(fields=["block", "at"], name="utilisation_once"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="utilisation_percent"),
        ]
        indexes = [models.Index(fields=["at"], name="utilisation_by_age")]

    def __str__(self) -> str:
        return f"{self.block} {self.percent} %"
