"""Times of the week in words, on the pool's clocks and on the reader's: worked out by hand."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from portal.web.present.times_of_week import minutes_between, shifted, times_in_words
from scheduler.planning.rates import Band

EVERY_DAY = "1234567"
NIGHT = (Band(EVERY_DAY, 0, 360, None), Band(EVERY_DAY, 1_320, 1_440, None))
OFFICE = (Band("12345", 480, 1_080, None),)


@pytest.mark.parametrize(
    ("bands", "words"),
    [
        (NIGHT, "every day 22:00–06:00"),
        (OFFICE, "Mon–Fri 08:00–18:00"),
        ((Band("67", 0, 1_440, None),), "Sat, Sun all day"),
        ((Band("135", 0, 360, None), Band("135", 1_320, 1_440, None)), "Mon, Wed, Fri 00:00–06:00, 22:00–24:00"),
        ((Band("1237", 60, 90, None),), "Mon–Wed, Sun 01:00–01:30"),
        ((*OFFICE, Band("7", 0, 1_440, None)), "Mon–Fri 08:00–18:00; Sun all day"),
    ],
)
def test_times_are_told_in_few_words(bands: tuple[Band, ...], words: str) -> None:
    assert times_in_words(bands) == words


@pytest.mark.parametrize(
    ("bands", "minutes", "words"),
    [
        (NIGHT, -360, "every day 16:00–24:00"),
        (OFFICE, -360, "Mon–Fri 02:00–12:00"),
        (OFFICE, 540, "Mon–Fri 17:00–24:00; Tue–Sat 00:00–03:00"),
        ((Band("67", 0, 1_440, None),), -60, "Fri 23:00–24:00; Sat all day; Sun 00:00–23:00"),
        ((Band("7", 1_200, 1_440, None),), 345, "Mon 01:45–05:45"),
        ((Band("1", 0, 60, None),), -30, "Mon 00:00–00:30; Sun 23:30–24:00"),
    ],
)
def test_the_same_times_on_other_clocks(bands: tuple[Band, ...], minutes: int, words: str) -> None:
    assert times_in_words(shifted(bands, minutes=minutes)) == words


def test_how_far_clocks_are_ahead_depends_on_the_day() -> None:
    berlin, new_york = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")

    assert minutes_between(berlin, new_york, at=datetime(2030, 1, 15, tzinfo=UTC)) == -360
    assert minutes_between(berlin, new_york, at=datetime(2030, 3, 20, tzinfo=UTC)) == -300
    assert minutes_between(berlin, ZoneInfo("Asia/Kathmandu"), at=datetime(2030, 1, 15, tzinfo=UTC)) == 285
