"""What of a pool's availability is wanted, by its address: what makes no sense falls back calmly."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.web.forms.outlook import WantedOutlook, Zoom, wanted_outlook
from portal.web.present.outlook import OutlookView, outlook_view
from scheduler.queries.availability import PoolChoice

LAB, POD = PoolChoice("lab", "Small lab", 28, "UTC"), PoolChoice("pod", "Pod", 56, "UTC")
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2030, 5, 13, 8, 0, tzinfo=UTC)


def wanted(**query: str) -> WantedOutlook:
    named = {name.rstrip("_"): value for name, value in query.items()}
    return wanted_outlook(named, pools=(LAB, POD), zone=BERLIN, now=NOW)


def seen(**query: str) -> OutlookView:
    def address(**changed: str | None) -> str:
        return ",".join(f"{name}={value}" for name, value in changed.items())

    return outlook_view(wanted(**query), pools=(LAB, POD), zone=BERLIN, now=NOW, address=address)


def test_nothing_said_is_the_first_pool_from_now_on_in_half_hours() -> None:
    assert wanted() == WantedOutlook(LAB, Zoom.HOURS, NOW, NOW + timedelta(days=28), 0, True)


@pytest.mark.parametrize(
    "query",
    [
        {"pool": "none"},
        {"zoom": "years"},
        {"from_": "yesterday"},
        {"from_": "2030-05-12"},
        {"from_": "0001-01-01"},
        {"from_": "0001-01-01T00:00+14:00"},
        {"from_": "9999-12-31T23:59-14:00x"},
        {"hours": "-3"},
        {"hours": "many"},
        {"hours": "٤"},
        {"hours": ""},
    ],
)
def test_what_makes_no_sense_says_nothing(query: dict[str, str]) -> None:
    assert wanted(**query) == wanted()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2030-05-14T00:00:00Z", datetime(2030, 5, 14, tzinfo=UTC)),
        ("2030-05-14T00:00:00+02:00", datetime(2030, 5, 13, 22, tzinfo=UTC)),
        ("2030-05-14T00:00:00 02:00", datetime(2030, 5, 13, 22, tzinfo=UTC)),  # a plus sign that nobody quoted
        ("2030-05-14T00:00", datetime(2030, 5, 13, 22, tzinfo=UTC)),  # Berlin, in summer
        ("2030-05-14", datetime(2030, 5, 13, 22, tzinfo=UTC)),
        ("2031-05-14", NOW + timedelta(days=27)),  # the last day that can be booked
        ("9999-12-31T23:59-14:00", NOW + timedelta(days=27)),
    ],
)
def test_a_later_begin_is_an_instant_not_after_what_can_be_booked(text: str, expected: datetime) -> None:
    found = wanted(from_=text)

    assert (found.begin, found.is_now) == (expected, False)


@pytest.mark.parametrize(("text", "expected"), [("8", 8), ("008", 8), ("336", 336), ("337", 336), ("9999", 336)])
def test_hours_are_at_most_a_fortnight(text: str, expected: int) -> None:
    assert wanted(hours=text).hours == expected


def test_from_now_one_can_only_go_on() -> None:
    view = seen()

    assert (view.earlier.url, view.present.url, view.later.url) == ("", "", "from=2030-05-13T20:00:00Z")
    assert [(one.label, one.url, one.is_here) for one in view.zooms] == [
        ("Day", "zoom=hours", True),
        ("Week", "zoom=days", False),
        ("60 days", "zoom=weeks", False),
    ]


def test_the_way_back_leads_to_now_where_a_page_would_lie_before_it() -> None:
    assert (seen(from_="2030-05-13T20:00Z").earlier.url, seen(from_="2030-05-14T08:00Z").earlier.url) == (
        "from=None",
        "from=2030-05-13T20:00:00Z",
    )


def test_there_is_no_way_on_from_what_reaches_beyond_what_can_be_booked() -> None:
    assert (seen(zoom="weeks").later.url, seen(zoom="days", from_="2030-06-05").later.url) == ("", "")
    assert (seen(zoom="weeks").is_cut, seen(zoom="days").is_cut) == (True, False)


def test_hours_that_are_not_among_the_choices_become_one() -> None:
    choices = seen(hours="5").hours_choices

    assert [one.value for one in choices][:6] == ["", "1", "2", "4", "5", "8"]
    assert [(one.value, one.label) for one in choices if one.is_chosen] == [("5", "5\u00a0h")]


def test_a_booking_by_the_form_may_begin_now_and_end_at_each_edge() -> None:
    columns = seen().columns

    assert [(one.value, one.label) for one in (*columns.starts[:2], columns.ends[0])] == [
        ("", "Now"),
        ("2030-05-13T08:30:00Z", "Mon 13 May, 10:30"),
        ("2030-05-13T08:30:00Z", "Mon 13 May, 10:30"),
    ]
    assert seen(from_="2030-05-14").columns.starts[0].value == "2030-05-13T22:00:00Z"
