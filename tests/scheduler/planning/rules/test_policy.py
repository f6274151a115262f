from dataclasses import replace

from tests.scheduler.planning.asking import grant, refused, rows
from tests.worlds import GPU, POLICY, ask, group, two_hosts_eight_gpus, window

ONE = group((GPU, 1))


def test_a_window_below_the_shortest() -> None:
    assert rows(two_hosts_eight_gpus(), ask(ONE, when=window(hours=29 / 60))) == [
        ("TOO_SHORT", "ends_at", 30, 29, "minutes")
    ]
    assert grant(two_hosts_eight_gpus(), ask(ONE, when=window(hours=0.5)))


def test_a_window_above_the_longest() -> None:
    assert rows(two_hosts_eight_gpus(), ask(ONE, when=window(hours=169))) == [
        ("TOO_LONG", "ends_at", 169, 168, "hours")
    ]
    assert grant(two_hosts_eight_gpus(), ask(ONE, when=window(hours=168)))


def test_a_start_beyond_the_calendar() -> None:
    # 28 days and an hour are in the 29th day.
    assert rows(two_hosts_eight_gpus(), ask(ONE, when=window(hours_ahead=28 * 24 + 1))) == [
        ("HORIZON", "starts_at", 29, 28, "days")
    ]
    assert grant(two_hosts_eight_gpus(), ask(ONE, when=window(hours_ahead=28 * 24)))


def test_a_start_before_the_lead_time_with_the_soonest_one_that_keeps_it() -> None:
    world = two_hosts_eight_gpus(policy=replace(POLICY, min_lead_minutes=120))

    refusal = refused(world, ask(ONE, when=window(hours_ahead=1))).refusals[0]

    assert (refusal.code.value, refusal.field, refusal.need, refusal.have) == ("LEAD_TIME", "starts_at", 120, 60)
    assert [(one.kind, one.value) for one in refusal.suggestions] == [("start", "2026-11-23T10:00:00Z")]
    assert refusal.overridable_by == "operator"
    assert grant(world, ask(ONE, when=window(hours_ahead=2)))


def test_policy_is_told_beside_the_rest() -> None:
    request = ask(group((GPU, 9)), when=window(hours=169))

    assert [code for code, *_ in rows(two_hosts_eight_gpus(), request)] == [
        "TOO_LONG",
        "DEVICE_UNAVAILABLE",
        "HOST_SLOT_LIMIT",
    ]
