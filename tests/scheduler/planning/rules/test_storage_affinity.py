from scheduler.planning.rules import storage_affinity
from scheduler.requests import Affinity
from tests.scheduler.planning.drafting import broken, drafted, run
from tests.shipped import lab, pod
from tests.worlds import ask, group

L40S, DRIVE, SXM = "nvidia-l40s-48gb", "kioxia-cm7-r-15tb", "nvidia-h200-sxm5-141gb"
FIELD = "mix[0].placement.storage_affinity"


def _pod(affinity: Affinity, *blocks: str):
    request = ask(group((L40S, 2), (DRIVE, 1), storage_affinity=affinity), pool="pod")
    return broken(storage_affinity.RULE, pod(), request, ("host-01", *blocks))


def test_a_drive_in_the_pru_of_the_accelerators_is_near() -> None:
    assert _pod(Affinity.PRU, "pru-01-s01", "pru-01-s02", "pru-02-b01") == [("GDS_AFFINITY", FIELD, 1, 0, "PRUs")]
    assert _pod(Affinity.PRU, "pru-01-s01", "pru-01-s02", "pru-01-b08") == []


def test_a_drive_on_their_switch_is_nearer() -> None:
    # In the pod's PRUs bays 1 and 2 are on sw0 with slots 1 to 4, bay 3 is on sw1.
    assert _pod(Affinity.SWITCH, "pru-01-s01", "pru-01-s02", "pru-01-b03") == [
        ("GDS_AFFINITY", FIELD, 1, 0, "switches")
    ]
    assert _pod(Affinity.SWITCH, "pru-01-s01", "pru-01-s02", "pru-01-b02") == []


def test_the_weaker_wish_is_proposed() -> None:
    request = ask(group((L40S, 2), (DRIVE, 1), storage_affinity=Affinity.SWITCH), pool="pod")
    case, draft = drafted(pod(), request, ("host-01", "pru-01-s01", "pru-01-s02", "pru-01-b03"))

    (refusal,) = storage_affinity.RULE.violations(case, draft)

    assert [(one.kind, one.value) for one in refusal.suggestions] == [("affinity", "pru")]


def test_without_a_line_of_drives_one_is_proposed() -> None:
    request = ask(group((L40S, 1), storage_affinity=Affinity.PRU), pool="lab")
    case, draft = drafted(lab(), request, ("host-01", "pru-01-s01"))

    (refusal,) = storage_affinity.RULE.violations(case, draft)

    assert (refusal.need, refusal.have, refusal.unit) == (1, 0, "drives")
    assert [(one.kind, one.value) for one in refusal.suggestions] == [("line", DRIVE)]


def test_a_fixed_system_has_none_that_anybody_knows_of() -> None:
    request = ask(group((SXM, 8), storage_affinity=Affinity.PRU), pool="pod")

    assert broken(storage_affinity.RULE, pod(), request, ("sys-hgx-01", *run("sys-hgx-01-s", 1, 8))) == [
        ("GDS_AFFINITY", FIELD, 1, 0, "drives")
    ]
