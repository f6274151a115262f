"""A beat that is killed between handing a letter over and writing so: it is sent again, and says that it may be.

All of it is real: the beat is a process, and the letter goes over SMTP to a server on loopback.
"""

from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from portal.accounts.models import User
from portal.runtime import mailing
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Letter
from scheduler.post.words import AGAIN
from scheduler.requests import SYSTEM
from scheduler.services._letter_turns import LEASE
from scheduler.services.letters_sending import send_letters
from scheduler.states import LetterState
from scheduler.tasks import utc_now
from tests.journeys.waiting import eventually
from tests.processes import Spawn
from tests.scheduler.post.smtp import Box, mail_server, text_of

SECONDS = 30


@pytest.mark.needs_broker
@pytest.mark.django_db(transaction=True)
def test_a_letter_that_a_killed_beat_had_sent_is_sent_again_and_says_so(
    spawn_role: Spawn, settings: Settings, tmp_path: Path
) -> None:
    alice = User.objects.create_user("alice", email="alice@example.org")
    with mail_server(Box(hangs=True)) as box:
        own = {"HEDDLE_MAIL_URL": box.url, "HEDDLE_MAIL_FROM": "heddle@example.org", "HEDDLE_DATA_DIR": str(tmp_path)}
        settings.HEDDLE_MAIL, settings.HEDDLE_MAIL_FROM = mailing.connection(box.url), own["HEDDLE_MAIL_FROM"]
        kind, now = JournalKind.QUOTA_NEAR, utc_now()
        journal.record(kind=kind, message="Nearly used up.", by=SYSTEM, now=now, reference="lab", told=[alice.pk])
        beat = spawn_role("beat", **own)

        eventually(lambda: len(box.letters) == 1, seconds=SECONDS, what="beat sends")
        beat.kill()
        box.hangs = False
        while_leased = send_letters(now=utc_now(), clock=utc_now)
        later = utc_now() + LEASE + timedelta(seconds=1)
        sent = send_letters(now=later, clock=lambda: later)

    first, second = box.letters
    assert (while_leased, sent) == (0, 1)
    assert first["Message-ID"] == second["Message-ID"]
    assert [AGAIN in text_of(mail) for mail in (first, second)] == [False, True]
    assert Letter.objects.values_list("state", "tries", "last_error").get() == (LetterState.SENT, 2, "")
