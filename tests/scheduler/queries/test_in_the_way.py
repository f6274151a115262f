"""Who holds devices of a mix in the window it is wanted for, as far as the asker may know it."""

from datetime import timedelta
from typing import Any

from scheduler.models import Project
from scheduler.parsing import parse_request
from scheduler.queries.in_the_way import InTheWay, in_the_way
from scheduler.queries.vocabulary import vocabulary
from tests.scheduler.services.house import A100, H100, L40S, NVME, House


def asked(house: House, *lines: dict[str, Any], hours: int = 2, sees_all: bool = False) -> list[InTheWay]:
    body = {
        "project": "team-research",
        "pool": "lab",
        "duration_minutes": hours * 60,
        "mix": [{"lines": [{"count": 1, **line} for line in lines]}],
    }
    words = vocabulary(user_id=house.charlie.pk)
    request = parse_request(body, vocabulary=words, now=house.clock.now)
    own = set(Project.objects.filter(slug="team-research").values_list("id", flat=True))
    return list(in_the_way(request=request, project_ids=None if sees_all else own))


def at(house: House, hours: float, length: float = 1) -> dict[str, str]:
    begin = house.clock.now + timedelta(hours=hours)
    return {"starts_at": begin.isoformat(), "ends_at": (begin + timedelta(hours=length)).isoformat()}


def test_a_booking_one_does_not_see_is_counted_and_not_named(house: House) -> None:
    made = house.book({H100: 2, NVME: 1}, title="Secret", **at(house, 1))

    assert asked(house, {"device_class": H100}) == [
        InTheWay(device_class=H100, devices=2, until=made.busy_until, is_maintenance=False)
    ]


def test_one_that_is_seen_is_named(house: House) -> None:
    made = house.book({H100: 2}, title="Nightly", **at(house, 1))

    (found,) = asked(house, {"device_class": H100}, sees_all=True)

    assert (found.reservation, found.title, found.project_name) == (made.code, "Nightly", made.project.name)


def test_what_is_given_back_first_comes_first_and_what_is_over_or_later_is_left_out(house: House) -> None:
    late = house.book({H100: 4}, **at(house, 1, 4))
    soon = house.book({H100: 2}, **at(house, 1))
    house.book({H100: 8}, **at(house, 24))

    assert [(one.devices, one.until) for one in asked(house, {"device_class": H100})] == [
        (2, soon.busy_until),
        (4, late.busy_until),
    ]


def test_alternatives_and_selectors_speak_of_all_their_classes(house: House) -> None:
    house.book({L40S: 1}, **at(house, 1))
    house.book({A100: 1}, **at(house, 1))
    first_of = {"first_of": [{"device_class": H100}, {"device_class": L40S}], "count": 1}

    assert [one.device_class for one in asked(house, first_of)] == [L40S]
    selected = asked(house, {"selector": "device.kind == 'gpu'"})
    assert sorted(one.device_class for one in selected) == sorted([L40S, A100])
