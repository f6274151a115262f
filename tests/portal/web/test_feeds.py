"""The page of one's calendar addresses."""

from django.http import HttpResponse

from portal.accounts.models import CalendarFeed
from tests.portal.cast import Cast


def choices(response: HttpResponse) -> list[tuple[str, bool]]:
    return [(choice.value, choice.is_chosen) for choice in response.context["choices"]]


def test_an_address_is_shown_in_the_answer_that_made_it_and_never_again(people: Cast) -> None:
    browser = people.browser("bob")

    answer = browser.post("/account/calendars/make/", {"scope": "project:team-chat"})

    made = answer.context["made"]
    assert made.address.startswith("http" + "://127.0.0.1:8000/calendar/")
    assert made.subscribe == "webcal" + made.address.removeprefix("http")
    assert made.address in answer.content.decode()
    assert answer["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert browser.get(made.address).status_code == 200
    again = browser.get("/account/calendars/").content.decode()
    assert made.address not in again
    assert [(line.kind, line.name) for line in answer.context["feeds"]] == [("Project", "Chat service")]


def test_one_comes_from_a_calendar_with_its_pool_chosen(people: Cast) -> None:
    response = people.browser("bob").get("/account/calendars/?pool=lab")

    assert choices(response) == [("mine", False), ("project:team-chat", False), ("pool:lab", True)]


def test_what_one_has_is_not_offered_again(people: Cast) -> None:
    browser = people.browser("bob")
    browser.post("/account/calendars/make/", {"scope": "mine"})

    assert [value for value, _ in choices(browser.get("/account/calendars/"))] == ["project:team-chat", "pool:lab"]
    refused = browser.post("/account/calendars/make/", {"scope": "mine"})
    assert (refused.status_code, [error.code for error in refused.context["errors"]]) == (400, ["exists"])


def test_a_project_one_does_not_see_is_as_if_there_were_none(people: Cast) -> None:
    browser = people.browser("bob")

    nowhere = (
        "project:team-research",
        "project:nowhere",
        "pool:nowhere",
        "",
        "everything",
        "project:\x00",
        "pool:\x00",
    )
    for scope in (*nowhere, "mine:"):
        response = browser.post("/account/calendars/make/", {"scope": scope})
        expected = 200 if scope == "mine:" else 400
        assert response.status_code == expected, scope
    assert CalendarFeed.objects.count() == 1


def test_only_its_owner_replaces_or_removes_it(people: Cast) -> None:
    people.browser("bob").post("/account/calendars/make/", {"scope": "mine"})
    prefix = CalendarFeed.objects.get().prefix

    for verb in ("rotate", "remove"):
        assert people.browser("alice").post(f"/account/calendars/{prefix}/{verb}/").status_code == 404
    removed = people.browser("bob").post(f"/account/calendars/{prefix}/remove/")

    assert (removed.status_code, removed["Location"]) == (302, "/account/calendars/")
    assert not CalendarFeed.objects.exists()
