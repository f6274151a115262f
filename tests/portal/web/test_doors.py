"""The same bad input through the form and the API: the same field, the same code, nothing stored, no fault of ours."""

from typing import Any

import pytest

from scheduler.models import Reservation
from tests.portal.cast import H100, Cast, wish
from tests.portal.web.world import errors_of, send, typed

COUNT, CLASS = "group__0__line__0__count", "group__0__line__0__device_class"


def mix(**line: Any) -> dict[str, Any]:
    return {"mix": [{"role": "", "nodes": 1, "lines": [{"device_class": H100, "count": 1, **line}]}]}


def group(**more: Any) -> dict[str, Any]:
    return {"mix": [{"lines": [{"device_class": H100, "count": 1}], **more}]}


def placed(**placement: Any) -> dict[str, Any]:
    return group(placement=placement)


SAME = {
    "a negative count": ({COUNT: "-1"}, mix(count=-1)),
    "a count of nothing": ({COUNT: "0"}, mix(count=0)),
    "a huge count": ({COUNT: "1" + "0" * 30}, mix(count=10**30)),
    "a count that is no number": ({COUNT: "NaN"}, mix(count="NaN")),
    "a broken count": ({COUNT: "1.5"}, mix(count=1.5)),
    "no count": ({COUNT: ""}, mix(count=None)),
    "a class nobody knows": ({CLASS: "nvidia-b9000"}, mix(device_class="nvidia-b9000")),
    "no class": ({CLASS: ""}, mix(device_class="")),
    "an inverted window": ({"ends_at": "2030-05-13T09:00"}, {"ends_at": "2030-05-13T09:00:00Z"}),
    "a start in the past": ({"starts_at": "2030-05-13T07:00"}, {"starts_at": "2030-05-13T07:00:00Z"}),
    "a window too far ahead": (
        {"starts_at": "2040-05-13T07:00", "ends_at": "2040-05-13T09:00"},
        {"starts_at": "2040-05-13T07:00:00Z", "ends_at": "2040-05-13T09:00:00Z"},
    ),
    "a pool nobody knows": ({"pool": "moon"}, {"pool": "moon"}),
    "a project nobody knows": ({"project": "nasa"}, {"project": "nasa"}),
    "a title too long": ({"title": "x" * 121}, {"title": "x" * 121}),
    "HTML in a title": ({"title": "<script>alert(1)</script>"}, {"title": "<script>alert(1)</script>"}),
    "a title that hides something": ({"title": "a\u202eb"}, {"title": "a\u202eb"}),
    "a hold too long": ({"hold_minutes": "31"}, {"hold_minutes": 31}),
    "a field nobody knows": ({"colour": "red"}, {"colour": "red"}),
    "a field nobody knows in a line": ({"group__0__line__0__size": "big"}, mix(size="big")),
    "a priority nobody knows": ({"priority": "high"}, {"priority": "high"}),
    "a class and a selector": ({"group__0__line__0__selector": "true"}, mix(selector="true")),
    "a selector that cannot be read": (
        {CLASS: "", "group__0__line__0__selector": "device.kind = 'gpu'"},
        group(lines=[{"selector": "device.kind = 'gpu'", "count": 1}]),
    ),
    "slices that the class has not": ({"group__0__line__0__profile": "9g.99gb"}, mix(profile="9g.99gb")),
    "a cap above the draw": ({"group__0__line__0__power_cap_w": "401"}, mix(power_cap_w=401)),
    "a cap that is no number": ({"group__0__line__0__power_cap_w": "x"}, mix(power_cap_w="x")),
    "a second choice nobody knows": (
        {"group__0__line__0__or__0__device_class": "nvidia-b9000", "group__0__line__0__or__0__count": "0"},
        group(lines=[{"first_of": [{"device_class": H100, "count": 1}, {"device_class": "nvidia-b9000", "count": 0}]}]),
    ),
    "a third choice with a field nobody knows": (
        {
            "group__0__line__0__or__0__device_class": H100,
            "group__0__line__0__or__3__device_class": H100,
            "group__0__line__0__or__3__size": "big",
        },
        group(
            lines=[
                {
                    "first_of": [
                        {"device_class": H100, "count": 1},
                        {"device_class": H100, "count": None},
                        {"device_class": H100, "count": None, "size": "big"},
                    ]
                }
            ]
        ),
    ),
    "a spread nobody knows": ({"group__0__spread": "room"}, placed(spread="room")),
    "a nearness nobody knows": ({"group__0__nic_affinity": "near"}, placed(nic_affinity="near")),
    "a nearness of drives nobody knows": ({"group__0__storage_affinity": "near"}, placed(storage_affinity="near")),
    "no rails": ({"group__0__rails": "0"}, placed(rails=0)),
    "a network nobody knows": ({"group__0__network": "rdma-9"}, placed(network="rdma-9")),
    "a host without cores": ({"group__0__host_cores": "0"}, placed(host={"cores": 0})),
    "a host's memory that is no number": ({"group__0__host_memory_gib": "x"}, placed(host={"memory_gib": "x"})),
    "a host class nobody knows": ({"group__0__host_class": "huge"}, placed(host_class="huge")),
    "a network of all groups nobody knows": ({"network": "rdma-9"}, {"placement": {"network": "rdma-9"}}),
    "a way to fail that nobody knows": ({"on_failure": "panic"}, {"on_failure": "panic"}),
    "no rails of all groups": ({"rails": "0"}, {"placement": {"rails": 0}}),
}


