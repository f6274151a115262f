"""What one was told: by day, by topic, read and unread one by one with a way back."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.web.present.notices import TOPIC_WORDS, days_of
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Notice, Reservation
from scheduler.notice_topics import NoticeTopic
from scheduler.queries.notices import NoticeRow
from scheduler.requests import SYSTEM
from tests.portal.cast import MONDAY, Cast
from tests.portal.web.world import booked

_K = JournalKind


@pytest.fixture
def mine(people: Cast) -> Reservation:
    reservation = booked(people.alice)
    for days, kind in ((0, _K.DEVICE_FAILED), (0, _K.ENDING_SOON), (1, _K.RESERVATION_ENDED), (9, _K.DEVICE_FAILED)):
        at = MONDAY - timedelta(days=days)
        journal.record(kind=kind, message=f"{kind}", by=SYSTEM, now=at, reservation=reservation)
    return reservation


def shown(people: Cast, query: str = "") -> list[tuple[str, list[str]]]:
    days = people.browser("alice").get(f"/notices/{query}").context["days"]
    return [(day.label, [one.topic for one in day.notices]) for day in days]


def test_days_are_those_of_the_reader() -> None:
    """Half past ten at night in UTC is the next day in Berlin."""
    late = MONDAY.replace(hour=22, minute=30)
    row = NoticeRow(id=1, kind=_K.ENDING_SOON, message="x", at=late, reservation="r-1", title="", is_read=False)

    labels = [days_of([row], zone=ZoneInfo(zone), now=late, names={})[0].label for zone in ("UTC", "Europe/Berlin")]
    earlier = days_of([row], zone=ZoneInfo("Europe/Berlin"), now=late + timedelta(days=1), names={})
    far = days_of([row], zone=ZoneInfo("Europe/Berlin"), now=late + timedelta(days=300), names={})

    assert labels == ["Today", "Today"]
    assert (earlier[0].label, far[0].label) == ("Yesterday", "Tuesday 14 May 2030")


def test_one_without_a_title_is_known_by_its_mix() -> None:
    row = NoticeRow(
        id=1,
        kind=_K.ENDING_SOON,
        message="x",
        at=MONDAY,
        reservation="r-1",
        title="",
        is_read=False,
        asked=(("l40s", 2, ""),),
    )

    shown = days_of([row], zone=ZoneInfo("UTC"), now=MONDAY, names={"l40s": "L40S 48GB"})

    assert shown[0].notices[0].title == "2\u00a0×\u00a0L40S 48GB"


def test_they_are_grouped_in_the_order_they_came(people: Cast, mine: Reservation) -> None:
    labels = [label for label, _ in shown(people)]

    assert len([topic for _, topics in shown(people) for topic in topics]) == 4
    assert set(labels) == {"Today", "Yesterday", "Saturday 4 May"}


@pytest.mark.parametrize(
    ("topic", "count"), [("trouble", 2), ("ending", 1), ("outcome", 1), ("change", 0), ("unread", 4), ("nonsense", 4)]
)
def test_a_topic_narrows_them(people: Cast, mine: Reservation, topic: str, count: int) -> None:
    assert sum(len(topics) for _, topics in shown(people, f"?topic={topic}")) == count


def test_every_topic_has_its_words() -> None:
    assert TOPIC_WORDS.keys() == set(NoticeTopic)


def test_one_is_marked_read_and_the_way_back_is_offered(people: Cast, mine: Reservation) -> None:
    browser, first = people.browser("alice"), Notice.objects.order_by("id")[0]

    done = browser.post("/notices/read/", {"id": str(first.pk), "topic": "trouble"}, follow=True)

    assert (done.redirect_chain, Notice.objects.filter(read_at__isnull=False).count()) == (
        [("/notices/?topic=trouble", 302)],
        1,
    )
    html = done.content.decode()
    assert 'action="/notices/unread/"' in html
    assert f'name="id" value="{first.pk}"' in html

    browser.post("/notices/unread/", {"id": str(first.pk)})

    assert Notice.objects.filter(read_at__isnull=False).count() == 0


def test_nobody_marks_what_another_was_told(people: Cast, mine: Reservation) -> None:
    first = Notice.objects.order_by("id")[0]

    people.browser("charlie").post("/notices/read/", {"id": str(first.pk)})
    people.browser("alice").post("/notices/read/", {"id": "x"})
    assert Notice.objects.filter(read_at__isnull=False).count() == 0

    people.browser("alice").post("/notices/read/")
    people.browser("charlie").post("/notices/unread/", {"id": str(first.pk)})
    assert Notice.objects.filter(read_at__isnull=True).count() == 0
