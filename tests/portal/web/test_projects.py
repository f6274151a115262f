"""A project by its parts: what is ahead, what is over, who is in it, its presets, what happened."""

import pytest
from django.test import Client

from scheduler.models import Membership, Project, Reservation
from scheduler.requests import Actor
from scheduler.services.cancel import cancel
from scheduler.services.presets import save
from tests.portal.cast import H100, L40S, MONDAY, Cast
from tests.portal.web.world import booked

CHAT = "/projects/team-chat/"


def on(day: int, hour: int) -> dict[str, str]:
    return {"starts_at": f"2030-05-{day}T{hour:02}:00:00Z", "ends_at": f"2030-05-{day}T{hour + 2:02}:00:00Z"}


def codes(browser: Client, path: str) -> list[str]:
    return [line.code for line in browser.get(path).context["lines"]]


def test_what_is_ahead_comes_soonest_first_whoever_booked_it(people: Cast) -> None:
    late, soon = booked(people.alice, **on(16, 10)).code, booked(people.bob, **on(14, 10)).code

    assert codes(people.browser("vera"), CHAT) == [soon, late]
    assert codes(people.browser("vera"), f"{CHAT}?tab=past") == []


def test_what_was_cancelled_is_past(people: Cast) -> None:
    reservation = booked(people.alice)
    cancel(reservation=reservation, by=Actor(name="alice", user_id=people.alice.pk), now=MONDAY)

    browser = people.browser("vera")

    assert (codes(browser, CHAT), codes(browser, f"{CHAT}?tab=past")) == ([], [reservation.code])


