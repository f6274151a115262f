"""Who declines a topic hears nothing more of it; of trouble everybody hears."""

from collections.abc import Collection

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Membership, Notice, NoticeChoice, Reservation
from scheduler.notice_topics import TOPICS, Channel, NoticeTopic
from scheduler.queries.notices import wanted_topics as by_channel
from scheduler.requests import SYSTEM, Actor
from scheduler.services.notice_choices import choose as choose_all
from tests.scheduler.services.house import H100, House

pytestmark = pytest.mark.django_db

K, T = JournalKind, NoticeTopic
ALL = frozenset(T)
UNASKED = ALL - {T.STARTING}
P = Channel.PORTAL


def choose(*, user_id: int, wanted: Collection[NoticeTopic]) -> None:
    choose_all(user_id=user_id, wanted={P: wanted})


def wanted_topics(*, user_id: int) -> frozenset[NoticeTopic]:
    return by_channel(user_id=user_id)[P]


def tell(house: House, reservation: Reservation, kind: JournalKind, by: Actor = SYSTEM) -> None:
    journal.record(kind=kind, message="So it is.", by=by, now=house.clock.now, reservation=reservation)


def told(house: House, *kinds: JournalKind) -> list[str]:
    """What alice is told when these happen to a booking of hers."""
    reservation = house.book({H100: 2})
    for kind in kinds:
        tell(house, reservation, kind)
    return list(Notice.objects.filter(user=house.alice).order_by("id").values_list("entry__kind", flat=True))


def test_who_has_chosen_nothing_is_told_everything_but_what_begins(house: House) -> None:
    assert by_channel(user_id=house.alice.pk) == {P: UNASKED, Channel.MAIL: ALL}
    assert told(house, *sorted(TOPICS)) == sorted(kind for kind, topic in TOPICS.items() if topic != T.STARTING)


def test_who_asks_for_it_is_told_what_begins(house: House) -> None:
    choose(user_id=house.alice.pk, wanted={T.STARTING})

    assert told(house, K.STARTING_SOON, K.RESERVATION_ACTIVE, K.ENDING_SOON) == [
        "reservation.starting_soon",
        "reservation.active",
    ]


def test_what_is_declined_is_not_told_and_the_rest_is(house: House) -> None:
    choose(user_id=house.alice.pk, wanted={T.OUTCOME})

    assert wanted_topics(user_id=house.alice.pk) == {T.OUTCOME, T.TROUBLE}
    assert told(house, K.ENDING_SOON, K.RESERVATION_MOVED, K.RESERVATION_ENDED) == ["reservation.ended"]


def test_trouble_is_told_to_who_wants_to_hear_nothing(house: House) -> None:
    choose(user_id=house.alice.pk, wanted=())

    assert told(house, K.DEVICE_FAILED, K.RESERVATION_ENDED, K.RESERVATION_FAILED) == [
        "device.failed",
        "reservation.failed",
    ]


@pytest.mark.parametrize("kind", [K.RESERVATION_CANCELLED, K.RESERVATION_SHORTENED])
def test_what_another_person_took_away_is_told_to_who_wants_to_hear_nothing(house: House, kind: JournalKind) -> None:
    """Or one comes to a booking that an operator has cancelled for a maintenance."""
    reservation = house.book({H100: 2})
    choose(user_id=house.alice.pk, wanted=())

    tell(house, reservation, kind, by=house.by(house.alice))
    assert not Notice.objects.exists()

    tell(house, reservation, kind, by=house.by(house.charlie))
    assert [(one.user, one.entry.kind) for one in Notice.objects.all()] == [(house.alice, kind)]


def test_a_choice_is_made_anew_as_often_as_one_likes(house: House) -> None:
    for wanted in ((), {T.ENDING}, {T.ENDING}, {T.ENDING, T.CHANGE}):
        choose(user_id=house.alice.pk, wanted=wanted)

    assert wanted_topics(user_id=house.alice.pk) == {T.ENDING, T.CHANGE, T.TROUBLE}
    assert NoticeChoice.objects.filter(user=house.alice).count() == len(T) - 1


def test_where_the_one_who_booked_declines_the_leads_are_not_told_instead(house: House) -> None:
    reservation = house.book({H100: 2})
    Membership.objects.create(project=reservation.project, user=house.charlie, role="lead")
    choose(user_id=house.alice.pk, wanted=())

    tell(house, reservation, K.RESERVATION_ENDED)

    assert not Notice.objects.exists()


def test_choices_cost_no_query_of_their_own(house: House) -> None:
    reservation = Reservation.objects.select_related("project", "created_by").get(pk=house.book({H100: 2}).pk)

    def asked() -> list[str]:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            tell(house, reservation, K.RESERVATION_ENDED)
        return [one["sql"].split()[0] for one in captured]

    before = asked()
    choose(user_id=house.alice.pk, wanted={T.OUTCOME})
    with_choice = asked()
    choose(user_id=house.alice.pk, wanted=())
    declined = asked()

    assert (before, with_choice, declined) == (
        ["INSERT", "SELECT", "INSERT"],
        ["INSERT", "SELECT", "INSERT"],
        ["INSERT", "SELECT"],
    )
