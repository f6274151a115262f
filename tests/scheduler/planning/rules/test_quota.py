from dataclasses import replace
from datetime import timedelta

from scheduler.planning.rules import quota
from scheduler.requests import Group, Line
from tests.scheduler.planning.asking import grant, rows
from tests.scheduler.planning.drafting import drafted
from tests.shipped import lab
from tests.worlds import GPU, NVME, ask, group, taken, two_hosts_eight_gpus, window

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
