"""The journal as programs read it. Committed for real: what is not settled yet is not told."""

from scheduler.models import JournalEntry
from tests.portal.cast import Cast, wish


def test_in_order_resumable_and_only_ones_own(people_for_real: Cast) -> None:
    alice, charlie = people_for_real.caller("alice"), people_for_real.caller("charlie")
    code = alice.post("reservations/", wish(hold_minutes=10), X_Request_ID="request-of-alice").json()["code"]
    alice.post(f"reservations/{code}/confirm/")
    alice.post(f"reservations/{code}/cancel/")

    page = alice.get("events/?limit=2").json()
    rest = alice.get(page["next"]).json()
    resumed = alice.get(f"events/?after={page['results'][0]['id']}").json()

    kinds = ["reservation.held", "reservation.confirmed", "reservation.cancelled"]
    assert [entry["kind"] for entry in page["results"] + rest["results"]] == kinds
    assert [entry["kind"] for entry in resumed["results"]] == kinds[1:]
    assert rest["next"] is None
    first = page["results"][0]
    assert (first["reference"], first["actor"], first["door"], first["request_id"]) == (
        code,
        "alice",
        "api",
        "request-of-alice",
    )
    assert charlie.get("events/").json()["results"] == []
    assert alice.get(f"reservations/{code}/events/").json()["results"] == page["results"] + rest["results"]
    everything = people_for_real.caller("olga").get("events/?limit=200").json()["results"]
    assert [entry["kind"] for entry in everything if entry["reservation"]] == kinds


def test_place_that_is_none(people_for_real: Cast) -> None:
    alice = people_for_real.caller("alice")
    beyond = max(JournalEntry.objects.values_list("id", flat=True)) + 1

    codes = {
        after: alice.get(f"events/?after={after}").json()["errors"][0]["code"]
        for after in ("-1", "x", "²", beyond, 2**63)
    }

    assert codes == {"-1": "invalid", "x": "invalid", "²": "invalid", beyond: "unknown", 2**63: "too_large"}