def test_what_is_ahead_goes_on_where_the_page_before_ended(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.web.views.projects.SHOWN_MAX", 2)
    expected = [booked(people.alice, **on(day, hour)).code for day, hour in ((14, 10), (15, 10), (15, 14))]
    browser = people.browser("bob")

    first = browser.get(CHAT)
    second = browser.get(first.context["next"])

    assert [line.code for line in first.context["lines"]] == expected[:2]
    assert [line.code for line in second.context["lines"]] == expected[2:]
    assert (first.context["first"], second.context["next"], second.context["first"]) == ("", "", CHAT)


def test_those_that_begin_at_once_are_each_shown_on_one_page(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.web.views.projects.SHOWN_MAX", 1)
    expected = {booked(people.alice).code for _ in range(3)}
    browser, path, seen = people.browser("bob"), CHAT, []

    while path:
        shown = browser.get(path)
        seen += [line.code for line in shown.context["lines"]]
        path = shown.context["next"]

    assert sorted(seen) == sorted(expected)


@pytest.mark.parametrize("after", ["nonsense", "r-00000000", "9" * 40, "٣"])
@pytest.mark.parametrize("tab", ["overview", "past", "members", "presets", "activity", "no-such-tab"])
def test_a_place_in_a_list_that_is_none_is_passed_over(people: Cast, tab: str, after: str) -> None:
    assert people.browser("bob").get(CHAT, {"tab": tab, "after": after}).status_code == 200


def test_the_quota_is_told_in_figures_and_words(people: Cast) -> None:
    lines = [{"device_class": H100, "count": 2}]
    booked(people.bob, **on(14, 10), mix=[{"role": "", "nodes": 1, "lines": lines}])
    lines = [{"device_class": L40S, "count": 4}]
    booked(people.bob, **on(14, 11), mix=[{"role": "", "nodes": 1, "lines": lines}])

    (quota,) = people.browser("vera").get(CHAT).context["quotas"]

    assert (quota.held_words, quota.most_words, quota.left_words) == (
        "0 of 12",
        "6 of 12",
        "6 more could be booked even then",
    )
    assert (quota.held_percent, quota.most_percent, quota.state) == (0, 50, None)
    assert (quota.use.hours_used, quota.use.hours_booked, quota.month_name) == ("0\u00a0h", "12\u00a0h", "May")
    assert [(one.most, one.hours_booked) for one in quota.classes] == [(2, "4\u00a0h"), (4, "8\u00a0h")]


def test_who_may_book_is_led_on_and_who_looks_is_told_whom_to_ask(people: Cast) -> None:
    offered = {name: 'id="project-book"' in people.browser(name).get(CHAT).content.decode() for name in WHO}

    assert offered == {"alice": True, "bob": True, "vera": False, "olga": False}
    assert "ask a lead to make you a member" in people.browser("vera").get(CHAT).content.decode()
    assert "you are not in this project" in people.browser("olga").get(CHAT).content.decode()


def test_only_a_lead_finds_forms_beside_the_members(people: Cast) -> None:
    found = {name: members(people.browser(name)) for name in WHO}

    assert found == {"alice": True, "bob": False, "vera": False, "olga": False}


WHO = ("alice", "bob", "vera", "olga")


def members(browser: Client) -> bool:
    return "/members/remove/" in browser.get(f"{CHAT}?tab=members").content.decode()


def test_a_preset_is_used_and_removed_by_who_may_book(people: Cast) -> None:
    lines = [{"device_class": H100, "count": 4}]
    preset = save(
        project=people.chat,
        name="Serving",
        purpose="",
        body={"mix": [{"role": "decode", "nodes": 2, "lines": lines}], "duration_minutes": 90},
        by=Actor(name="bob", user_id=people.bob.pk),
        now=MONDAY,
    )
    use = f"/reservations/new/?project=team-chat&preset={preset.code}".replace("&", "&amp;")

    (line,) = people.browser("bob").get(f"{CHAT}?tab=presets").context["presets"]

    assert line.contents == "decode: 2\u00a0nodes, 4\u00a0×\u00a0NVIDIA H100 NVL 94GB each"
    assert (line.length, line.by) == ("1\u00a0h 30\u00a0min", "bob")
    shown = {name: use in people.browser(name).get(f"{CHAT}?tab=presets").content.decode() for name in WHO}
    assert shown == {"alice": True, "bob": True, "vera": False, "olga": False}


def test_the_list_has_ones_own_projects_and_for_who_sees_all_every_one(people: Cast) -> None:
    def listed(name: str) -> list[tuple[str, str, bool]]:
        lines = people.browser(name).get("/projects/").context["lines"]
        return [(line.slug, line.role, line.may_book) for line in lines]

    assert listed("alice") == [("team-chat", "Lead", True)]
    assert listed("vera") == [("team-chat", "Viewer", False)]
    assert listed("olga") == [
        ("team-chat", "Operator, not in it", False),
        ("team-research", "Operator, not in it", False),
    ]


def test_the_list_is_searched_and_goes_on(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.limits.PAGE_SIZE", 2)
    for number in range(3):
        project = Project.objects.create(slug=f"own-{number}", name=f"Öwn {number}")
        Membership.objects.create(project=project, user=people.bob, role="member")
    browser = people.browser("bob")

    first = browser.get("/projects/", {"text": "öwn"})
    second = browser.get(first.context["next"])

    assert [line.slug for line in first.context["lines"]] == ["own-0", "own-1"]
    assert [line.slug for line in second.context["lines"]] == ["own-2"]
    assert first.context["lines"][0].people == "1\u00a0member"


def test_who_is_in_no_project_is_told_how_to_get_into_one(people: Cast) -> None:
    Membership.objects.filter(user=people.charlie).delete()

    words = people.browser("charlie").get("/projects/").content.decode()

    assert ("You are in no project yet" in words, Reservation.objects.exists()) == (True, False)


@pytest.mark.parametrize(("tab", "live"), [("", "overview"), ("past", "past"), ("members", "members")])
def test_a_part_is_read_again_by_itself(people: Cast, tab: str, live: str) -> None:
    target = f"project-team-chat-{live}"

    part = people.browser("vera").get(f"{CHAT}?tab={tab}", headers={"HX-Request": "true", "HX-Target": target})

    words = part.content.decode()
    assert (words.lstrip().startswith("<"), f'id="{target}"' in words, "<html" in words) == (True, True, False)
