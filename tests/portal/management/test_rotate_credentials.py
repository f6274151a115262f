"""The site's keys also seal the secrets of webhooks: they are sealed anew before an old key is forgotten."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from scheduler.services import webhooks
from tests.scheduler.services.hooked import ALICE, NOON, hook

KEYS = "fabric-keys"


@pytest.mark.django_db
def test_webhooks_keep_their_secrets_when_the_keys_are_changed(settings: Settings, tmp_path: Path) -> None:
    settings.HEDDLE_DATA_DIR = tmp_path
    one = webhooks.rotate(hook=hook(None), by=ALICE, now=NOON)
    secret, old, out = webhooks.secret_to_show(hook=one), (tmp_path / KEYS).read_text(encoding="ascii"), StringIO()

    call_command("rotate_credentials", "--new-key", "--forget-old", stdout=out)

    one.refresh_from_db()
    assert out.getvalue() == "1 sealed with another key than before.\n"
    assert webhooks.secret_to_show(hook=one) == secret
    assert old.strip() not in (tmp_path / KEYS).read_text(encoding="ascii")
