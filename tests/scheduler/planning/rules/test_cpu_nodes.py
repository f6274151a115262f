"""A node without devices asks for a host and nothing else: no rule trips over it."""

import pytest

from scheduler.planning.rules.base import PlacementRule
from scheduler.planning.rules.registry import ADMISSION_RULES, DEVICE_RULES, PLACEMENT_RULES
from scheduler.requests import Affinity
from tests.scheduler.planning.drafting import drafted
from tests.shipped import lab
from tests.worlds import ask, group

REQUEST = ask(
    group(same_switch=True, same_pru=True, p2p=True, nic_affinity=Affinity.SWITCH, storage_affinity=Affinity.PRU),
    pool="lab",
)


@pytest.mark.parametrize("rule", PLACEMENT_RULES, ids=lambda rule: rule.code)
@pytest.mark.parametrize("host", ["host-01", "host-04"])
def test_a_placement_rule_finds_nothing_wrong(rule: PlacementRule, host: str) -> None:
    case, draft = drafted(lab(), REQUEST, (host,))

    assert list(rule.violations(case, draft)) == []
    assert rule.excess is None or rule.excess(case, case.wishes[0], lab().hosts[host]) == 0


def test_a_request_rule_finds_nothing_wrong() -> None:
    case, _ = drafted(lab(), REQUEST, ("host-01",))

    assert [refusal for rule in (*ADMISSION_RULES, *DEVICE_RULES) for refusal in rule(case)] == []


def test_it_takes_a_host_all_the_same() -> None:
    # Two nodes on one host.
    case, draft = drafted(lab(), ask(group(nodes=2), pool="lab"), ("host-01",), ("host-01",))

    found = [refusal for rule in PLACEMENT_RULES for refusal in rule.violations(case, draft)]

    assert [(one.code.value, one.field, one.need, one.have) for one in found] == [
        ("NO_FREE_HOST", "mix[0].nodes", 2, 1)
    ]
