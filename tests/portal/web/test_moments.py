"""A moment in words: how far away, and exactly when in whose time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from portal.templatetags.portal import moment, when
from portal.web.present.moments import exact, relative

NOON = datetime(2030, 5, 13, 12, 0, tzinfo=UTC)
BERLIN, DENVER = ZoneInfo("Europe/Berlin"), ZoneInfo("America/Denver")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (-59, "just now"),
        (59, "in a moment"),
        (60, "in 1 min"),
        (89, "in 1 min"),
        (90, "in 2 min"),
        (5_399, "in 90 min"),
        (5_400, "in 2 h"),
        (6_960, "in 2 h"),
        (8_999, "in 2 h"),
        (-7_200, "2 h ago"),
        (172_799, "in 48 h"),
        (172_800, "in 2 d"),
        (-864_000, "10 d ago"),
    ],
)
def test_how_far_away_in_one_unit(seconds: int, words: str) -> None:
    assert relative(NOON + timedelta(seconds=seconds), NOON).replace("\u00a0", " ") == words


def test_the_exact_instant_in_the_readers_time_and_in_the_pools() -> None:
    words = exact(NOON, zones=[("", BERLIN), ("the pool's time", DENVER)])

    assert words == "2030-05-13 14:00:00 CEST (UTC+0200)\n2030-05-13 06:00:00 MDT (UTC-0600), the pool's time"


def test_two_zones_that_say_the_same_are_said_once() -> None:
    assert exact(NOON, zones=[("", BERLIN), ("the pool's time", ZoneInfo("Europe/Paris"))]).count("\n") == 0


@time_machine.travel(NOON, tick=False)
def test_a_page_says_when_and_how_far_away() -> None:
    with timezone.override(BERLIN):
        words = when(NOON + timedelta(hours=3), "America/Denver")

    assert words == (
        '<span class="when"><time datetime="2030-05-13T15:00:00Z" title="2030-05-13 17:00:00 CEST (UTC+0200)\n'
        '2030-05-13 09:00:00 MDT (UTC-0600), the pool&#x27;s time">Mon 13 May, 17:00</time> '
        '<span class="far" data-relative="2030-05-13T15:00:00Z">in 3\u00a0h</span></span>'
    )


def test_a_moment_that_never_came_is_a_dash() -> None:
    assert (moment(None), when(None)) == ("—", "—")


@time_machine.travel(NOON, tick=False)
def test_a_zone_that_does_not_exist_is_passed_over() -> None:
    with timezone.override(BERLIN):
        assert moment(NOON, "Mars/Base") == moment(NOON)
