"""Book, look, and the verbs."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from scheduler.models import Quote, Reservation
from scheduler.planning.plan import PathReport, Setting, plan_from_wire, plan_to_wire
from tests.portal.cast import A100, H100, MONDAY, NVME, Cast, wish


def devices(answer: Any) -> list[tuple[str, str]]:
    return [(block["device_class"], block["host"]) for node in answer["plan"]["nodes"] for block in node["blocks"]]


def on_day(day: int) -> dict[str, Any]:
    return wish(starts_at=f"2030-05-{day}T10:00:00Z", ends_at=f"2030-05-{day}T12:00:00Z")


def test_booking_answers_201_with_its_address_and_itself(people: Cast) -> None:
    alice = people.caller("alice")

    made = alice.post("reservations/", wish(2, H100))

    body = made.json()
    assert (made.status_code, body["state"], body["version"]) == (201, "confirmed", 1)
    assert made["Location"] == f"http://testserver/api/v1/reservations/{body['code']}/"
    assert made["ETag"] == '"1"'
    assert alice.get(made["Location"]).json() == body
    assert (body["starts_at"], body["ends_at"]) == ("2030-05-13T10:00:00Z", "2030-05-13T12:00:00Z")
    assert (body["busy_from"], body["busy_until"]) == ("2030-05-13T09:55:00Z", "2030-05-13T12:05:00Z")
    assert [device for device, _ in devices(body)] == [H100, H100]
    assert body["devices"] == [{"device_class": H100, "count": 2}]
    assert (body["mix"], body["nodes"], body["created_by"]) == (wish(2, H100)["mix"], 1, "alice")
    assert [entry["kind"] for entry in body["timeline"]] == ["reservation.confirmed"]
    changes = ["extend", "shorten", "auto-extend", "move", "resize", "elastic", "hand-over"]
    assert (body["compositions"], body["proofs"], body["verbs"]) == ([], [], [*changes, "cancel"])


def test_a_node_tells_its_settings_its_network_and_its_paths(people: Cast) -> None:
    alice = people.caller("alice")
    code = alice.post("reservations/", wish(2, A100)).json()["code"]
    reservation = Reservation.objects.get(code=code)
    plan = plan_from_wire(reservation.plan)
    block = plan.nodes[0].blocks[0]
    paths = PathReport(pairs={"PIX": 1}, uplink_gbit_per_s=1_024.0, device_gbit_per_s=512.0, oversubscription=0.5)
    node = replace(
        plan.nodes[0],
        settings={block: Setting(layout={"1g.10gb": 7}, power_cap_w=250)},
        network="rdma-1",
        rails=2,
        paths=paths,
    )
    reservation.plan = plan_to_wire(replace(plan, nodes=(node,)))
    reservation.save(update_fields=["plan"])

    shown = alice.get(f"reservations/{code}/").json()["plan"]["nodes"][0]

    assert (shown["settings"], shown["network"], shown["rails"], shown["paths"]) == (
        {block: {"layout": {"1g.10gb": 7}, "power_cap_w": 250}},
        "rdma-1",
        2,
        {
            "pairs": {"PIX": 1},
            "uplink_gbit_per_s": 1_024.0,
            "device_gbit_per_s": 512.0,
            "oversubscription": 0.5,
            "network_gbit_per_s": 0,
        },
    )


def test_a_plan_of_before_these_were_known_has_none_of_them(people: Cast) -> None:
    alice = people.caller("alice")
    code = alice.post("reservations/", wish(2, H100)).json()["code"]
    reservation = Reservation.objects.get(code=code)
    for key in ("settings", "network", "rails", "paths"):
        reservation.plan["nodes"][0].pop(key)
    reservation.save(update_fields=["plan"])

    shown = alice.get(f"reservations/{code}/").json()["plan"]["nodes"][0]

    assert (shown["settings"], shown["network"], shown["rails"], shown["paths"]) == ({}, None, 0, None)


def test_start_left_out_means_now(people: Cast) -> None:
    body = wish(duration_minutes=60)
    del body["starts_at"], body["ends_at"]

    made = people.caller("alice").post("reservations/", body).json()

    assert (made["busy_from"], made["starts_at"], made["ends_at"]) == (
        "2030-05-13T08:00:00Z",
        "2030-05-13T08:05:00Z",
        "2030-05-13T09:05:00Z",
    )


def test_refusal_names_need_and_have(people: Cast) -> None:
    people.caller("charlie").post("reservations/", wish(8, H100, project="team-research"))

    answer = people.caller("alice").post("reservations/", wish(4, H100))

    body = answer.json()
    assert (answer.status_code, body["code"]) == (409, "REFUSED")
    refusal = body["refusals"][0]
    assert (refusal["code"], refusal["need"], refusal["have"]) == ("DEVICE_BUSY", 4, 0)
    assert body["alternatives"] != []
    assert Reservation.objects.count() == 1


def test_every_alternative_is_a_body_that_can_be_posted(people: Cast) -> None:
    """Four of eight H100 are taken from two to four; all eight are asked for from one to three."""
    alice = people.caller("alice")
    alice.post("reservations/", wish(4, H100, starts_at="2030-05-13T14:00:00Z", ends_at="2030-05-13T16:00:00Z"))
    asked = wish(8, H100, starts_at="2030-05-13T13:00:00Z", ends_at="2030-05-13T15:00:00Z")

    refused = alice.post("reservations/", asked).json()

    booked = []
    for one in refused["alternatives"]:
        answer = alice.post("reservations/", one["request"])
        booked.append((answer.status_code, one["kind"], answer.json()["starts_at"], answer.json()["mix"]))
        assert (one["starts_at"], one["mix"] or asked["mix"]) == (answer.json()["starts_at"], answer.json()["mix"])
        alice.post(f"reservations/{answer.json()['code']}/cancel/")
    half = [{"nodes": 1, "lines": [{"device_class": H100, "count": 4}]}]
    assert (refused["proven"], booked) == (
        True,
        [
            (201, "start", "2030-05-13T16:10:00Z", asked["mix"]),  # five minutes to clean up, five to set up
            (201, "start_before", "2030-05-13T11:50:00Z", asked["mix"]),
            (201, "count", "2030-05-13T13:00:00Z", half),
        ],
    )


def test_held_until_confirmed(people: Cast) -> None:
    alice = people.caller("alice")
    held = alice.post("reservations/", wish(hold_minutes=10)).json()

    confirmed = alice.post(f"reservations/{held['code']}/confirm/")
    again = alice.post(f"reservations/{held['code']}/confirm/")

    assert (held["state"], held["hold_expires_at"]) == ("held", "2030-05-13T08:10:00Z")
    assert (confirmed.status_code, confirmed.json()["state"], confirmed["ETag"]) == (200, "confirmed", '"2"')
    assert (again.status_code, again.json()) == (200, confirmed.json())


@pytest.mark.parametrize("verb", ["cancel", "release"])
def test_withdrawn_before_it_begins_and_again_without_harm(people: Cast, verb: str) -> None:
    alice = people.caller("alice")
    code = alice.post("reservations/", wish()).json()["code"]

    first = alice.post(f"reservations/{code}/{verb}/", {"reason": "no longer needed"})
    again = alice.post(f"reservations/{code}/{verb}/")

    assert (first.status_code, first.json()["state"], first.json()["state_reason"]) == (
        200,
        "cancelled",
        "no longer needed",
    )
    assert again.json() == first.json()


def test_confirming_what_was_cancelled_is_the_wrong_state(people: Cast) -> None:
    alice = people.caller("alice")
    code = alice.post("reservations/", wish()).json()["code"]
    alice.post(f"reservations/{code}/cancel/")

    answer = alice.post(f"reservations/{code}/confirm/")

    assert (answer.status_code, answer.json()["code"], answer.json()["state"]) == (409, "WRONG_STATE", "cancelled")


@pytest.mark.parametrize(
    ("tag", "status"),
    [('"1"', 200), ("*", 200), ("1", 200), ('"7", "1"', 200), ('"2"', 412), ('"x"', 412), ("", 412), ('W/"1"', 412)],
)
def test_if_match_guards_a_verb(people: Cast, tag: str, status: int) -> None:
    alice = people.caller("alice")
    code = alice.post("reservations/", wish()).json()["code"]

    answer = alice.post(f"reservations/{code}/cancel/", If_Match=tag)

    assert answer.status_code == status
    if status == 412:
        assert (answer.json()["code"], answer.json()["version"]) == ("STALE", 1)
        assert Reservation.objects.get().state == "confirmed"


def test_verb_knows_no_other_field(people: Cast) -> None:
    alice = people.caller("alice")
    code = alice.post("reservations/", wish()).json()["code"]

    answer = alice.post(f"reservations/{code}/cancel/", {"because": "x"})

    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("because", "unknown")]


def test_quote_is_committed_as_it_was_made(people: Cast) -> None:
    alice = people.caller("alice")
    quoted = alice.post("quotes/", wish(4, H100)).json()

    booked = alice.post("reservations/", {"quote": quoted["id"]})
    again = alice.post("reservations/", {"quote": quoted["id"]})

    assert quoted["expires_at"] == "2030-05-13T08:10:00Z"
    assert booked.status_code == 201
    assert [block["code"] for block in booked.json()["plan"]["nodes"][0]["blocks"]] == [
        block["code"] for block in quoted["plan"]["nodes"][0]["blocks"]
    ]
    assert (booked.json()["price"], booked.json()["power"]) == (quoted["price"], quoted["power"])
    assert again.json()["code"] == booked.json()["code"]
    assert Reservation.objects.count() == 1


def test_quote_holds_nothing(people: Cast) -> None:
    alice, charlie = people.caller("alice"), people.caller("charlie")
    quoted = alice.post("quotes/", wish(8, H100)).json()
    charlie.post("reservations/", wish(8, H100, project="team-research"))

    answer = alice.post("reservations/", {"quote": quoted["id"]})

    assert (answer.status_code, answer.json()["refusals"][0]["code"]) == (409, "DEVICE_BUSY")


def test_quote_that_cannot_be_granted_is_refused_with_reasons(people: Cast) -> None:
    answer = people.caller("alice").post("quotes/", wish(13))

    assert (answer.status_code, Quote.objects.count()) == (409, 0)
    assert "DEVICE_BUSY" not in {refusal["code"] for refusal in answer.json()["refusals"]}


def test_expired_quote_is_refused_by_name(people: Cast) -> None:
    alice = people.caller("alice")
    quoted = alice.post("quotes/", wish()).json()

    with time_machine.travel(MONDAY + timedelta(minutes=10), tick=False):
        answer = alice.post("reservations/", {"quote": quoted["id"]})

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "expired")


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"quote": "q-2222"}, [("quote", "unknown")]),
        ({"quote": 7}, [("quote", "unknown")]),
        ({"quote": None}, [("quote", "unknown")]),
        ({"quote": "a\x00b"}, [("quote", "invalid")]),
        ({"quote": "q-2222", "title": "x"}, [("title", "unknown")]),
    ],
)
def test_quote_that_is_none(people: Cast, body: dict[str, Any], errors: list[tuple[str, str]]) -> None:
    answer = people.caller("alice").post("reservations/", body)

    assert (answer.status_code, [(error["field"], error["code"]) for error in answer.json()["errors"]]) == (400, errors)


def test_somebody_elses_quote_looks_as_if_it_did_not_exist(people: Cast) -> None:
    quoted = people.caller("alice").post("quotes/", wish()).json()

    answer = people.caller("charlie").post("reservations/", {"quote": quoted["id"]})

    assert answer.json()["errors"][0] == {"field": "quote", "code": "unknown", "message": "There is no such quote."}


def test_foreign_project_looks_as_if_it_did_not_exist(people: Cast) -> None:
    answers = [
        people.caller("charlie").post("reservations/", wish(project=slug)).json()["errors"]
        for slug in ("team-chat", "team-nowhere")
    ]

    assert [[(error["field"], error["code"]) for error in errors] for errors in answers] == [
        [("project", "unknown")]
    ] * 2


def test_list_filters(people: Cast) -> None:
    alice, bob, charlie = (people.caller(name) for name in ("alice", "bob", "charlie"))
    first = alice.post("reservations/", wish()).json()["code"]
    second = bob.post("reservations/", wish(device_class=A100)).json()["code"]
    third = bob.post("reservations/", on_day(14)).json()["code"]
    charlie.post("reservations/", wish(device_class=NVME, project="team-research"))
    bob.post(f"reservations/{second}/cancel/")

    def codes(query: str) -> list[str]:
        return [one["code"] for one in bob.get(f"reservations/{query}").json()["results"]]

    assert codes("") == [third, second, first]
    assert codes("?mine=true") == [third, second]
    assert codes("?mine=false") == [third, second, first]
    assert codes("?state=cancelled") == [second]
    assert codes("?project=team-chat&pool=lab") == [third, second, first]
    assert codes("?from=2030-05-13T12:00:00Z") == [third]
    assert codes("?from=2030-05-14T05:47:00%2B17:47") == [third]  # the same instant; the database knows no such offset
    assert codes("?to=2030-05-14T12:00:00%2B02:00") == [second, first]
    assert codes("?from=2030-05-13T11:59:59Z&to=2030-05-13T23:00:00Z") == [second, first]


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("project=team-research", [("project", "unknown")]),
        ("pool=nowhere", [("pool", "unknown")]),
        ("state=done", [("state", "unknown")]),
        ("from=2030-05-13", [("from", "invalid")]),
        ("from=2030-05-13T10:00:00", [("from", "naive")]),
        ("from=2030-05-13T10:00:00Z&to=2030-05-13T10:00:00Z", [("to", "inverted")]),
        ("mine=yes", [("mine", "invalid")]),
        ("limit=0", [("limit", "too_small")]),
        ("limit=201", [("limit", "too_large")]),
        ("limit=1e1", [("limit", "invalid")]),
        ("limit=" + "9" * 100, [("limit", "invalid")]),
        ("cursor=abc", [("cursor", "invalid")]),
        ("offset=0&page=1", [("offset", "unknown"), ("page", "unknown")]),
    ],
)
def test_bad_parameter_is_refused_by_name(people: Cast, query: str, errors: list[tuple[str, str]]) -> None:
    answer = people.caller("bob").get(f"reservations/?{query}")

    assert (answer.status_code, [(error["field"], error["code"]) for error in answer.json()["errors"]]) == (400, errors)


def test_pages_follow_each_other_without_gap_or_twin(people: Cast) -> None:
    alice = people.caller("alice")
    made = [alice.post("reservations/", on_day(day)).json()["code"] for day in range(14, 19)]
    late: list[str] = []
    seen: list[list[str]] = []

    address = "reservations/?limit=2&mine=true"
    while address:
        page = alice.get(address).json()
        seen.append([one["code"] for one in page["results"]])
        late.append(alice.post("reservations/", on_day(20 + len(late))).json()["code"])
        address = page["next"]

    assert seen == [[made[4], made[3]], [made[2], made[1]], [made[0]]]


def test_cursor_belongs_to_its_list(people: Cast) -> None:
    alice = people.caller("alice")
    following = alice.get("blocks/?limit=1").json()["next"]

    answer = alice.get(f"hosts/?{following.partition('?')[2]}")

    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("cursor", "invalid")]
