"""Ceilings, roles, tokens and zones in words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal.accounts.scopes import Scope
from portal.web.present.account import zone_groups
from portal.web.present.ceilings import hours
from portal.web.present.notice_settings import TOPIC_WORDS
from portal.web.present.project_presets import preset_lines
from portal.web.present.project_tabs import ProjectTab, tab_named
from portal.web.present.projects import ROLE_MAY, ROLE_WORDS, QuotaView, quota_view
from portal.web.present.states import Pill
from portal.web.present.tokens import SCOPE_WORDS
from portal.web.zones import zone_names
from scheduler.notice_topics import NoticeTopic
from scheduler.planning.snapshot import QuotaFacts
from scheduler.queries.ceilings import CeilingUse
from scheduler.queries.presets import PresetRow
from scheduler.queries.quotas import PoolQuota, Use
from scheduler.states import Priority, ProjectRole

MAY = datetime(2030, 4, 30, 22, tzinfo=UTC)  # midnight in Berlin


def shown(most: int, ceiling: int | None, **more: Any) -> QuotaView:
    quota = PoolQuota(
        pool="lab",
        pool_name="Small lab",
        time_zone="Europe/Berlin",
        month_starts_at=MAY,
        month_ends_at=datetime(2030, 5, 31, 22, tzinfo=UTC),
        accelerators_max=ceiling,
        gpu_hours_per_month=None,
        is_mig_only=False,
        ceilings=more.pop("ceilings", ()),
        facts=more.pop("facts", None),
        use=Use(held=1, most=most, most_at=MAY, **more),
    )
    return quota_view(quota, names={"l40s": "NVIDIA L40S"})


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


def test_hours_are_told_by_the_pools_month() -> None:
    view = shown(2, 4, hours_used=1.5, hours_booked=1200)

    assert (view.use.hours_used, view.use.hours_booked, view.month_name) == ("1.5\u00a0h", "1,200\u00a0h", "May")


def test_every_further_ceiling_is_told_by_what_it_is_of_and_how_full_it_is() -> None:
    day = timedelta(days=1)
    view = shown(
        2,
        4,
        ceilings=(
            CeilingUse("", "", "at once", 4, 2),
            CeilingUse("l40s", "", "at once", 3, 3),
            CeilingUse("", "", "month", 400, 100.5, MAY, MAY + 31 * day),
            CeilingUse("", "nvme", "7 days", 100, 95, MAY, MAY + 7 * day),
            CeilingUse("", "", "30 days", 100, 0, MAY, MAY + 30 * day),
            CeilingUse("", "", "ahead", 10, 12, MAY, MAY + day),
        ),
    )

    assert [(one.what, one.period, one.used, one.percent, one.ends_at) for one in view.ceilings] == [
        ("NVIDIA L40S", "at once", "3 of 3", 100, None),
        ("Accelerators", "in May", "100.5\u00a0h of 400\u00a0h", 25, None),
        ("All nvme devices", "in any 7 days", "95\u00a0h of 100\u00a0h", 95, MAY + 7 * day),
        ("Accelerators", "in any 30 days", "0\u00a0h of 100\u00a0h", 0, None),
        ("Accelerators", "booked ahead", "12\u00a0h of 10\u00a0h", 100, None),
    ]
    assert [one.state.label if one.state else "" for one in view.ceilings] == [
        "Booked to the ceiling",
        "",
        "Nearly at the ceiling",
        "",
        "Over the ceiling",
    ]


def test_bounds_of_its_own_are_told_and_the_pools_are_not() -> None:
    own = QuotaFacts("team-chat", near_term_hours=1, horizon_days=9, max_duration_hours=12, priority_max=Priority.LOW)

    assert shown(2, 4, facts=QuotaFacts("team-chat")).bounds == ()
    assert shown(2, 4, facts=own).bounds == (
        "What is idle may be booked beyond these ceilings when it begins within 1\u00a0hour; it is marked so.",
        "Bookings begin at most 9\u00a0days ahead.",
        "A booking lasts at most 12\u00a0h.",
        "The highest priority is low.",
    )


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
