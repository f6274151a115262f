from dataclasses import replace
from datetime import datetime, timedelta

from scheduler.planning.rules import quota
from scheduler.planning.snapshot import HourLimit, Stint
from scheduler.requests import Group, Line
from scheduler.states import Priority
from tests.scheduler.planning.asking import grant, refused, rows
from tests.scheduler.planning.drafting import drafted
from tests.shipped import lab
from tests.worlds import GPU, NOW, NVME, ask, group, taken, two_hosts_eight_gpus, window

FIELD = "mix[0].lines[0].count"


def test_more_accelerators_than_the_project_may_hold() -> None:
    request = ask(group((GPU, 2), nodes=2))  # 4 in all

    assert rows(two_hosts_eight_gpus(), request, accelerators_max=3) == [("QUOTA_DEVICES", FIELD, 4, 3, "devices")]
    assert grant(two_hosts_eight_gpus(), request, accelerators_max=4)


def test_what_the_project_holds_at_the_worst_instant_counts_and_what_others_hold_does_not() -> None:
    # Mine: 1 in the first hour, 2 in the second, never 3. Another project's: 1. 2 + 2 = 4.
    whole = window(hours=2)
    middle = whole.starts_at + timedelta(hours=1)
    mine = {"project": "team-chat", "with_host": False}
    held = [
        *taken("pru-1-s01", host="a", when=replace(whole, ends_at=middle), **mine),
        *taken("pru-1-s02", "pru-1-s03", host="b", when=replace(whole, starts_at=middle), reservation="r-2", **mine),
        *taken("pru-1-s04", host="c", reservation="r-3", with_host=False),
    ]

    assert rows(two_hosts_eight_gpus(), ask(group((GPU, 2))), commitments=held, accelerators_max=3) == [
        ("QUOTA_DEVICES", FIELD, 4, 3, "devices")
    ]
    assert grant(two_hosts_eight_gpus(), ask(group((GPU, 2))), commitments=held, accelerators_max=4)


def test_drives_are_no_matter_of_it() -> None:
    assert grant(two_hosts_eight_gpus(), ask(group((NVME, 4))), accelerators_max=0)


def test_a_ceiling_of_one_class() -> None:
    request = ask(group((GPU, 1), (NVME, 3)))

    assert rows(two_hosts_eight_gpus(), request, per_class_max={NVME: 2}) == [
        ("QUOTA_DEVICES", "mix[0].lines[1].count", 3, 2, "devices")
    ]
    assert grant(two_hosts_eight_gpus(), request, per_class_max={NVME: 3})


def test_it_is_told_beside_what_the_pool_refuses() -> None:
    request = ask(group((GPU, 2), nodes=3))

    assert rows(two_hosts_eight_gpus(), request, accelerators_max=5) == [
        ("QUOTA_DEVICES", FIELD, 6, 5, "devices"),
        ("NO_FREE_HOST", "mix[0].nodes", 3, 2, "hosts"),
    ]


def test_a_project_that_may_hold_slices_alone_gets_no_whole_accelerator() -> None:
    # 2 nodes × (2 GPUs + 1 drive): 4 whole accelerators, none allowed. Drives are no matter of it.
    request = ask(group((GPU, 2), (NVME, 1), nodes=2))

    assert rows(two_hosts_eight_gpus(), request, mig_only=True) == [("QUOTA_DEVICES", FIELD, 4, 0, "devices")]
    assert grant(two_hosts_eight_gpus(), request, mig_only=False)
    assert grant(two_hosts_eight_gpus(), ask(group((NVME, 1))), mig_only=True)


def test_slices_are_what_it_may_hold() -> None:
    def found(*lines: Line):
        case, _ = drafted(lab(), ask(Group("", 1, lines), pool="lab"), ("host-01",), mig_only=True)
        return [(one.field, one.need, one.have) for one in quota.slices_only(case)]

    assert found(Line("nvidia-a100-pcie-80gb", 3, profile="3g.40gb")) == []
    assert found(Line("nvidia-a100-pcie-80gb", 3, profile="3g.40gb"), Line("nvidia-a100-pcie-80gb", 1)) == [
        ("mix[0].lines[1].count", 1, 0)
    ]


