"""The rates of a pool as people read them: what holds now and when, what will, and how a price is made of it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fabric.models import DeviceClass, Pool, ResourceBlock
from portal.web.present.rates import CHANGES_SHOWN_MAX, class_rates, price_words, rate_changes
from portal.web.present.words import rate_money
from scheduler.models import Rate
from scheduler.planning.rates import RateCard, RateRow
from scheduler.queries.rates import PricedClass
from scheduler.states import Priority
from tests.portal.cast import H100, MONDAY, Cast

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
NOON = datetime(2030, 1, 15, 11, tzinfo=UTC)  # a Tuesday, 12:00 in Berlin
GPU = PricedClass("gpu", "GPU", Decimal("10.0000"))
DRIVE = PricedClass("drive", "Drive", None)


def row(number: int, **given: Any) -> RateRow:
    return RateRow(number=number, **{"valid_from": NOON - timedelta(days=30), **given})


def card(*rows: RateRow) -> RateCard:
    return RateCard("Europe/Berlin", rows)


NIGHTS = (row(1, percent=60, until_minute=360), row(2, percent=60, from_minute=1_320))


def lines(
    one: PricedClass, *rows: RateRow, zone: ZoneInfo = BERLIN, now: datetime = NOON
) -> list[list[tuple[Any, ...]]]:
    (found,) = class_rates([one], card=card(*rows), now=now, zone=zone)
    return [[(line.rate, line.times, line.is_now) for line in column.lines] for column in found.columns]


def test_without_times_of_day_there_is_one_rate_a_priority() -> None:
    rows = (row(1, device_class="gpu", usd_per_hour=Decimal(8)), row(2, priority="low", percent=0))

    assert lines(GPU, *rows) == [[("$8.00", "", False)], [("$8.00", "", False)], [("free", "", False)]]


def test_what_has_no_rate_is_never_shown_as_nothing() -> None:
    assert lines(DRIVE, row(1, percent=50)) == [[("not priced", "", False)]] * 3


@pytest.mark.parametrize(("hour", "is_night"), [(11, False), (20, False), (21, True), (4, True), (5, False)])
def test_the_rate_that_counts_now_is_marked_on_the_pools_clocks(hour: int, is_night: bool) -> None:
    found = lines(GPU, *NIGHTS, now=NOON.replace(hour=hour))

    assert found == [[("$6.00", "every day 22:00–06:00", is_night), ("$10.00", "otherwise", not is_night)]] * 3


def test_the_readers_own_clocks_are_a_hover_away() -> None:
    (there,) = class_rates([GPU], card=card(*NIGHTS), now=NOON, zone=NEW_YORK)
    (here,) = class_rates([GPU], card=card(*NIGHTS), now=NOON, zone=BERLIN)

    assert [line.hover for line in there.columns[0].lines] == [
        "every day 16:00–24:00 in America/New_York, as clocks are now",
        "",
    ]
    assert [line.hover for line in here.columns[0].lines] == ["", ""]


def test_what_changes_is_told_with_its_day_and_only_where_it_changes_something() -> None:
    """The row for drives has no effect: they have no rate to scale. Neither has one that a narrower one covers."""
    first, second, third = (NOON + timedelta(days=days) for days in (3, 7, 9))
    rows = (
        row(1, device_class="gpu", usd_per_hour=Decimal(8), valid_until=second),
        row(2, priority="low", percent=50, valid_from=first),
        row(3, device_class="drive", percent=50, valid_from=third),
    )

    found = rate_changes([GPU, DRIVE], card=card(*rows), now=NOON)

    assert [(one.at, [(new.name, new.sentences) for new in one.classes]) for one in found] == [
        (first, [("GPU", ("Production, normal: $8.00", "Low: $4.00"))]),
        (second, [("GPU", ("Production, normal: $10.00", "Low: $5.00"))]),
    ]


def test_a_change_says_its_times_of_day() -> None:
    rows = (row(1, percent=60, until_minute=360, valid_from=NOON + timedelta(days=1)),)

    (found,) = rate_changes([GPU], card=card(*rows), now=NOON)

    assert found.classes[0].sentences == ("$6.00 every day 00:00–06:00; $10.00 otherwise",)


def test_only_the_next_few_changes_are_told() -> None:
    rows = [
        row(nth, device_class="gpu", usd_per_hour=Decimal(nth), valid_from=NOON + timedelta(days=nth))
        for nth in range(1, 9)
    ]

    found = rate_changes([GPU], card=card(*rows), now=NOON)

    assert [one.at for one in found] == [NOON + timedelta(days=nth) for nth in range(1, CHANGES_SHOWN_MAX + 1)]


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (
            {"late_cancel_percent": 50, "cancel_free_until_hours": 24},
            "Cancelling is free until 1 d before the start and costs 50 % of the price after that",
        ),
        ({"late_cancel_percent": 0, "cancel_free_until_hours": 24}, "Cancelling before the start costs nothing"),
        ({"late_cancel_percent": 50, "cancel_free_until_hours": 0}, "Cancelling before the start costs nothing"),
        ({}, "Cancelling before the start costs nothing"),
    ],
)
def test_what_withdrawing_costs_is_the_pools_policy(policy: dict[str, int], words: str) -> None:
    after = "; hours that are given back early are credited."

    assert price_words(policy)[1].replace("\u00a0", " ") == words + after


@pytest.mark.parametrize(
    ("rate", "words"), [("10.0000", "$10.00"), ("0.0125", "$0.0125"), ("0.5000", "$0.50"), ("1234.5", "$1,234.50")]
)
def test_a_rate_is_never_rounded(rate: str, words: str) -> None:
    assert rate_money(Decimal(rate), "USD") == words


def test_the_page_shows_what_the_api_tells(people: Cast) -> None:
    lab = Pool.objects.get(code="lab")
    DeviceClass.objects.filter(code=H100).update(rate_usd_per_hour=Decimal("10.0000"))
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    Rate.objects.create(pool=lab, priority=Priority.LOW, percent=50, valid_from=long_ago)
    Rate.objects.create(pool=lab, percent=10, valid_from=long_ago, valid_until=MONDAY - timedelta(days=1))

    response = people.browser("charlie").get("/pools/lab/rates/")

    shown = {one.code: [column.lines[0].rate for column in one.columns] for one in response.context["rates"]}
    assert shown[H100] == ["$10.00", "$10.00", "$5.00"]
    assert set(shown) == set(ResourceBlock.objects.filter(pool=lab).values_list("device_class__code", flat=True))
    assert [row["percent"] for row in people.caller("charlie").get("rates/?pool=lab").json()["rates"]] == [50]


def test_a_pool_without_any_rate_says_so(people: Cast) -> None:
    DeviceClass.objects.update(rate_usd_per_hour=None)

    text = people.browser("alice").get("/pools/lab/rates/").content.decode()

    assert ("Nothing has a rate here yet." in text, "<table" in text) == (True, False)


@pytest.mark.parametrize(("name", "is_told"), [("alice", False), ("olga", True)])
def test_operators_are_led_to_where_rates_are_set(people: Cast, name: str, is_told: bool) -> None:
    text = people.browser(name).get("/pools/lab/rates/").content.decode()

    assert (f'/admin/scheduler/rate/?pool__id__exact={people.pool.pk}"' in text) is is_told


def test_no_pool_has_no_rates(people: Cast) -> None:
    assert people.browser("alice").get("/pools/nowhere/rates/").status_code == 404


def test_a_page_that_is_open_reads_only_its_rates_again(people: Cast) -> None:
    headers = {"HX-Request": "true", "HX-Target": "pool-rates"}

    text = people.browser("alice").get("/pools/lab/rates/", headers=headers).content.decode()

    assert text.strip().startswith('<div class="stack" id="pool-rates" data-live="pool:lab rate"')
    assert "<h1>" not in text
