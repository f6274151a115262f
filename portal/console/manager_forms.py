"""How a fabric is driven: its profile, with what is in force and why, and credentials, which are only ever written."""

from typing import Any

from django import forms
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from fabric.drivers.base import DriverError
from fabric.drivers.profiles import Effective
from fabric.drivers.registry import NoSuchDriver
from fabric.models import FabricManager
from fabric.services.drivers import effective_profile
from portal.access import actor_of
from portal.console.asking import asked, reason_field
from portal.console.json_field import StrictJsonField
from scheduler.services import fabric_settings

NAME_CHARS_MAX, SECRET_CHARS_MAX = 150, 500


class ProfileForm(forms.Form):
    profile = StrictJsonField(
        required=False,
        initial=dict,
        widget=forms.Textarea(attrs={"rows": 8, "cols": 80, "spellcheck": "false"}),
        help_text="A JSON object of what differs from what the driver and the service say; {} overlays nothing.",
    )
    reason = reason_field()

    def clean_profile(self) -> dict[str, Any]:
        profile = self.cleaned_data["profile"] or {}
        if not isinstance(profile, dict):
            raise forms.ValidationError("Give an object of settings, such as {}.")
        return profile


class CredentialsForm(forms.Form):
    user = forms.CharField(required=False, max_length=NAME_CHARS_MAX)
    password = forms.CharField(
        required=False,
        max_length=SECRET_CHARS_MAX,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Kept encrypted and never shown again. Both empty: what is stored is taken away.",
    )
    reason = reason_field()


def profile(admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    manager = get_object_or_404(FabricManager.objects.select_related("pool"), pk=pk)
    posted = request.POST if request.method == "POST" else None

    def change(said: dict[str, Any]) -> str:
        by, now = actor_of(request, door="admin"), timezone.now()
        changed = fabric_settings.change_profile(
            manager=manager, profile=said["profile"], by=by, now=now, reason=said["reason"]
        )
        return f"{manager} has another profile." if changed else f"{manager} had this profile already."

    effective, trouble = _in_force(manager)
    return asked(
        admin,
        request,
        form=ProfileForm(posted, initial={"profile": manager.profile}),
        title=f"Profile of {manager}",
        back=_page_of(manager),
        do=change,
        template="console/profile_page.html",
        button="Change the profile",
        effective=effective,
        trouble=trouble,
    )


def credentials(admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    manager = get_object_or_404(FabricManager.objects.select_related("pool"), pk=pk)
    posted = request.POST if request.method == "POST" else None

    def change(said: dict[str, Any]) -> str:
        by, now = actor_of(request, door="admin"), timezone.now()
        changed = fabric_settings.change_credentials(
            manager=manager, user=said["user"], password=said["password"], by=by, now=now, reason=said["reason"]
        )
        return f"{manager} has other credentials." if changed else f"{manager} had these credentials already."

    stored = "There are credentials; they are shown to nobody." if manager.sealed_credentials else "There are none yet."
    return asked(
        admin,
        request,
        form=CredentialsForm(posted),
        title=f"Credentials of {manager}",
        back=_page_of(manager),
        do=change,
        button="Store the credentials",
        intro=f"With these Heddle signs in at {manager.endpoint or 'a fabric without an endpoint'}. {stored}",
    )


def _in_force(manager: FabricManager) -> tuple[tuple[Effective, ...], str]:
    """What is in force, or why that cannot be told."""
    try:
        return effective_profile(manager), ""
    except (DriverError, NoSuchDriver) as error:
        return (), str(error)


def _page_of(manager: FabricManager) -> str:
    return reverse("admin:fabric_fabricmanager_change", args=[manager.pk])
