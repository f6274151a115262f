"""The lab: one host of 128 cores and 1,536 GiB, two of 64 and 768, one of 32 and 256."""

import pytest

from scheduler.planning.attempts import case_of
from scheduler.planning.index import PoolIndex
from scheduler.planning.rules import free_host, host_size
from tests.scheduler.planning.drafting import broken, drafted
from tests.shipped import lab, pod
from tests.worlds import ask, group, snapshot

FIELD = "mix[0].placement.host"
L40S = "nvidia-l40s-48gb"


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        ({"host_cores": 64, "host_memory_gib": 768}, []),
        ({"host_cores": 65}, [("NO_FREE_HOST", FIELD, 65, 64, "cores")]),
        ({"host_memory_gib": 769}, [("NO_FREE_HOST", FIELD, 769, 768, "GiB")]),
    ],
)
def test_a_host_is_at_least_so_large(asked: dict[str, int], refused: list[object]) -> None:
    request = ask(group((L40S, 1), **asked), pool="lab")

    assert broken(free_host.RULE, lab(), request, ("host-02", "pru-01-s01")) == refused


def test_a_larger_host_class_is_proposed_where_one_was_named() -> None:
    request = ask(group((L40S, 1), host_cores=65, host_class="host-standard"), pool="lab")
    case, draft = drafted(lab(), request, ("host-02", "pru-01-s01"))

    (refusal,) = free_host.RULE.violations(case, draft)

    assert [(one.kind, one.value) for one in refusal.suggestions] == [("host", "host-large")]


@pytest.mark.parametrize(("cores", "refused"), [(128, []), (129, [(FIELD, 129, 128, "cores")])])
def test_what_no_host_of_the_pool_has_needs_no_search(cores: int, refused: list[object]) -> None:
    request = ask(group((L40S, 1), host_cores=cores), pool="lab")
    case = case_of(request=request, index=PoolIndex(snapshot(lab())))

    assert [(one.field, one.need, one.have, one.unit) for one in host_size.none_large_enough(case)] == refused


def test_a_fixed_system_of_unknown_size_is_not_large() -> None:
    request = ask(group(("nvidia-h200-sxm5-141gb", 1), host_cores=1), pool="pod")

    assert broken(free_host.RULE, pod(), request, ("sys-hgx-01", "sys-hgx-01-s01")) == [
        ("NO_FREE_HOST", FIELD, 1, 0, "cores")
    ]
