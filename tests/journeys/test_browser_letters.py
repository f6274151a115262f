"""Alice chooses when mail may come, extends from a letter without signing in, and keeps what was told to be idle."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from fabric.models import Attachment, Pool
from portal.accounts.models import User
from portal.runtime import mailing
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import NoticeTimes, Reservation
from scheduler.requests import SYSTEM
from scheduler.services._idling import look_for_idle
from scheduler.services.letters_sending import send_letters
from scheduler.services.telemetry import keep_samples
from scheduler.tasks import utc_now
from scheduler.telemetry_parsing import Sample
from tests.journeys.browser import PASSWORD, browser, picture, portal, sync_api, visitor  # noqa: F401 - fixtures, too
from tests.scheduler.post.smtp import Box, mail_server, text_of
from tests.scheduler.services.house import H100, House

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e, pytest.mark.needs_broker]
expect = sync_api.expect
PHONE = {"width": 390, "height": 844}
IDLE = {"percent": 5, "warn_minutes": 5, "release_minutes": 60, "action": "release"}


def test_alice_extends_from_a_letter_and_keeps_what_is_idle(
    browser: Any,  # noqa: F811
    portal: str,  # noqa: F811
    living: House,
    settings: Settings,
    tmp_path: Path,
) -> None:
    User.objects.filter(username="alice").update(email="alice@example.org", time_zone="Europe/Berlin")
    reservation = living.book({H100: 2}, title="Night run")
    living.settle()
    letter = letter_of(reservation, settings, portal)
    tell_idle(reservation)
    extend = re.search(r"Extend it: (\S+)", letter)
    stop = re.search(r"No more mail of this kind: (\S+)", letter)
    assert extend is not None and stop is not None

    with visitor(browser, portal) as anybody:
        anybody.page.goto(extend[1])
        expect(anybody.page.locator("h1")).to_contain_text("Night run")
        picture(anybody, "letter-extend", tmp_path)
        anybody.page.get_by_role("button", name="Extend by an hour").click()
        expect(anybody.page.get_by_role("status")).to_contain_text("Night run ends")
        anybody.page.goto(stop[1])
        anybody.page.emulate_media(color_scheme="dark")
        anybody.page.set_viewport_size(PHONE)
        picture(anybody, "letter-stop-phone-dark", tmp_path)
        anybody.page.get_by_role("button", name="Stop it").click()
        expect(anybody.page.locator("h1")).to_have_text("No more mail of this kind")
        assert anybody.complaints == []

    with visitor(browser, portal) as alice:
        alice.sign_in("alice", PASSWORD)
        alice.open("/account/#notices")
        expect(alice.page.locator('input[name="mail"][value="ending"]')).not_to_be_checked()
        alice.page.fill("#quiet_from", "22:00")
        alice.page.fill("#quiet_until", "07:00")
        alice.page.get_by_role("button", name="Save the choice").click()
        expect(alice.page.get_by_text("Saved what you are told of.")).to_be_visible()
        picture(alice, "account-notices", tmp_path)
        alice.page.emulate_media(color_scheme="dark")
        alice.page.set_viewport_size(PHONE)
        picture(alice, "account-notices-phone-dark", tmp_path)
        alice.open(f"/reservations/{reservation.code}/")
        expect(alice.page.locator("#idle")).to_contain_text("None of its devices was busy since")
        picture(alice, "idle-phone-dark", tmp_path)
        alice.page.locator("#do-keep").click()
        expect(alice.page.locator("#idle")).to_have_count(0)
        assert alice.complaints == []

    kept, times = Reservation.objects.get(pk=reservation.pk), NoticeTimes.objects.get()
    assert (kept.ends_at - reservation.ends_at, kept.idle_warned_at) == (timedelta(hours=1), None)
    assert (f"{times.quiet_from:%H:%M}", f"{times.quiet_until:%H:%M}") == ("22:00", "07:00")


def letter_of(reservation: Reservation, settings: Settings, portal: str) -> str:  # noqa: F811
    """As a mail server on loopback got it."""
    with mail_server(Box()) as box:
        settings.HEDDLE_MAIL, settings.HEDDLE_MAIL_FROM = mailing.connection(box.url), "heddle@example.org"
        settings.HEDDLE_BASE_URL = portal
        kind, now = JournalKind.ENDING_SOON, utc_now()
        journal.record(kind=kind, message="Ends in 15 minutes.", by=SYSTEM, now=now, reservation=reservation)
        assert send_letters(now=utc_now(), clock=utc_now) == 1
    return text_of(box.letters[0])


def tell_idle(reservation: Reservation) -> None:
    """An agent has told of nothing but idleness for ten minutes."""
    pool, now = Pool.objects.get(pk=reservation.pool_id), utc_now()
    Pool.objects.filter(pk=pool.pk).update(policy={**pool.policy, "idle": IDLE})
    Reservation.objects.filter(pk=reservation.pk).update(active_at=now - timedelta(hours=1))
    attached = Attachment.objects.filter(composition__owner=reservation.code, until__isnull=True)
    codes = list(attached.values_list("block__code", flat=True))
    samples = [Sample(code, now - timedelta(minutes=minutes), 0) for code in codes for minutes in (9, 5, 1)]
    assert keep_samples(pool=pool, samples=samples, source="test").taken == 6
    assert look_for_idle(now=now) == 1
