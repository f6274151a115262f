from datetime import timedelta

from scheduler.limits import NEXT_FREE_TRIES_MAX
from tests.scheduler.planning.asking import grant, refused
from tests.worlds import GPU, NOW, NVME, ask, group, taken, two_hosts_eight_gpus, window


def _back_to_back(count: int, *blocks: str):
    """Reservations of an hour each, from the asked window's start on, without a gap."""
    spans = (window(hours_ahead=24 + n, hours=1) for n in range(count))
    return [
        one
        for n, span in enumerate(spans)
        for one in taken(*blocks, host="host-1", when=span, reservation=f"r-{n}", with_host=False)
    ]


def test_the_next_start_is_after_the_last_of_a_row() -> None:
    held = _back_to_back(3, "pru-1-b01")

    refusal = refused(two_hosts_eight_gpus(), ask(group((NVME, 4))), commitments=held)

    start = NOW + timedelta(hours=27, minutes=5)
    first = refusal.alternatives[0]
    assert (first.kind, first.starts_at, first.ends_at) == ("start", start, start + timedelta(hours=2))


def test_every_alternative_is_granted_when_asked_for() -> None:
    held = _back_to_back(3, "pru-1-s01", "pru-1-s02")
    world = two_hosts_eight_gpus()

    start, count = refused(world, ask(group((GPU, 8))), commitments=held).alternatives

    later = ask(group((GPU, 8)), when=window(hours_ahead=(start.starts_at - NOW) / timedelta(hours=1)))
    assert grant(world, later, commitments=held)
    assert count.message == "6 × GPU-A in the same window."
    assert grant(world, ask(group((GPU, 6))), commitments=held)


def test_a_gap_too_short_is_passed_over() -> None:
    early = taken("pru-1-b01", host="host-1", when=window(hours_ahead=24, hours=1), with_host=False)
    late = taken("pru-1-b01", host="host-1", when=window(hours_ahead=26, hours=1), reservation="r-2", with_host=False)

    refusal = refused(two_hosts_eight_gpus(), ask(group((NVME, 4))), commitments=[*early, *late])

    assert refusal.alternatives[0].starts_at == NOW + timedelta(hours=27, minutes=5)


def test_no_start_is_offered_for_what_time_does_not_cure() -> None:
    refusal = refused(two_hosts_eight_gpus(), ask(group((GPU, 9))), commitments=_back_to_back(1, "pru-1-s01"))

    assert [one.kind for one in refusal.alternatives] == ["count"]


def test_no_start_is_offered_beyond_the_calendar() -> None:
    held = taken("pru-1-b01", host="host-1", when=window(hours=24 * 40), with_host=False)

    refusal = refused(two_hosts_eight_gpus(), ask(group((NVME, 4))), commitments=held)

    assert [one.kind for one in refusal.alternatives] == ["count"]


def test_the_search_for_a_start_is_bounded() -> None:
    # One more reservation in a row than starts are tried.
    held = _back_to_back(NEXT_FREE_TRIES_MAX + 1, "pru-1-b01")

    refusal = refused(two_hosts_eight_gpus(), ask(group((NVME, 4))), commitments=held)

    assert [one.kind for one in refusal.alternatives] == ["count"]


def test_the_count_of_the_line_that_is_blamed_is_made_smaller() -> None:
    held = taken("pru-1-b01", host="host-1", with_host=False)

    refusal = refused(two_hosts_eight_gpus(), ask(group((GPU, 2), (NVME, 4))), commitments=held)

    assert refusal.alternatives[-1].message == "3 × NVME-A in the same window."
