"""Usage on its page, over the API and as a file: the same figures, and those that a walk over the attachments finds."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from portal.accounts.models import User
from scheduler import limits
from scheduler.models import Membership
from scheduler.states import ProjectRole
from tests.portal.web.test_swap import browse, program
from tests.scheduler.conftest import house  # noqa: F401 - the same house
from tests.scheduler.queries.sweeping import Sweep
from tests.scheduler.queries.test_usage_report import worked
from tests.scheduler.services.house import House

BEGIN, END = datetime(2030, 5, 13, 10, tzinfo=UTC), datetime(2030, 5, 15, 22, tzinfo=UTC)
PERIOD = "from=2030-05-13T12:00:00%2B02:00&to=2030-05-15T22:00:00Z"


@pytest.fixture
def busy(house: House) -> Iterator[House]:  # noqa: F811 - pytest's way to name a fixture
    """Three days of work, looked at two days later. Alice sees both projects."""
    worked(house)
    Membership.objects.create(user=house.alice, project_id=house_of(house), role=ProjectRole.VIEWER)
    with time_machine.travel(house.clock.now + timedelta(days=2), tick=False):
        yield house


def house_of(house: House) -> int:  # noqa: F811
    return Membership.objects.get(user=house.charlie).project_id


def swept(house: House, unit: str) -> list[tuple[Any, ...]]:  # noqa: F811
    """Project, pool, class, begin and the four figures, in the order of the lists."""
    now = house.clock.now + timedelta(days=2)
    sums = Sweep(BEGIN, END, now, unit).swept()
    return [(*key[:2], key[2] or None, key[3], *sums[key].rounded) for key in sorted(sums)]


def figures(row: dict[str, Any]) -> tuple[Any, ...]:
    """The same of a row on the wire."""
    begin = datetime.fromisoformat(row["period_starts_at"].replace("Z", "+00:00"))
    hours, charged = (Decimal(str(row[name])).quantize(Decimal("0.0001")) for name in ("device_hours", "charged_hours"))
    price = Decimal(row["price"]) if row["price"] else None
    kwh = Decimal(str(row["energy_kwh"])).quantize(Decimal("0.001"))
    return row["project"], row["pool"], row["device_class"] or None, begin, hours, charged, price, kwh


@pytest.mark.parametrize(
    "unit",
    ["day", pytest.param("class", marks=pytest.mark.deep), pytest.param("month", marks=pytest.mark.deep)],
)
def test_page_program_file_and_a_walk_over_the_attachments_agree(busy: House, unit: str) -> None:
    expected = swept(busy, unit)
    caller = program(busy)

    sent = caller.get(f"usage/?{PERIOD}&by={unit}").json()
    file = caller.get(f"usage/?{PERIOD}&by={unit}", Accept="text/csv")
    page = browse(busy).get(f"/usage/?first=2030-05-13&last=2030-05-15&by={unit}").context

    assert [figures(row) for row in sent["results"]] == expected != []
    lines = list(csv.DictReader(io.StringIO(file.content.decode())))
    assert [figures(line) for line in lines] == expected
    assert (sent["from"], sent["to"], sent["by"], sent["next"]) == (
        "2030-05-13T10:00:00Z",
        "2030-05-15T22:00:00Z",
        unit,
        None,
    )
    shown = caller.get("usage/?from=2030-05-13T00:00:00Z&to=2030-05-16T00:00:00Z&by=" + unit).json()
    assert [
        (line.project_slug, line.pool, line.used.device_hours, line.used.charged_hours, line.used.energy)
        for line in page["lines"]
    ] == [
        (
            row["project"],
            row["pool"],
            f"{Decimal(str(row['device_hours'])):,.2f}" if row["device_class"] else "–",
            f"{Decimal(str(row['charged_hours'])):,.2f}" if row["device_class"] else "–",
            energy_words(row["energy_kwh"]),
        )
        for row in shown["results"]
    ]
    assert page["total"].price == f"${Decimal(shown['total']['price']):,.2f}"


def energy_words(sent: float) -> str:
    kwh = Decimal(str(sent))
    return f"{kwh:,.1f}\u00a0kWh" if kwh >= 1 else f"{kwh * 1_000:,.0f}\u00a0Wh"


def test_the_file_on_the_page_is_what_the_page_shows(busy: House) -> None:
    browser = browse(busy)
    context = browser.get("/usage/?project=team-chat&first=2030-05-13&last=2030-05-14&by=day").context

    file = browser.get(context["file"])

    lines = list(csv.DictReader(io.StringIO(file.content.decode())))
    assert (file.status_code, file.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert file.headers["Content-Disposition"] == 'attachment; filename="usage-2030-05-13-2030-05-15.csv"'
    assert len(lines) == len(context["lines"]) > 0
    assert {line["project"] for line in lines} == {"team-chat"}
    assert file.content.decode().splitlines()[0] == (
        "project,pool,device_class,period_starts_at,period_ends_at,device_hours,charged_hours,price,currency,energy_kwh"
    )


def test_pages_follow_each_other_within_one_period_though_time_goes_on(busy: House) -> None:
    caller = program(busy)
    whole = caller.get("usage/?by=day&from=2030-05-01T00:00:00Z").json()

    gone_through, address = [], "usage/?by=day&from=2030-05-01T00:00:00Z&limit=3"
    with time_machine.travel(datetime.fromisoformat(whole["to"].replace("Z", "+00:00")), tick=False) as traveller:
        while address:
            page = caller.get(address).json()
            assert "results" in page, page
            gone_through += page["results"]
            address = page["next"]
            traveller.shift(3_600)

    assert [row["period_starts_at"] for row in gone_through] == [row["period_starts_at"] for row in whole["results"]]
    assert len(gone_through) > 6
    assert gone_through == whole["results"]


def test_a_stranger_sees_none_of_it_and_cannot_ask_for_it_by_name(busy: House) -> None:
    User.objects.create_user("eve")
    eve, charlie = program(busy, "eve"), program(busy, "charlie")

    assert eve.get(f"usage/?{PERIOD}").json()["results"] == []
    assert {row["project"] for row in charlie.get(f"usage/?{PERIOD}").json()["results"]} == {"team-research"}
    assert errors(charlie.get(f"usage/?{PERIOD}&project=team-chat")) == [("project", "unknown")]
    context = browse(busy, "charlie").get("/usage/?project=team-chat&first=2030-05-13&last=2030-05-15").context
    assert (context["lines"], context["total"].energy) == ((), "0\u00a0Wh")


NONSENSE = {
    "from=2030-05-13T10:00:00": [("from", "naive")],
    "from=2030-05-13T10:00:00Z&to=2030-05-13T10:00:00Z": [("to", "inverted")],
    "to=0001-01-01T00:00:00Z": [("to", "inverted")],
    "from=2029-01-01T00:00:00Z&to=2030-05-13T10:00:00Z": [("to", "too_large")],
    "by=week": [("by", "unknown")],
    "format=xml": [("format", "unknown")],
    "pool=moon": [("pool", "unknown")],
    "class=x": [("class", "unknown")],
    "format=csv&limit=0": [("limit", "too_small")],
}


def test_what_makes_no_sense_is_refused_by_name_and_as_json(house: House) -> None:  # noqa: F811
    with time_machine.travel(house.clock.now, tick=False):
        refused = {query: program(house).get(f"usage/?{query}", Accept="*/*") for query in NONSENSE}

    assert {(one.status_code, one.headers["Content-Type"]) for one in refused.values()} == {
        (400, "application/problem+json")
    }
    assert {query: errors(one) for query, one in refused.items()} == NONSENSE


def errors(response: Any) -> list[tuple[str, str]]:
    return [(error["field"], error["code"]) for error in response.json()["errors"]]


def test_a_file_that_would_be_too_long_is_refused(busy: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "USAGE_CSV_ROWS_MAX", 2)

    refused = program(busy).get(f"usage/?{PERIOD}&by=day&format=csv")

    assert (refused.status_code, errors(refused)) == (400, [("to", "too_large")])


MISTYPED = {
    "first=soon": ("first", "Give a day such as 2030-05-17."),
    "last=2030-02-30": ("last", "Give a day such as 2030-05-17."),
    "first=2030-05-02&last=2030-05-01": ("last", "The last day comes before the first."),
    "first=2029-05-01&last=2030-05-02": ("last", "At most 366 days are shown at once."),
}


def test_a_period_that_makes_no_sense_is_told_at_its_field_and_kept(house: House) -> None:  # noqa: F811
    with time_machine.travel(house.clock.now, tick=False):
        browser = browse(house)
        pages = {query: browser.get(f"/usage/?{query}") for query in MISTYPED}

    for query, (field, words) in MISTYPED.items():
        asked = pages[query].context["asked"]
        typed = dict(part.split("=") for part in query.split("&"))
        assert (pages[query].status_code, asked.errors) == (400, {field: words})
        assert {name: getattr(asked, name) for name in typed} == typed
        assert f'id="u-{field}-error"' in pages[query].content.decode()


def test_without_words_it_is_this_month_of_the_readers_zone(house: House) -> None:  # noqa: F811
    User.objects.filter(pk=house.alice.pk).update(time_zone="Europe/Berlin")

    with time_machine.travel(house.clock.now, tick=False):
        page = browse(house).get("/usage/")

    asked = page.context["asked"]
    assert (asked.first, asked.last) == ("2030-05-01", "2030-05-31")
    assert (asked.begins_at, asked.ends_at) == (
        datetime(2030, 4, 30, 22, tzinfo=UTC),
        datetime(2030, 5, 31, 22, tzinfo=UTC),
    )
    assert "Nothing was used then." in page.content.decode()


def test_the_project_leads_to_its_usage(house: House) -> None:  # noqa: F811
    with time_machine.travel(house.clock.now, tick=False):
        page: HttpResponse = browse(house).get("/projects/team-chat/")

    assert 'href="/usage/?project=team-chat"' in page.content.decode()


def test_a_call_asks_as_often_for_much_as_for_little(busy: House) -> None:
    caller = program(busy)
    caller.get("pools/")  # notes when the token was used
    counts = []
    for query in (f"{PERIOD}&by=class&project=team-research", f"{PERIOD}&by=day&project=team-chat"):
        with CaptureQueriesContext(connection) as captured:
            caller.get(f"usage/?{query}")
        counts.append(len(captured))

    assert counts[0] == counts[1]
