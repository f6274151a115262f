"""Occurrences in a calendar: each by itself, and of which series."""

from tests.portal.calendars.test_feeds import events, made
from tests.portal.cast import Cast, repeated


def test_an_occurrence_names_its_series_and_goes_by_a_name_of_its_own(people: Cast) -> None:
    code = people.caller("alice").post("series/", repeated()).json()["code"]

    found = events(made(people.alice))

    assert [str(event["X-HEDDLE-SERIES"]) for event in found] == [code, code]
    assert len({str(event["UID"]) for event in found}) == 2
    assert f"Series: {code}" in str(found[0]["DESCRIPTION"])
