"""The permissions of operators."""

from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission

from portal.accounts.models import User
from portal.console.powers import KEPT, OPERATOR_PERMISSIONS, POWERS, operator_permissions
from portal.runtime import demo
from tests.portal.console.world import NOON


@pytest.mark.django_db
def test_each_named_permission_exists() -> None:
    rows = operator_permissions().select_related("content_type")
    found = {f"{row.content_type.app_label}.{row.codename}" for row in rows}

    assert found == set(OPERATOR_PERMISSIONS)
    assert operator_permissions().count() < Permission.objects.count()


@pytest.mark.django_db
def test_the_demos_operator_has_them_and_no_more(tmp_path: Path) -> None:
    demo.load(pool="lab", data_dir=tmp_path, is_demo=True, now=NOON)

    olga = User.objects.get(username="olga")
    assert (olga.is_staff, olga.is_superuser) == (True, False)
    assert olga.get_all_permissions() == set(OPERATOR_PERMISSIONS)


def test_operators_may_look_at_every_model_of_the_console() -> None:
    admin.site.fill()  # type: ignore[attr-defined]

    shown = {f"{model._meta.app_label}.view_{model._meta.model_name}" for model in admin.site._registry}

    assert set(OPERATOR_PERMISSIONS) - set(POWERS) - set(KEPT) == shown
