"""Ceilings, roles, tokens and zones in words."""

from datetime import UTC, datetime
from typing import Any

import pytest

from portal.accounts.scopes import Scope
from portal.web.present.account import TOPIC_WORDS, topic_choices, zone_groups
from portal.web.present.project_presets import preset_lines
from portal.web.present.project_tabs import ProjectTab, tab_named
from portal.web.present.projects import ROLE_MAY, ROLE_WORDS, QuotaView, hours, quota_view
from portal.web.present.states import Pill
from portal.web.present.tokens import SCOPE_WORDS
from portal.web.zones import zone_names
from scheduler.notice_topics import NoticeTopic
from scheduler.queries.presets import PresetRow
from scheduler.queries.quotas import PoolQuota, Use
from scheduler.states import ProjectRole

MAY = datetime(2030, 4, 30, 22, tzinfo=UTC)  # midnight in Berlin


def shown(most: int, ceiling: int | None, **more: Any) -> QuotaView:
    quota = PoolQuota(
        pool="lab",
        pool_name="Small lab",
        time_zone="Europe/Berlin",
        month_starts_at=MAY,
        month_ends_at=datetime(2030, 5, 31, 22, tzinfo=UTC),
        accelerators_max=ceiling,
        gpu_hours_per_month=more.pop("hours_max", None),
        is_mig_only=False,
        use=Use(held=1, most=most, most_at=MAY, **more),
    )
    return quota_view(quota)


@pytest.mark.parametrize(
    ("most", "ceiling", "state", "left", "percent"),
    [
        (5, 12, None, "7 more could be booked even then", 42),
        (10, 12, None, "2 more could be booked even then", 83),
        (11, 12, Pill("Nearly at the ceiling", "warn"), "1 more could be booked even then", 92),
        (12, 12, Pill("Booked to the ceiling", "warn"), "", 100),
        (13, 12, Pill("Over the ceiling", "bad"), "", 100),
        (0, 0, Pill("Nothing may be held", "warn"), "", 0),
        (500, None, None, "", 0),
    ],
)
def test_how_full_a_ceiling_gets_is_told_by_a_word_and_a_length(
    most: int, ceiling: int | None, state: Pill | None, left: str, percent: int
) -> None:
    view = shown(most, ceiling)

    assert (view.state, view.left_words, view.most_percent) == (state, left, percent)
    assert view.most_words == (f"{most}" if ceiling is None else f"{most} of {ceiling}")


def test_hours_are_added_up_and_the_month_is_the_pools() -> None:
    view = shown(2, 4, hours_used=1.5, hours_booked=1200, hours_max=4000)

    told = (view.use.hours_used, view.use.hours_booked, view.hours_words, view.hours_ceiling_words, view.month_name)
    assert told == ("1.5\u00a0h", "1,200\u00a0h", "1,201.5\u00a0h", "4,000\u00a0h", "May")


def test_hours_have_a_decimal_where_it_says_something() -> None:
    assert [hours(amount) for amount in (0, 0.04, 0.05001, 2.0, 2.25, 10_000)] == [
        "0\u00a0h",
        "0\u00a0h",
        "0.1\u00a0h",
        "2\u00a0h",
        "2.2\u00a0h",
        "10,000\u00a0h",
    ]


def test_every_role_scope_topic_and_tab_has_its_words() -> None:
    assert set(ROLE_WORDS) == set(ROLE_MAY) == set(ProjectRole)
    assert set(SCOPE_WORDS) == set(Scope)
    assert set(TOPIC_WORDS) == set(NoticeTopic)
    assert [tab_named(name) for name in ("", "past", "members", "../etc", "PAST")] == [
        ProjectTab.OVERVIEW,
        ProjectTab.PAST,
        ProjectTab.MEMBERS,
        ProjectTab.OVERVIEW,
        ProjectTab.OVERVIEW,
    ]


def test_trouble_alone_is_no_matter_of_choice() -> None:
    choices = topic_choices({NoticeTopic.ENDING, NoticeTopic.TROUBLE})

    assert [(choice.value, choice.is_chosen, choice.is_fixed) for choice in choices] == [
        ("ending", True, False),
        ("outcome", False, False),
        ("change", False, False),
        ("trouble", True, True),
    ]


def test_zones_stand_under_their_continents_and_each_once() -> None:
    groups = zone_groups(["UTC", "Africa/Abidjan", "Africa/Accra", "America/Indiana/Knox"])

    assert groups == (
        ("", ("UTC",)),
        ("Africa", ("Africa/Abidjan", "Africa/Accra")),
        ("America", ("America/Indiana/Knox",)),
    )
    assert tuple(name for _, names in zone_groups(zone_names()) for name in names) == zone_names()


@pytest.mark.parametrize(
    ("mix", "contents"),
    [
        ([{"lines": [{"device_class": "a", "count": 2}]}], "2\u00a0×\u00a0Alpha"),
        (
            [{"nodes": 3, "role": "train", "lines": [{"device_class": "a", "count": 8}, {"device_class": "z"}]}],
            "train: 3\u00a0nodes, 8\u00a0×\u00a0Alpha + 1\u00a0×\u00a0z each",
        ),
        (
            [{"lines": [{"count": 1, "first_of": [{"device_class": "a"}, {"device_class": "z"}]}]}],
            "1\u00a0×\u00a0Alpha",
        ),
        ([{"lines": [{"count": 7, "device_class": "a", "profile": "1g.10gb"}]}], "7\u00a0×\u00a01g.10gb of Alpha"),
        (
            [{"lines": [{"count": 1, "selector": "device.memory_gib > 80"}]}, {}],
            "1\u00a0×\u00a0devices by a selector · no devices",
        ),
    ],
)
def test_a_preset_says_what_it_asks_for(mix: list[dict[str, Any]], contents: str) -> None:
    row = PresetRow(code="p-1", name="One", purpose="", icon="", body={"mix": mix}, project="team-chat")

    (line,) = preset_lines([row], names={"a": "Alpha"})

    assert (line.contents, line.length, line.url) == (
        contents,
        "",
        "/reservations/new/?project=team-chat&preset=p-1",
    )
