"""A mix with alternatives is quoted for each of them, and any of the answers can be booked as it stands."""

from typing import Any

from scheduler.models import Reservation
from tests.portal.cast import H100, L40S, Cast, wish

LINE = "mix[0].lines[0]"


def either(*ones: dict[str, Any], **more: Any) -> dict[str, Any]:
    return wish() | {"mix": [{"role": "", "nodes": 1, "lines": [{"first_of": list(ones), **more}]}]}


def test_each_alternative_has_a_quote_of_its_own(people: Cast) -> None:
    asked = either({"device_class": H100, "count": 9}, {"device_class": L40S}, count=2)

    answer = people.caller("alice").post("quotes/", asked).json()

    first, second = answer["choices"]
    assert (first["picked"], first["fits"], first["power"]) == ({LINE: 0}, False, None)
    assert [(one["code"], one["field"]) for one in first["refusals"]] == [
        ("DEVICE_UNAVAILABLE", f"{LINE}.first_of[0].count")
    ]
    assert (second["picked"], second["fits"], second["refusals"]) == ({LINE: 1}, True, [])
    assert second["mix"] == [{"role": "", "nodes": 1, "lines": [{"device_class": L40S, "count": 2}]}]
    assert second["price"] == answer["price"]


def test_a_choice_can_be_booked_as_it_stands(people: Cast) -> None:
    alice = people.caller("alice")
    asked = either({"device_class": H100, "count": 2}, {"selector": "device.name.contains('L40S')", "count": 1})

    second = alice.post("quotes/", asked).json()["choices"][1]
    booked = alice.post("reservations/", wish() | {"mix": second["mix"]})

    assert booked.status_code == 201
    made = Reservation.objects.get(code=booked.json()["code"])
    assert [block["device_class"] for node in booked.json()["plan"]["nodes"] for block in node["blocks"]] == [L40S]
    assert made.price == second["price"]


def test_a_mix_without_alternatives_has_no_choices(people: Cast) -> None:
    assert people.caller("alice").post("quotes/", wish()).json()["choices"] == []
