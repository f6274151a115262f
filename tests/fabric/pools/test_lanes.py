"""Rule R7: what hangs on the chip of a switch has no more lanes than the chip."""

from pathlib import Path

import pytest

from fabric.filing import FileRefused
from fabric.pools import load_pool
from fabric.pools.loading import FOLDER

LAB = (FOLDER / "lab.yaml").read_text(encoding="utf-8")
SWITCH = "id: sw0, device: broadcom-pex89144, lanes: 144"


def _with(folder: Path, old: str, new: str) -> Path:
    assert LAB.count(old) == 1
    path = folder / "sample.yaml"
    path.write_text(LAB.replace(old, new), encoding="utf-8")
    return path


def _refused(path: Path) -> list[tuple[str, str, str]]:
    with pytest.raises(FileRefused) as caught:
        load_pool(path)
    return [(one.key, one.expected, one.found) for one in caught.value.problems]


def test_a_switch_with_one_lane_too_few_is_refused(tmp_path: Path) -> None:
    """sw0 of the lab's PRU.

    2 uplinks × 16 + 4 slots × 16 + 2 bays × 4 + no NIC + 2 links to other switches × 16 = 136 lanes.
    """
    assert _refused(_with(tmp_path, SWITCH, SWITCH.replace("lanes: 144", "lanes: 135"))) == [
        (
            "templates.prus.pru-12.switches[0].lanes",
            "enough for the 136 lanes that hang on it (LANE_BUDGET)",
            "135",
        )
    ]
    assert load_pool(_with(tmp_path, SWITCH, SWITCH.replace("lanes: 144", "lanes: 136"))).code == "lab"


def test_wider_bays_are_counted(tmp_path: Path) -> None:
    """Bays of 8 lanes: sw0 needs 8 more, 144 in all, which is what it has.

    Beside it 1 uplink, 4 slots, 3 bays of 8, a NIC and 2 links: 16 + 64 + 24 + 16 + 32 = 152.
    """
    path = _with(tmp_path, "bays: {count: 8, generation: 5, lanes: 4", "bays: {count: 8, generation: 5, lanes: 8")

    assert _refused(path) == [
        (
            f"templates.prus.pru-12.switches[{nth}].lanes",
            "enough for the 152 lanes that hang on it (LANE_BUDGET)",
            "144",
        )
        for nth in (1, 2)
    ]


def test_a_cxl_module_stands_only_in_a_bay_that_speaks_cxl(tmp_path: Path) -> None:
    """Rule R20. The pod has one kind of PRU whose bays do."""
    pod = (FOLDER / "pod.yaml").read_text(encoding="utf-8")
    assert pod.count("protocols: [PCIe, CXL2]") == 1
    path = tmp_path / "sample.yaml"
    path.write_text(pod.replace("protocols: [PCIe, CXL2]", "protocols: [PCIe]"), encoding="utf-8")

    assert _refused(path) == [
        ("prus[14].bays[0].device", "bays that speak CXL for it (CXL_UNSUPPORTED)", "cxl-memory-256gb in PCIe")
    ]
    assert load_pool("pod").code == "pod"
