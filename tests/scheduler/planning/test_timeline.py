from datetime import datetime, timedelta

from scheduler.planning.timeline import Link, Timeline
from tests.worlds import NOW, taken, two_hosts_eight_gpus, window


def at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def test_a_unit_is_busy_in_what_it_overlaps_and_free_where_it_only_touches() -> None:
    held = taken("pru-1-s01", host="host-1", when=window(hours_ahead=1, hours=1))
    timeline = Timeline(two_hosts_eight_gpus(), held)

    assert timeline.is_busy("pru-1-s01", at(1.5), at(1.6))
    assert timeline.is_busy("host-1", at(0), at(9), is_host=True)
    assert not timeline.is_busy("pru-1-s01", at(0), at(1))
    assert not timeline.is_busy("pru-1-s01", at(2), at(3))
    assert not timeline.is_busy("pru-1-s02", at(0), at(9))


def test_a_host_and_a_block_of_one_name_are_two_units() -> None:
    timeline = Timeline(two_hosts_eight_gpus(), taken(host="pru-1-s01"))

    assert timeline.is_busy("pru-1-s01", at(0), at(99), is_host=True)
    assert not timeline.is_busy("pru-1-s01", at(0), at(99))


def test_sums_are_kept_by_rack_project_and_class() -> None:
    held = taken("pru-1-s01", "pru-1-s02", "pru-1-b01", host="host-1", project="team-a")
    timeline = Timeline(two_hosts_eight_gpus(), held)

    assert timeline.rack_watts("rack-1", at(0), at(99)) == 210  # 2 × 100 + 10
    assert timeline.accelerators_of("team-a", at(0), at(99)) == 2
    assert timeline.devices_of("team-a", "nvme-a", at(0), at(99)) == 1
    assert timeline.accelerators_of("team-b", at(0), at(99)) == 0
    assert timeline.nodes_on_pru("pru-1", at(0), at(99)) == 1


def test_a_node_has_one_link_to_a_pru_however_many_devices_it_has_there() -> None:
    span = window()
    timeline = Timeline(two_hosts_eight_gpus(), taken("pru-1-s01", "pru-1-s02", host="host-1", when=span))

    assert timeline.links == (Link("r-1", 0, "host-1", "pru-1", span.starts_at, span.ends_at),)


def test_an_allocation_of_no_length_holds_nothing() -> None:
    cut = window(hours=0)
    timeline = Timeline(two_hosts_eight_gpus(), taken("pru-1-s01", host="host-1", when=cut))

    assert timeline.rack_watts("rack-1", at(0), at(99)) == 0