def test_a_ceiling_of_one_kind_counts_what_is_held_of_all_its_classes() -> None:
    # Mine: a drive all the time. 1 + 3 = 4; the GPU is of another kind.
    drive = next(code for code, one in two_hosts_eight_gpus().blocks.items() if one.device_class == NVME)
    held = taken(drive, host="a", project="team-chat", with_host=False)
    request = ask(group((GPU, 1), (NVME, 3)))

    def found(most: int):
        return {"commitments": held, "limits": {"per_kind_max": {"nvme": most}}}

    assert rows(two_hosts_eight_gpus(), request, **found(3)) == [
        ("QUOTA_DEVICES", "mix[0].lines[1].count", 4, 3, "devices")
    ]
    assert grant(two_hosts_eight_gpus(), request, **found(4))


def hours(begin: datetime = NOW, length: int = 1, devices: int = 1, **limit: int):
    """One of the project's own stints before, of GPUs, and one limit over all accelerators."""
    had = Stint("r-1", GPU, "gpu", devices, begin, begin + timedelta(hours=length))
    return {"hour_limits": (HourLimit(**limit),), "stints": (had,)}


def test_hours_of_a_week_a_month_and_ahead_are_each_a_reason() -> None:
    # 2 GPUs for 2 hours tomorrow are 4; 10 were had today: 14 in the week and in November; ahead are the 4 alone.
    request = ask(group((GPU, 2)))

    def asked(**limit: int):
        return {"limits": hours(length=5, devices=2, **limit)}

    assert rows(two_hosts_eight_gpus(), request, **asked(per_month=13, per_7_days=13, per_30_days=13, ahead=3)) == [
        ("QUOTA_HOURS", FIELD, 14, 13, "hours"),
        ("QUOTA_HOURS", FIELD, 14, 13, "hours"),
        ("QUOTA_HOURS", FIELD, 14, 13, "hours"),
        ("QUOTA_HOURS", FIELD, 4, 3, "hours"),
    ]
    assert grant(two_hosts_eight_gpus(), request, **asked(per_month=14, per_7_days=14, per_30_days=14, ahead=4))


def test_hours_are_told_with_when_and_of_what() -> None:
    told = refused(two_hosts_eight_gpus(), ask(group((GPU, 2))), limits=hours(length=5, devices=2, per_7_days=13))

    assert told.refusals[0].message == (
        "team-chat may use 13 hours of accelerators in any 7 days; with this it would be 14 in the 7 days until "
        "2026-11-24 10:00 UTC."
    )


def test_fewer_a_shorter_time_later_or_another_class_are_what_would_be_granted_instead() -> None:
    # 10 were had from 08:00 to 13:00 today; 4 are asked for tomorrow; 13 are allowed: one GPU has room, and the same
    # once seven days lie between 13:00 and the end.
    found = refused(two_hosts_eight_gpus(), ask(group((GPU, 2))), limits=hours(length=5, devices=2, per_7_days=13))

    kinds = {one.kind: one for one in found.alternatives}
    assert kinds["count"].mix is not None
    assert kinds["count"].mix[0]["lines"][0]["count"] == 1
    assert kinds["start"].ends_at == NOW + timedelta(days=7, hours=5)


def test_what_begins_soon_may_go_beyond_devices_and_hours_but_is_whole_cards_still() -> None:
    request = ask(group((GPU, 2)), when=window(hours_ahead=6))
    limits = hours(per_7_days=1, ahead=1)

    def around(near: int | None, **more: object):
        return {"accelerators_max": 1, "limits": {**limits, "near_term_hours": near, **more}}

    assert len(rows(two_hosts_eight_gpus(), request, **around(None))) == 3
    assert len(rows(two_hosts_eight_gpus(), request, **around(5))) == 3
    assert grant(two_hosts_eight_gpus(), request, **around(6))
    assert [row[2:4] for row in rows(two_hosts_eight_gpus(), request, mig_only=True, **around(6))] == [(2, 0)]


def test_a_priority_above_what_the_project_may_book_with() -> None:
    def told(most: Priority):
        return {"limits": {"priority_max": most}}

    assert rows(two_hosts_eight_gpus(), ask(group((NVME, 1))), **told(Priority.LOW)) == [
        ("PRIORITY_LIMIT", "priority", None, None, "")
    ]
    assert grant(two_hosts_eight_gpus(), ask(group((NVME, 1))), **told(Priority.NORMAL))
