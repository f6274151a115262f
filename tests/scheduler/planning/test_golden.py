"""Plans as text for people to review: `tests/golden/<pool>_<name>.txt`.

A change of plan is a change of a file, and is looked at. Write them anew with `GOLDEN=write` in the environment, and
read the difference.
"""

import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from scheduler.planning.admission import decide
from scheduler.planning.plan import NodePlan, Plan, Setting
from scheduler.planning.pricing import price_of_plan, watts
from scheduler.refusals import Refused
from scheduler.requests import Affinity, Group, Line, Spread
from tests.shipped import lab, pod
from tests.worlds import ask, commitments_of, group, snapshot

FOLDER = Path(__file__).parents[2] / "golden"
H100, H200, L40S, A100 = "nvidia-h100-nvl-94gb", "nvidia-h200-nvl-141gb", "nvidia-l40s-48gb", "nvidia-a100-pcie-80gb"
NVME, NIC = "kioxia-cm7-r-15tb", "nvidia-connectx-7-400g"


def _lines(*lines: Line, role: str, **facts: Any) -> Group:
    return replace(group(role=role, **facts), lines=lines)


DAYS: dict[str, list[tuple[Group, ...]]] = {
    "lab_a_full_day": [
        (group((H100, 4), (NVME, 2), role="serve"),),
        (group((A100, 2), role="notebook"),),
        (group((H100, 3), role="odd"),),
        (group((L40S, 2), nodes=2, role="batch"),),
        (group((H100, 4)),),
        (group((L40S, 12)),),
    ],
    "lab_one_node_of_everything": [(group((L40S, 9), (H100, 8), (A100, 4)),)],
    "pod_prefill_and_decode": [
        (group((H100, 4), role="prefill", same_pru=True), group((H200, 4), (NVME, 1), nodes=2, role="decode")),
        (group((H200, 32), role="large"),),
        (group((H200, 33), role="too large"),),
    ],
    "pod_fixed_systems": [
        (group(("nvidia-h200-sxm5-141gb", 4)),),
        (group(("nvidia-h200-sxm5-141gb", 8)),),
        (group(("nvidia-h200-sxm5-141gb", 1)),),
        (group(("amd-mi325x-256gb", 8)),),
        (group(("amd-mi325x-256gb", 4)),),
    ],
    "pod_switches_and_pairs": [
        (group((H100, 4), (NIC, 1), nodes=3, role="rank", same_switch=True),),
        (group((H100, 6), role="pairs"),),
        (group((H100, 1), role="single", allow_bridge_split=True),),
        (group((H100, 1), role="other half", allow_bridge_split=True),),
    ],
    "lab_selectors_slices_and_caps": [
        (_lines(Line("", 2, selector="device.kind == 'gpu' && device.memory_gib >= 80"), role="the cheapest"),),
        (_lines(Line(A100, 3, profile="3g.40gb"), Line(A100, 2, profile="1g.10gb"), role="three cards cut"),),
        (_lines(Line("", 4, first_of=(Line(A100, 4), Line(L40S, 4, power_cap_w=250))), role="second best"),),
        (group(nodes=1, role="no devices"), _lines(Line("", 1, selector="device.has_rdma"), role="any NIC")),
    ],
    "lab_mixed_classes": [(_lines(Line("", 13, selector="device.memory_gib >= 48"), role="no class has 13"),)],
    "pod_joined_by_rdma": [
        (
            group((H100, 4), nodes=2, role="prefill", network="rdma-1", rails=1, p2p=True),
            group((H200, 4), (NVME, 2), nodes=2, role="decode", network="rdma-1", rails=1, spread=Spread.RACK),
        ),
        (group((H100, 4), role="three rails", network="rdma-1", rails=3),),
        (group((L40S, 4), (NIC, 1), (NVME, 1), role="near", nic_affinity=Affinity.PRU, storage_affinity=Affinity.PRU),),
        (group((L40S, 17), role="two PRUs"),),
        (group(("cxl-memory-256gb", 2), ("dmatrix-corsair", 2), role="CXL"),),
    ],
}


