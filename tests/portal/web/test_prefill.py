"""What the builder's address fills in; whatever cannot be read there is left out, and never breaks the page."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from portal.web.forms.prefill import prefilled, with_mix
from portal.web.forms.typed import TypedGroup, TypedLine, TypedRequest
from tests.portal.cast import A100, H100, L40S, NVME, Cast
from tests.portal.web.world import booked

NOW = datetime(2030, 5, 13, 8, tzinfo=UTC)
FRESH = TypedRequest(project="team-chat", pool="lab", zone="Europe/Berlin")
START, END = "2030-05-13T10:00:00Z", "2030-05-13T12:30:00+02:00"


def read(**query: str) -> TypedRequest:
    return prefilled(FRESH, query, classes={H100, L40S}, now=NOW)


def line(typed: TypedRequest) -> tuple[str, str]:
    return typed.groups[0].lines[0].device_class, typed.groups[0].lines[0].count


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"device_class": H100, "count": "4"}, (H100, "4")),
        ({"device_class": H100}, (H100, "1")),
        ({"device_class": H100, "count": "0"}, (H100, "1")),
        ({"device_class": H100, "count": "-3"}, (H100, "1")),
        ({"device_class": H100, "count": "many"}, (H100, "1")),
        ({"device_class": H100, "count": "1001"}, (H100, "1")),
        ({"device_class": "moon-1", "count": "4"}, ("", "1")),
        ({"count": "4"}, ("", "1")),
    ],
)
def test_a_class_and_how_many(query: dict[str, str], expected: tuple[str, str]) -> None:
    assert line(read(**query)) == expected


def test_a_window_is_shown_in_the_zone_of_the_form() -> None:
    """Ten o'clock in London is noon in Berlin; the end is past it, at 12:30 there."""
    made = read(starts_at=START, ends_at=END)

    assert (made.start, made.starts_at, made.end, made.ends_at) == (
        "at",
        "2030-05-13T12:00",
        "until",
        "2030-05-13T12:30",
    )


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        ("1440", ("for", "1", "days")),
        ("120", ("for", "2", "hours")),
        ("90", ("for", "90", "minutes")),
        ("0", ("for", "2", "hours")),  # as a fresh form has it
        ("-60", ("for", "2", "hours")),
        ("1e3", ("for", "2", "hours")),
        ("9999999", ("for", "2", "hours")),
    ],
)
def test_a_length(minutes: str, expected: tuple[str, str, str]) -> None:
    made = read(duration_minutes=minutes)

    assert (made.end, made.duration, made.duration_unit) == expected


def test_an_end_wins_over_a_length() -> None:
    assert read(duration_minutes="60", ends_at=END).end == "until"


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "2030-05-13",
        "2030-05-13T10:00:00",  # without an offset nobody knows when
        "2030-02-31T10:00:00Z",
        "9999-12-31T23:59:59-23:59",
        "2030-05-13T10:00:00Z ",
        "\x00",
        "١٢٣٤-05-13T10:00:00Z",
    ],
)
def test_a_time_that_cannot_be_read_is_left_out(text: str) -> None:
    made = read(starts_at=text, ends_at=text)

    assert (made.start, made.starts_at, made.end, made.ends_at) == ("now", "", "for", "")


def test_a_start_that_is_over_means_now_and_an_end_before_the_start_is_left_out() -> None:
    over = read(starts_at="2030-05-13T07:00:00Z", ends_at=END)
    turned = read(starts_at=START, ends_at="2030-05-13T09:00:00Z")

    assert (over.start, over.end, over.ends_at) == ("now", "until", "2030-05-13T12:30")
    assert (turned.start, turned.end) == ("at", "for")


def test_a_plus_that_came_as_a_space_and_seconds_are_understood() -> None:
    made = read(starts_at="2030-05-13T12:00:30 02:00")

    assert made.starts_at == "2030-05-13T12:01"  # rounded up: the unit is given back only then


def test_an_hour_that_comes_twice_keeps_which_of_the_two() -> None:
    made = read(starts_at="2030-10-27T01:30:00Z")  # 02:30 in Berlin for the second time

    assert (made.starts_at, made.starts_at_fold) == ("2030-10-27T02:30", "second")


def test_of_a_preset_only_the_alternatives_that_are_in_stock_are_filled_in() -> None:
    ones = [{"device_class": "a", "count": 1}, {"device_class": "b", "count": 2}, {"selector": "true", "count": 3}]
    body = {"mix": [{"lines": [{"first_of": ones}]}], "duration_minutes": 90}

    made = with_mix(FRESH, body, preset="p", stocked={"b"})
    nothing = with_mix(FRESH, {"mix": [{"lines": [{"first_of": ones[:1]}]}]}, preset="p", stocked=())

    assert made.groups == (TypedGroup(lines=(TypedLine("b", "2", others=(TypedLine("", "3", "true"),)),)),)
    assert (made.preset, made.end, made.duration, made.duration_unit) == ("p", "for", "90", "minutes")
    assert line(nothing) == ("a", "1")


def test_the_page_is_filled_in_from_its_address(people: Cast) -> None:
    times = f"starts_at={quote('2030-05-13T10:00:00+00:00')}&ends_at={quote('2030-05-13T12:00:00+00:00')}"

    form = (
        people.browser("alice").get(f"/reservations/new/?pool=lab&device_class={L40S}&count=3&{times}").context["form"]
    )

    (only,) = form.groups[0].lines
    assert (only.device_class.value, only.count.value) == (L40S, "3")
    assert (form.fields["start"].value, form.fields["end"].value) == ("at", "until")
    assert form.fields["project"].value == "team-chat"


def test_the_pool_is_the_one_that_has_the_class(people: Cast) -> None:
    form = people.browser("alice").get(f"/reservations/new/?device_class={A100}").context["form"]

    assert (form.fields["pool"].value, form.groups[0].lines[0].picker.chosen.name) == ("lab", "NVIDIA A100 PCIe 80GB")


def test_a_copy_may_be_put_at_another_time(people: Cast) -> None:
    code = booked(people.alice, mix=[{"lines": [{"device_class": NVME, "count": 2}]}]).code

    form = people.browser("alice").get(f"/reservations/new/?copy={code}&starts_at=2030-05-20T10:00:00Z").context["form"]

    assert form.groups[0].lines[0].device_class.value == NVME
    assert form.fields["starts_at"].value == "2030-05-20T12:00"


@pytest.mark.parametrize(
    "query",
    [
        "?pool=moon&project=nasa&device_class=x&count=y&starts_at=z&ends_at=w&preset=none",
        "?preset=p-22222222",
        "?preset=" + "x" * 5_000,
        "?count=9999999999999999999999",
        "?starts_at=2030-05-13T10:00:00%2B99:99",
        "?device_class[]=1&device_class=1&device_class=2",
    ],
)
def test_nonsense_in_the_address_fills_in_nothing(people: Cast, query: str) -> None:
    response = people.browser("alice").get(f"/reservations/new/{query}")

    form = response.context["form"]
    assert (response.status_code, form.fields["pool"].value, form.fields["project"].value) == (200, "lab", "team-chat")
    assert [one.device_class.value for one in form.groups[0].lines] == [""]
    assert response.context["shelves"] != ()
