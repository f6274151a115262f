import pytest

from scheduler.planning.rules import nic_affinity
from scheduler.requests import Affinity
from tests.scheduler.planning.drafting import broken, drafted, run
from tests.shipped import lab, pod
from tests.worlds import ask, group

L40S, H100, NIC, SXM = "nvidia-l40s-48gb", "nvidia-h100-nvl-94gb", "nvidia-connectx-7-400g", "nvidia-h200-sxm5-141gb"
FIELD = "mix[0].placement.nic_affinity"


def _lab(nodes_blocks: tuple[str, ...], *lines: tuple[str, int], **placement: object):
    return broken(nic_affinity.RULE, lab(), ask(group(*lines, **placement), pool="lab"), ("host-01", *nodes_blocks))


def test_a_nic_in_the_pru_of_the_accelerators_is_near() -> None:
    lines = ((L40S, 4), (NIC, 1))

    assert _lab((*run("pru-01-s", 1, 4), "pru-02-n01"), *lines, nic_affinity=Affinity.PRU) == [
        ("NIC_AFFINITY", FIELD, 1, 0, "PRUs")
    ]
    assert _lab((*run("pru-01-s", 1, 4), "pru-01-n01"), *lines, nic_affinity=Affinity.PRU) == []


def test_every_pru_with_accelerators_has_one() -> None:
    # 4 L40S in the first PRU, 4 H100 in the second.
    lines, cards = ((L40S, 4), (H100, 4)), (*run("pru-01-s", 1, 4), *run("pru-02-s", 1, 4))

    assert _lab((*cards, "pru-01-n01"), *lines, (NIC, 1), nic_affinity=Affinity.PRU) == [
        ("NIC_AFFINITY", FIELD, 2, 1, "PRUs")
    ]
    assert _lab((*cards, "pru-01-n01", "pru-02-n02"), *lines, (NIC, 2), nic_affinity=Affinity.PRU) == []


def test_every_switch_with_accelerators_has_one_if_so_asked() -> None:
    # In the lab's PRU slots 1 to 4 are on sw0, which has no NIC slot; 5 to 8 are on sw1 with NIC slot 1.
    lines = ((L40S, 2), (NIC, 1))

    assert _lab(("pru-01-s04", "pru-01-s05", "pru-01-n01"), *lines, nic_affinity=Affinity.SWITCH) == [
        ("NIC_AFFINITY", FIELD, 2, 1, "switches")
    ]
    assert _lab(("pru-01-s05", "pru-01-s06", "pru-01-n02"), *lines, nic_affinity=Affinity.SWITCH) == [
        ("NIC_AFFINITY", FIELD, 1, 0, "switches")
    ]
    assert _lab(("pru-01-s05", "pru-01-s06", "pru-01-n01"), *lines, nic_affinity=Affinity.SWITCH) == []


def test_at_least_the_asked_rails_are_near() -> None:
    lines, cards = ((L40S, 2), (NIC, 2)), ("pru-01-s01", "pru-01-s02")
    asked = {"nic_affinity": Affinity.PRU, "rails": 2}

    assert _lab((*cards, "pru-01-n01", "pru-02-n01"), *lines, **asked) == [("NIC_AFFINITY", FIELD, 2, 1, "NICs")]
    assert _lab((*cards, "pru-01-n01", "pru-01-n02"), *lines, **asked) == []


def test_without_a_line_of_nics_one_is_proposed() -> None:
    request = ask(group((L40S, 2), nic_affinity=Affinity.PRU), pool="lab")
    case, draft = drafted(lab(), request, ("host-01", "pru-01-s01", "pru-01-s02"))

    (refusal,) = nic_affinity.RULE.violations(case, draft)

    assert (refusal.need, refusal.have, refusal.unit) == (1, 0, "NICs")
    assert [(one.kind, one.value) for one in refusal.suggestions] == [("line", NIC)]


def test_without_accelerators_nothing_has_to_be_near() -> None:
    assert _lab(("pru-01-n01",), (NIC, 1), nic_affinity=Affinity.SWITCH) == []
    assert _lab((), nic_affinity=Affinity.SWITCH) == []


@pytest.mark.parametrize(("rails", "is_refused"), [(8, False), (9, True)])
def test_a_fixed_system_has_its_own(rails: int, is_refused: bool) -> None:
    # Eight NICs are built into each of the pod's systems.
    request = ask(group((SXM, 8), nic_affinity=Affinity.PRU, rails=rails), pool="pod")

    found = broken(nic_affinity.RULE, pod(), request, ("sys-hgx-01", *run("sys-hgx-01-s", 1, 8)))

    assert found == [("NIC_AFFINITY", FIELD, 9, 8, "NICs")] * is_refused
