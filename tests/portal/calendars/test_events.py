"""The text of a feed, read back with a parser of calendars and compared with what was worked out by hand."""

from datetime import UTC, datetime, timedelta, timezone

from icalendar import Calendar

from portal.calendars.events import FeedEvent, Status, calendar_text

BERLIN_IN_SUMMER = timezone(timedelta(hours=2))
EVENT = FeedEvent(
    uid="r-7k3m@heddle.example.org",
    sequence=4,
    changed_at=datetime(2030, 5, 13, 8, 0, 30, 999, tzinfo=UTC),
    begin=datetime(2030, 5, 13, 12, 0, tzinfo=BERLIN_IN_SUMMER),
    end=datetime(2030, 5, 13, 14, 30, tzinfo=BERLIN_IN_SUMMER),
    summary="Load test; of 2, or \\ 3 خدمة",
    status=Status.TENTATIVE,
    description="Held.\n2 × H100",
    location="Small lab",
    url="https" + "://heddle.example.org/reservations/r-7k3m/",
)
GONE = FeedEvent(
    uid="r-8@heddle.example.org",
    sequence=2,
    changed_at=datetime(2030, 5, 12, tzinfo=UTC),
    begin=datetime(2030, 5, 14, tzinfo=UTC),
    end=datetime(2030, 5, 15, tzinfo=UTC),
    summary="x" * 200,
    status=Status.CANCELLED,
)


def test_a_feed_is_this_text_to_the_byte() -> None:
    text = calendar_text(name="Heddle: Chat service", events=[EVENT]).decode()

    assert text.split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Heddle//Reservations//EN",
        "METHOD:PUBLISH",
        "NAME:Heddle: Chat service",
        "X-WR-CALNAME:Heddle: Chat service",
        "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
        "X-PUBLISHED-TTL;VALUE=DURATION:PT15M",
        "BEGIN:VEVENT",
        "SUMMARY:Load test\\; of 2\\, or \\\\ 3 خدمة",
        "DTSTART:20300513T100000Z",
        "DTEND:20300513T123000Z",
        "DTSTAMP:20300513T080030Z",
        "UID:r-7k3m@heddle.example.org",
        "SEQUENCE:4",
        "DESCRIPTION:Held.\\n2 × H100",
        "LAST-MODIFIED:20300513T080030Z",
        "LOCATION:Small lab",
        "STATUS:TENTATIVE",
        "TRANSP:OPAQUE",
        "URL:https" + "://heddle.example.org/reservations/r-7k3m/",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_a_parser_reads_back_what_was_meant() -> None:
    calendar = Calendar.from_ical(calendar_text(name="Mine", events=[EVENT, GONE]))

    first, second = calendar.walk("VEVENT")
    assert calendar.errors == first.errors == second.errors == []
    assert {name: str(calendar[name]) for name in ("METHOD", "VERSION", "X-WR-CALNAME")} == {
        "METHOD": "PUBLISH",
        "VERSION": "2.0",
        "X-WR-CALNAME": "Mine",
    }
    assert [calendar[name].to_ical() for name in ("REFRESH-INTERVAL", "X-PUBLISHED-TTL")] == [b"PT15M", b"PT15M"]
    assert [first.decoded(name) for name in ("DTSTART", "DTEND", "DTSTAMP", "LAST-MODIFIED")] == [
        datetime(2030, 5, 13, 10, 0, tzinfo=UTC),
        datetime(2030, 5, 13, 12, 30, tzinfo=UTC),
        datetime(2030, 5, 13, 8, 0, 30, tzinfo=UTC),
        datetime(2030, 5, 13, 8, 0, 30, tzinfo=UTC),
    ]
    assert {name: str(first[name]) for name in ("UID", "SUMMARY", "DESCRIPTION", "STATUS", "TRANSP", "LOCATION")} == {
        "UID": "r-7k3m@heddle.example.org",
        "SUMMARY": "Load test; of 2, or \\ 3 خدمة",
        "DESCRIPTION": "Held.\n2 × H100",
        "STATUS": "TENTATIVE",
        "TRANSP": "OPAQUE",
        "LOCATION": "Small lab",
    }
    assert first["SEQUENCE"] == 4
    assert (str(second["STATUS"]), str(second["TRANSP"]), str(second["SUMMARY"])) == (
        "CANCELLED",
        "TRANSPARENT",
        "x" * 200,
    )
    assert {"DESCRIPTION", "LOCATION", "URL"} & second.keys() == set()


def test_no_line_is_longer_than_75_bytes_and_none_ends_but_with_both_signs() -> None:
    long = FeedEvent(
        uid="r-9@h", sequence=0, changed_at=GONE.changed_at, begin=GONE.begin, end=GONE.end,
        summary="وصف طويل " * 30, status=Status.CONFIRMED, description="line\n" * 40,
    )  # fmt: skip

    text = calendar_text(name="Mine", events=[long, GONE])

    assert max(len(line) for line in text.split(b"\r\n")) <= 75
    assert text.count(b"\n") == text.count(b"\r\n")
    assert str(Calendar.from_ical(text).walk("VEVENT")[0]["SUMMARY"]) == "وصف طويل " * 30


def test_a_title_cannot_smuggle_a_line_in() -> None:
    sly = "Lunch\r\nATTENDEE:mailto:eve@example.org"

    text = calendar_text(name="a\r\nMETHOD:REQUEST", events=[
        FeedEvent(
            uid="r-9@h", sequence=0, changed_at=GONE.changed_at, begin=GONE.begin, end=GONE.end, summary=sly,
            status=Status.CONFIRMED,
        )
    ])  # fmt: skip

    (event,) = Calendar.from_ical(text).walk("VEVENT")
    assert "ATTENDEE" not in event
    assert [line for line in text.decode().split("\r\n") if line.startswith(("METHOD", "ATTENDEE"))] == [
        "METHOD:PUBLISH"
    ]


def test_an_empty_feed_is_a_calendar_too_and_equal_ones_are_equal_bytes() -> None:
    empty = calendar_text(name="Mine", events=[])

    assert Calendar.from_ical(empty).walk("VEVENT") == []
    assert empty == calendar_text(name="Mine", events=[])
