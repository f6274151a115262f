"""The scene shows every state that a booking can reach, and every page of the list can be opened in it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from portal.accounts.models import User
from portal.runtime import demo
from portal.showing.pages import NOBODY, PAGES
from portal.showing.scene import POOL, play
from scheduler.models import JournalEntry, Maintenance, Notice, Reservation
from scheduler.states import ReservationState

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_broker]
UNREACHED = {ReservationState.WAITLISTED, ReservationState.REJECTED}
"""The scene has none of these."""


def test_a_working_day(tmp_path: Path, settings: Settings) -> None:
    settings.HEDDLE_DATA_DIR = tmp_path
    now = datetime.now(UTC)
    demo.load(pool=POOL, data_dir=tmp_path, is_demo=True, now=now)

    scene = play(now=now)

    assert set(Reservation.objects.values_list("state", flat=True)) == set(ReservationState) - UNREACHED
    for name in ("active", "composing", "releasing", "confirmed", "held", "ended", "failed", "cancelled", "expired"):
        assert Reservation.objects.get(code=scene.codes[name]).state == name
    assert Reservation.objects.get(code=scene.codes["pending"]).state == "pending_approval"
    assert JournalEntry.objects.filter(at__gt=datetime.now(UTC)).count() == 0
    assert Notice.objects.filter(user__username="charlie", read_at__isnull=True).count() > 0
    assert Maintenance.objects.get().target == "host-03"
    _open_all(scene.values)


def _open_all(values: dict[str, str]) -> None:
    answers = {}
    for page in PAGES:
        browser = Client()
        if page.who != NOBODY:
            browser.force_login(User.objects.get(username=page.who))
        answers[page.name] = browser.get(page.at(values)).status_code

    assert answers == {page.name: 404 if page.name == "not-found" else 200 for page in PAGES}
