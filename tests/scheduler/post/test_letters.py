"""Letters to a real mail server: written with what they tell, sent once it has happened, tried again until taken."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import transaction
from pytest_django.fixtures import Settings

from portal.runtime import mailing
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Letter, Notice, Reservation
from scheduler.notice_topics import Channel, NoticeTopic
from scheduler.post.sending import Fate, Sent
from scheduler.post.times import PostTimes
from scheduler.post.words import AGAIN
from scheduler.requests import SYSTEM
from scheduler.services._letter_turns import LEASE, take
from scheduler.services.letters_sending import NO_ADDRESS, send_letters, written
from scheduler.services.notice_choices import choose, unsubscribe
from scheduler.states import LetterState
from tests.scheduler.post.smtp import Box, free_port, html_of, mail_server, text_of
from tests.scheduler.services.house import H100, House

pytestmark = pytest.mark.django_db
K = JournalKind
ADDRESS = "alice@example.org"


@pytest.fixture
def box(house: House, settings: Settings) -> Iterator[Box]:
    """Alice can be written to, and is at home in Berlin; it is Monday 10:00 there."""
    type(house.alice).objects.filter(pk=house.alice.pk).update(email=ADDRESS, time_zone="Europe/Berlin")
    with mail_server(Box()) as box:
        settings.HEDDLE_MAIL = mailing.connection(box.url)
        settings.HEDDLE_MAIL_FROM = "heddle@example.org"
        settings.HEDDLE_BASE_URL = "https://heddle.example.org"
        yield box


def tell(house: House, reservation: Reservation, *kinds: JournalKind) -> None:
    for kind in kinds:
        journal.record(kind=kind, message="So it is.", by=SYSTEM, now=house.clock.now, reservation=reservation)


def send(house: House) -> int:
    return send_letters(now=house.clock.now, clock=house.clock)


def states() -> list[str]:
    return list(Letter.objects.order_by("id").values_list("state", flat=True))


def times(house: House, **times: time) -> None:
    choose(user_id=house.alice.pk, wanted={}, times=PostTimes(**times))


def test_what_is_told_is_a_letter_in_both_forms_with_a_way_to_stop_it(house: House, box: Box) -> None:
    reservation = house.book({H100: 2}, title="Night run")
    tell(house, reservation, K.ENDING_SOON)

    assert send(house) == 1

    [mail] = box.letters
    stop = f"https://heddle.example.org/letters/stop/{mail['List-Unsubscribe'].split('/')[-2]}/"
    assert [mail[name].strip() for name in ("To", "From", "Subject", "List-Unsubscribe", "List-Unsubscribe-Post")] == [
        ADDRESS,
        "heddle@example.org",
        "Night run: So it is.",
        f"<{stop}>",
        "List-Unsubscribe=One-Click",
    ]
    page = f"https://heddle.example.org/reservations/{reservation.code}/"
    text = text_of(mail)
    assert "Mon 13 May 2030, 10:00 · Night run\nSo it is.\nExtend it: https://heddle.example.org/letters/" in text
    assert f"Show it: {page}" in text
    assert f'<a href="{page}">Show it</a>' in html_of(mail)
    assert (states(), send(house), len(box.letters)) == ([LetterState.SENT], 0, 1)


def test_what_is_taken_back_is_not_written(house: House, box: Box) -> None:
    reservation = house.book({H100: 2})
    with transaction.atomic():
        tell(house, reservation, K.ENDING_SOON)
        transaction.set_rollback(True)

    assert (send(house), box.letters, states()) == (0, [], [])


def test_mail_and_portal_are_chosen_apart(house: House, box: Box) -> None:
    wanted = {Channel.PORTAL: [NoticeTopic.ENDING], Channel.MAIL: [NoticeTopic.OUTCOME]}
    choose(user_id=house.alice.pk, wanted=wanted)

    tell(house, house.book({H100: 2}), K.ENDING_SOON, K.RESERVATION_ENDED, K.DEVICE_FAILED)

    assert list(Notice.objects.order_by("id").values_list("entry__kind", flat=True)) == [K.ENDING_SOON, K.DEVICE_FAILED]
    assert list(Letter.objects.values_list("entry__kind", flat=True)) == [K.RESERVATION_ENDED]


def test_who_has_no_address_or_a_site_without_mail_writes_nothing(house: House, box: Box, settings: Settings) -> None:
    settings.HEDDLE_MAIL = {}
    tell(house, house.book({H100: 2}), K.ENDING_SOON)
    settings.HEDDLE_MAIL = mailing.connection(box.url)
    tell(house, house.book({H100: 2}, project="team-research"), K.ENDING_SOON)

    assert (states(), Notice.objects.count()) == ([], 2)


def test_an_address_that_went_away_ends_the_letter(house: House, box: Box) -> None:
    tell(house, house.book({H100: 2}), K.ENDING_SOON)
    type(house.alice).objects.filter(pk=house.alice.pk).update(email="")

    assert send(house) == 0
    assert Letter.objects.values_list("state", "last_error").get() == (LetterState.FAILED, NO_ADDRESS)


def test_a_link_of_a_letter_stops_the_topic_and_the_portal_goes_on(house: House, box: Box) -> None:
    unsubscribe(user_id=house.alice.pk, topic=NoticeTopic.TROUBLE)

    tell(house, house.book({H100: 2}), K.DEVICE_FAILED, K.ENDING_SOON)

    assert list(Letter.objects.values_list("entry__kind", flat=True)) == [K.ENDING_SOON]
    assert Notice.objects.count() == 2


def test_quiet_hours_are_one_letter_at_their_end(house: House, box: Box) -> None:
    times(house, quiet_from=time(9), quiet_until=time(12))
    tell(house, house.book({H100: 2}), K.ENDING_SOON, K.DEVICE_FAILED)

    assert (send(house), {letter.due_at for letter in Letter.objects.all()}) == (
        0,
        {datetime(2030, 5, 13, 10, tzinfo=UTC)},
    )
    house.clock.turn(2 * 3600)

    assert (send(house), [mail["Subject"] for mail in box.letters]) == (1, ["2 things happened in Heddle"])


def test_the_digest_is_one_letter_and_what_is_urgent_comes_at_once(house: House, box: Box) -> None:
    times(house, digest_at=time(18))
    tell(house, house.book({H100: 2}, title="A"), K.RESERVATION_MOVED, K.ENDING_SOON, K.RESERVATION_ENDED)

    assert (send(house), [mail["Subject"] for mail in box.letters]) == (1, ["A: So it is."])
    house.clock.turn(8 * 3600 - 1)
    assert send(house) == 0
    house.clock.turn(1)
    assert (send(house), box.letters[-1]["Subject"]) == (1, "2 things happened in Heddle")


def test_new_hours_hold_for_what_waits(house: House, box: Box) -> None:
    times(house, digest_at=time(18))
    tell(house, house.book({H100: 2}), K.RESERVATION_ENDED)
    assert send(house) == 0

    choose(user_id=house.alice.pk, wanted={}, times=PostTimes())

    assert send(house) == 1


def test_a_server_that_is_down_gets_it_when_it_is_up_again(house: House, settings: Settings, box: Box) -> None:
    tell(house, house.book({H100: 2}), K.ENDING_SOON)
    later = Box(port=free_port())
    settings.HEDDLE_MAIL = mailing.connection(later.url)

    assert send(house) == 0
    letter = Letter.objects.get()
    assert (letter.state, letter.tries, letter.lease_until) == (LetterState.PENDING, 1, None)
    assert letter.last_error.startswith("ConnectionRefusedError")
    assert timedelta(seconds=48) <= letter.due_at - house.clock.now <= timedelta(minutes=1)

    house.clock.turn(60)
    with mail_server(later):
        assert send(house) == 1
    assert (len(later.letters), AGAIN in text_of(later.letters[0])) == (1, False)
    assert Letter.objects.values_list("state", "tries", "last_error").get() == (LetterState.SENT, 2, "")


@pytest.mark.parametrize(
    ("answer", "state"),
    [("451 Try again later", LetterState.PENDING), ("550 No such person", LetterState.FAILED)],
)
def test_not_now_is_tried_again_and_never_is_the_end(house: House, box: Box, answer: str, state: LetterState) -> None:
    box.answers.append(answer)
    tell(house, house.book({H100: 2}), K.ENDING_SOON)

    assert (send(house), states()) == (0, [state])
    assert answer.split()[0] in Letter.objects.get().last_error
    house.clock.turn(60)
    assert send(house) == (state == LetterState.PENDING)


def test_it_is_given_up_after_a_day_of_tries(house: House, box: Box) -> None:
    box.answers += ["451 Not now"] * 20
    tell(house, house.book({H100: 2}), K.ENDING_SOON)

    tries = 0
    while states() == [LetterState.PENDING]:
        send(house)
        house.clock.now = max(house.clock.now, Letter.objects.get().due_at)
        tries += 1

    assert (states(), tries) == ([LetterState.FAILED], 10)


def test_what_comes_meanwhile_does_not_join_a_mail_that_was_tried(house: House, box: Box) -> None:
    box.answers.append("451 Not now")
    reservation = house.book({H100: 2})
    tell(house, reservation, K.ENDING_SOON)
    send(house)
    tried = Letter.objects.get().sent_in
    house.clock.turn(60)
    tell(house, reservation, K.DEVICE_FAILED)

    assert (send(house), send(house)) == (1, 1)
    assert box.letters[0]["Message-ID"] == tried
    assert len({mail["Message-ID"] for mail in box.letters}) == 2


def test_one_person_is_not_written_to_by_two_at_once_and_who_was_overtaken_writes_nothing(
    house: House, box: Box
) -> None:
    tell(house, house.book({H100: 2}), K.ENDING_SOON)
    first = take(user_id=house.alice.pk, now=house.clock.now, host="x")
    assert first is not None
    assert take(user_id=house.alice.pk, now=house.clock.now, host="x") is None

    house.clock.now += LEASE + timedelta(seconds=1)
    assert send(house) == 1
    assert not written(bundle=first, sent=Sent(Fate.NEVER, "late"), now=house.clock.now, chance=0.0)
    assert (states(), AGAIN in text_of(box.letters[0])) == ([LetterState.SENT], True)


def test_one_reader_that_is_refused_does_not_keep_others_from_theirs(house: House, box: Box) -> None:
    type(house.charlie).objects.filter(pk=house.charlie.pk).update(email="charlie@example.org")
    box.answers.append("550 Unknown")
    tell(house, house.book({H100: 2}), K.ENDING_SOON)
    tell(house, house.book({H100: 2}, project="team-research"), K.ENDING_SOON)

    assert (send(house), [mail["To"] for mail in box.letters]) == (1, ["charlie@example.org"])
