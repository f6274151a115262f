"""The permissions of operators."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission

from portal.console.powers import KEPT, OPERATOR_PERMISSIONS, POWERS, operator_permissions


@pytest.mark.django_db
def test_each_named_permission_exists() -> None:
    found = {
        f"{row.content_type.app_label}.{row.codename}" for row in operator_permissions().select_related("content_type")
    }

    assert found == set(OPERATOR_PERMISSIONS)
    assert operator_permissions().count() < Permission.objects.count()


def test_operators_may_look_at_every_model_of_the_console() -> None:
    admin.site.fill()  # type: ignore[attr-defined]

    shown = {f"{model._meta.app_label}.view_{model._meta.model_name}" for model in admin.site._registry}

    assert set(OPERATOR_PERMISSIONS) - set(POWERS) - set(KEPT) == shown