@pytest.mark.parametrize("name", sorted(DAYS))
def test_the_plans_are_those_that_were_reviewed(name: str) -> None:
    told = _tell(name)
    path = FOLDER / f"{name}.txt"
    if os.environ.get("GOLDEN") == "write":
        path.write_text(told, encoding="utf-8")

    assert told == path.read_text(encoding="utf-8")


def test_every_reviewed_file_has_its_day() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.txt")) == sorted(DAYS)


def _tell(name: str) -> str:
    """One reservation after the other in the same window, each in the world the earlier ones left."""
    pool = name.partition("_")[0]
    world, held, told = lab() if pool == "lab" else pod(), [], []
    for nth, groups in enumerate(DAYS[name], 1):
        told.append(f"{nth}. {'; '.join(_asked(one) for one in groups)}")
        try:
            plan = decide(request=ask(*groups, pool=pool), snapshot=snapshot(world, commitments=held))
        except Refused as refused:
            told += _refusals(refused)
        else:
            told += _plan(plan, world)
            held += commitments_of(plan, reservation=f"r-{nth}")
        told.append("")
    return "\n".join(told)


def _asked(one: Group) -> str:
    lines = " + ".join(_line(line) for line in one.lines) or "a host alone"
    asked = asdict(one.placement)
    wishes = [name if asked[name] is True else f"{name}={asked[name]}" for name in asked if asked[name]]
    return " ".join([*([one.role + ":"] if one.role else []), f"{one.nodes} × ({lines})", *wishes])


def _line(line: Line) -> str:
    if line.first_of:
        return " else ".join(_line(other) for other in line.first_of)
    slices = f" as {line.profile}" if line.profile else ""
    cap = f" at {line.power_cap_w} W" if line.power_cap_w else ""
    return f"{line.count} × {line.device_class or '[' + line.selector + ']'}{slices}{cap}"


def _plan(plan: Plan, world) -> list[str]:
    price = price_of_plan(plan=plan, topology=world)
    told = [text for node in plan.nodes for text in _node(node)]
    unpriced = f", not priced: {', '.join(price.not_priced)}" if price.not_priced else ""
    return [
        *told,
        *(f"   {warning}" for warning in plan.warnings),
        f"   {watts(plan=plan, topology=world):,} W, {price.usd} USD for {price.hours.normalize()} h{unpriced}",
    ]


def _node(node: NodePlan) -> list[str]:
    """The node, then only what is out of the ordinary: links over more than one PRU, settings, the network."""
    told = [f"   {node.index} {node.role or '-'} on {node.host}: {_runs(node.blocks) or 'no blocks'}"]
    if node.paths is not None and node.paths.pairs:
        pairs = ", ".join(f"{count} {name}" for name, count in node.paths.pairs.items())
        told.append(f"     pairs {pairs}; devices over links {node.paths.oversubscription}")
    if len(node.planes) > 1:
        told.append(f"     planes {', '.join(f'{pru} {plane}' for pru, plane in sorted(node.planes.items()))}")
    told += [f"     {block} set to {_setting(setting)}" for block, setting in sorted(node.settings.items())]
    return [*told, *([f"     {node.rails} rails of {node.network}, {_carried(node)} Gb/s"] if node.network else [])]


def _carried(node: NodePlan) -> int:
    return node.paths.network_gbit_per_s if node.paths else 0


def _setting(setting: Setting) -> str:
    layout = " + ".join(f"{count} × {profile}" for profile, count in setting.layout.items())
    return layout or f"{setting.power_cap_w} W"


def _runs(blocks: tuple[str, ...]) -> str:
    """pru-01-s01..s04 is shorter to read than its four."""
    runs: list[list[str]] = []
    for block in blocks:
        if runs and runs[-1][-1][:-2] == block[:-2] and int(runs[-1][-1][-2:]) + 1 == int(block[-2:]):
            runs[-1].append(block)
        else:
            runs.append([block])
    return " ".join(run[0] if len(run) == 1 else f"{run[0]}..{run[-1].rpartition('-')[2]}" for run in runs)


def _refusals(refused: Refused) -> list[str]:
    told = [f"   {one.code} {one.field} need {one.need} have {one.have}: {one.message}" for one in refused.refusals]
    return [*told, *(f"   or: {one.message}" for one in refused.alternatives)]
