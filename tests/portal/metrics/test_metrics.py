"""What `/metrics` says, to whom, and what it costs."""

from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from fabric.models import FabricManager, ResourceBlock
from portal.metrics import views
from scheduler.models import Operation, Webhook, WebhookDelivery
from scheduler.services.advance_due import advance_due
from tests.portal.cast import A100, L40S, MONDAY, Cast, wish
from tests.portal.metrics.reading import read

QUERIES = 8


def scraped(people: Cast) -> Any:
    return people.caller("olga").get("/metrics")


@pytest.mark.parametrize(
    ("name", "scopes", "project", "status"),
    [
        ("olga", (), None, 200),
        ("olga", ("operate",), None, 200),
        ("olga", ("inventory:read",), None, 403),
        ("olga", ("operate",), "team-chat", 403),
        ("alice", ("operate",), None, 403),
    ],
)
def test_for_operators_and_their_tokens(
    people: Cast, name: str, scopes: tuple[str, ...], project: str | None, status: int
) -> None:
    assert people.caller(name, scopes=scopes, project=project).get("/metrics").status_code == status


def test_a_session_of_an_operator_will_do(people: Cast) -> None:
    assert [people.browser(name).get("/metrics").status_code for name in ("olga", "alice")] == [200, 403]


def test_nobody_is_told_how_to_identify(people: Cast) -> None:
    answer = Client().get("/metrics")

    assert (answer.status_code, answer.json()["code"], answer["WWW-Authenticate"]) == (
        401,
        "UNAUTHENTICATED",
        'Bearer realm="heddle"',
    )


@pytest.mark.parametrize(
    ("address", "status"),
    [("10.1.2.3", 200), ("::ffff:10.1.2.3", 200), ("2001:db8::7", 200), ("11.1.2.3", 401), ("2001:db9::7", 401)],
)
def test_the_networks_that_may_scrape_need_no_token(
    people: Cast, settings: Settings, address: str, status: int
) -> None:
    settings.HEDDLE_METRICS_NETWORKS = networks("10.0.0.0/8", "2001:db8::/32")

    assert Client().get("/metrics", REMOTE_ADDR=address).status_code == status


def test_another_address_cannot_be_claimed(people: Cast, settings: Settings) -> None:
    settings.HEDDLE_METRICS_NETWORKS = networks("10.0.0.0/8")

    answer = Client().get("/metrics", headers={"X-Forwarded-For": "10.1.2.3"}, REMOTE_ADDR="192.0.2.1")

    assert answer.status_code == 401


def test_answers_are_counted_by_route_and_status(people: Cast) -> None:
    olga = people.caller("olga")
    before = read(scraped(people))
    code = people.caller("alice").post("reservations/", wish()).json()["code"]
    for path in (f"reservations/{code}/", "reservations/r-2222/", "/nowhere/else/", "/healthz"):
        olga.get(path)

    after = read(scraped(people))

    def more(name: str, **labels: str) -> float:
        return after(name, **labels) - before(name, **labels)

    one = "api/v1/reservations/<slug:code>/"
    assert more("heddle_http_requests_total", route=one, method="GET", status="200") == 1
    assert more("heddle_http_requests_total", route=one, method="GET", status="404") == 1
    assert more("heddle_http_requests_total", route="api/v1/reservations/", method="POST", status="201") == 1
    assert more("heddle_http_requests_total", route="none", method="GET", status="404") == 1
    assert more("heddle_http_request_seconds_count", route=one, method="GET") == 2
    assert more("heddle_http_request_seconds_bucket", route="healthz", method="GET", le="60.0") == 1


def test_labels_are_bounded_whatever_is_asked_for(people: Cast) -> None:
    for number in range(3):
        Client().generic("BREW", f"/{number}/", headers={"X-Request-ID": f"request-{number}"})

    families = text_string_to_metric_families(scraped(people).content.decode())

    labels = [
        sample.labels for family in families if family.name == "heddle_http_requests" for sample in family.samples
    ]
    assert {one["route"] for one in labels if one["method"] == "OTHER"} == {"none"}


