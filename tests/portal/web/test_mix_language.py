"""The whole language of a mix, typed into the form: booked, shown, listed and copied as it was granted."""

import pytest

from scheduler.models import Reservation
from tests.portal.cast import A100, H100, L40S, Cast
from tests.portal.web.world import send, typed

LINE = "group__0__line__0__"
NO_CLASS = {f"{LINE}device_class": ""}


def booked(people: Cast, **form: str) -> Reservation:
    response = send(people.browser("alice"), **form)

    assert response.status_code == 302, [one.message for one in response.context["form"].errors]
    return Reservation.objects.get()


def granted(reservation: Reservation) -> dict[str, int]:
    found: dict[str, int] = reservation.price["devices"]
    return found


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({**NO_CLASS, f"{LINE}selector": "device.kind == 'gpu' && device.tdp_w > 300"}, {L40S: 2}),
        ({f"{LINE}device_class": A100, f"{LINE}profile": "3g.40gb", f"{LINE}count": "3"}, {A100: 2}),
        ({f"{LINE}power_cap_w": "300"}, {H100: 2}),
        ({f"{LINE}count": "9", f"{LINE}or__0__device_class": L40S, f"{LINE}or__0__count": "1"}, {L40S: 1}),
        ({"group__0__p2p": "on", "group__0__host_cores": "32", "pinned": "on"}, {H100: 2}),
        ({"network": "rdma-1", "group__1__nodes": "2"}, {H100: 2}),
    ],
)
def test_what_was_typed_is_booked_and_shown_as_it_was_granted(
    people: Cast, form: dict[str, str], expected: dict[str, int]
) -> None:
    made = booked(people, **form)
    alice = people.browser("alice")

    assert granted(made) == expected
    for path in (f"/reservations/{made.code}/", "/reservations/", "/", f"/reservations/new/?copy={made.code}"):
        assert alice.get(path).status_code == 200
    (listed,) = people.caller("alice").get("reservations/").json()["results"]
    assert {one["device_class"]: one["count"] for one in listed["devices"]} == expected


def test_the_page_names_the_class_a_selector_was_granted(people: Cast) -> None:
    made = booked(people, **NO_CLASS, **{f"{LINE}selector": "device.kind == 'gpu' && device.tdp_w > 300"})

    page = people.browser("alice").get(f"/reservations/{made.code}/").content.decode()

    assert page.count("NVIDIA L40S") >= 2
    assert "H100" not in page


def test_cpu_nodes_are_booked_without_a_device(people: Cast) -> None:
    form = {"group-0-nodes": "2", "group-0-line-0-device_class": "", "action": "remove-line:0-0"}
    alice = people.browser("alice")

    emptied = alice.post("/reservations/new/", {**typed(), **form})

    assert "No devices: CPU nodes." in emptied.content.decode()
    words = {name: value for name, value in typed().items() if "-line-" not in name}
    assert alice.post("/reservations/new/", {**words, "group-0-nodes": "2"}).status_code == 302
    made = Reservation.objects.get()
    assert ([node["blocks"] for node in made.plan["nodes"]], granted(made)) == ([[], []], {})


def test_a_selector_that_is_wrong_stands_open_with_its_words(people: Cast) -> None:
    page = send(people.browser("alice"), **NO_CLASS, **{f"{LINE}selector": "device.memory_gb > 1"}).content.decode()

    assert '<details class="more" id="group-0-line-0-fold" open>' in page
    assert "a device has no attribute “memory_gb”; the nearest is “memory_gib”." in page


def test_what_is_typed_into_the_check_is_answered_for_alternatives_too(people: Cast) -> None:
    form = {f"{LINE}count": "9", f"{LINE}or__0__device_class": L40S, f"{LINE}or__0__count": "1"}

    verdict = send(people.browser("alice"), action="check", **form).context["verdict"]

    assert verdict.fits