@pytest.mark.parametrize("case", SAME)
def test_form_and_api_refuse_with_the_same_words(people: Cast, case: str) -> None:
    form, body = SAME[case]

    typed_in = send(people.browser("alice"), **form)
    sent = people.caller("alice").post("reservations/", wish() | body)

    assert (typed_in.status_code, sent.status_code) == (400, 400)
    assert errors_of(typed_in) == [(error["field"], error["code"]) for error in sent.json()["errors"]] != []
    assert not Reservation.objects.exists()


@pytest.mark.parametrize("case", SAME)
def test_no_error_is_without_a_place_of_its_own(people: Cast, case: str) -> None:
    """Only what the form has no field for stands above it."""
    response = send(people.browser("alice"), **SAME[case][0])

    has_a_field = "field nobody knows" not in case and case != "what is not built yet"
    assert (response.context["form"].stray == ()) is has_a_field


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"zone": "Europe/Berlin", "starts_at": "2030-03-31T02:30"}, ("starts_at", "gap")),
        ({"zone": "Europe/Berlin", "ends_at": "2030-10-27T02:30"}, ("ends_at", "fold")),
        ({"starts_at": ""}, ("starts_at", "required")),
        ({"starts_at": "soon"}, ("starts_at", "invalid")),
        ({"zone": "Middle/Earth"}, ("zone", "unknown")),
        ({"end": "for", "duration": ""}, ("duration_minutes", "required")),
        ({"end": "for", "duration": "-2"}, ("duration_minutes", "too_small")),
        ({"end": "for", "duration": "two"}, ("duration_minutes", "invalid")),
    ],
)
def test_what_only_a_form_can_say_is_refused_by_name_too(
    people: Cast, form: dict[str, str], code: tuple[str, str]
) -> None:
    response = send(people.browser("alice"), **form)

    assert (response.status_code, errors_of(response)) == (400, [code])
    assert not Reservation.objects.exists()


def test_a_doubled_hour_is_asked_about_on_the_page(people: Cast) -> None:
    asked = send(people.browser("alice"), zone="Europe/Berlin", ends_at="2030-10-27T02:30")

    assert 'name="ends_at_fold" value="first"' in asked.content.decode()


def test_a_form_of_a_hundred_thousand_lines_is_refused_by_name(people: Cast) -> None:
    lines = {f"group-0-line-{at}-count": "1" for at in range(100_000)}

    response = people.browser("alice").post("/reservations/new/", {**typed(), **lines})

    assert response.status_code == 400
    assert "mix: at most 16 groups of 16 lines" in response.content.decode()
    assert not Reservation.objects.exists()


def test_an_error_stands_at_its_field_and_all_that_was_typed_is_still_there(people: Cast) -> None:
    response = send(people.browser("alice"), **{COUNT: "0", "title": "Kept", "hold_minutes": "99"})

    text = response.content.decode()
    assert 'id="group-0-line-0-count-error"' in text
    assert 'id="hold_minutes-error"' in text
    assert [response.context["form"].fields[name].value for name in ("title", "hold_minutes")] == ["Kept", "99"]


NONSENSE = (
    "/reservations/?text=%00&project=%00&pool=%00&state=x&tab=x",
    "/reservations/?after=%00",
    "/reservations/new/?copy=%00&pool=%00",
    "/journal/?before=x&kind=%00",
    "/journal/?before=99999999999999999999",
    "/notices/?after=x",
    "/pools/?after=%00",
    "/pools/lab/?device_class=%00&state=x&after=%00",
    "/pools/lab/?hosts_after=%00",
)


@pytest.mark.parametrize("path", NONSENSE)
def test_nonsense_in_an_address_is_no_fault_of_ours(people: Cast, path: str) -> None:
    assert people.browser("alice").get(path).status_code in {200, 400, 404}