def test_the_site_is_told_as_its_database_says(people: Cast) -> None:
    alice = people.caller("alice")
    alice.post("reservations/", wish(2))
    alice.post("reservations/", wish(1, A100, hold_minutes=5))
    ResourceBlock.objects.filter(code=ResourceBlock.objects.filter(device_class__code=L40S)[0].code).update(
        state="quarantined"
    )
    FabricManager.objects.update(listed_at=MONDAY - timedelta(seconds=90), listing_error="no answer", is_paused=True)

    now = read(scraped(people))

    assert (now("heddle_reservations", state="confirmed"), now("heddle_reservations", state="held")) == (1, 1)
    assert now("heddle_reservations", state="active") == 0
    fabric = {"pool": "lab", "fabric": FabricManager.objects.get().code}
    assert [now(f"heddle_fabric_{name}", **fabric) for name in ("reachable", "paused", "listed_seconds")] == [0, 1, 90]
    units = [now(f"heddle_pool_{name}units", pool="lab", device_class=L40S) for name in ("", "free_", "quarantined_")]
    assert units == [12, 11, 1]
    assert (now("heddle_database_up"), now("heddle_live_sockets")) == (1, 0)


def test_what_nobody_takes_in_time_is_overdue(people: Cast) -> None:
    people.caller("alice").post("reservations/", wish())
    begins_at = MONDAY + timedelta(hours=2)
    advance_due(now=begins_at)
    Operation.objects.update(due_at=MONDAY - timedelta(seconds=4))
    fresh = read(scraped(people))
    Operation.objects.update(due_at=MONDAY - timedelta(seconds=6))

    late = read(scraped(people))

    def told(now: Any) -> list[float]:
        kinds = [now("heddle_operations", kind=kind) for kind in ("waiting", "due", "overdue")]
        return [*kinds, now("heddle_operations_oldest_seconds")]

    assert (told(fresh), told(late)) == ([1, 1, 0, 4], [1, 1, 1, 6])


def test_deliveries_that_wait_are_counted(people: Cast) -> None:
    hook = Webhook.objects.create(code="w-1", url="https://a.example/", created_at=MONDAY, updated_at=MONDAY)
    for number, due_at in enumerate((MONDAY - timedelta(seconds=30), MONDAY + timedelta(hours=1), None)):
        state = "pending" if due_at else "delivered"
        WebhookDelivery.objects.create(
            webhook=hook, message_id=f"m-{number}", kind="x", body="{}", state=state, due_at=due_at, created_at=MONDAY
        )

    now = read(scraped(people))

    kinds = [now("heddle_webhook_deliveries", kind=kind) for kind in ("waiting", "due", "overdue")]
    assert (kinds, now("heddle_webhook_deliveries_oldest_seconds")) == ([2, 1, 1], 30)


@pytest.mark.parametrize("bookings", [1, 3])
def test_it_costs_the_same_however_much_there_is(
    people: Cast, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries, bookings: int
) -> None:
    settings.HEDDLE_METRICS_NETWORKS = networks("127.0.0.1/32")
    alice = people.caller("alice")
    for _ in range(bookings):
        alice.post("reservations/", wish())

    with django_assert_num_queries(QUERIES):
        Client().get("/metrics")


def test_without_a_database_a_scraper_is_told_what_the_process_knows(
    people: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(**_: object) -> None:
        raise OperationalError

    settings.HEDDLE_METRICS_NETWORKS = networks("127.0.0.1/32")
    monkeypatch.setattr(views, "figures", gone)

    answer = Client().get("/metrics")

    assert (answer.status_code, read(answer)("heddle_database_up")) == (200, 0)
    assert b"heddle_http_requests_total{" in answer.content


def networks(*words: str) -> list[Any]:
    return [ip_network(word) for word in words]
