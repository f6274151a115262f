"""Plans as text for people to review: `tests/golden/<pool>_<name>.txt`.

A change of plan is a change of a file, and is looked at. Write them anew with `GOLDEN=write` in the environment, and
read the difference.
"""

import os
from pathlib import Path

import pytest

from scheduler.planning.admission import decide
from scheduler.planning.plan import Plan
from scheduler.planning.pricing import price_of_plan, watts
from scheduler.refusals import Refused
from scheduler.requests import Group
from tests.shipped import lab, pod
from tests.worlds import ask, commitments_of, group, snapshot

FOLDER = Path(__file__).parents[2] / "golden"
H100, H200, L40S, A100 = "nvidia-h100-nvl-94gb", "nvidia-h200-nvl-141gb", "nvidia-l40s-48gb", "nvidia-a100-pcie-80gb"
NVME, NIC = "kioxia-cm7-r-15tb", "nvidia-connectx-7-400g"

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
    lines = " + ".join(f"{line.count} × {line.device_class}" for line in one.lines)
    flags = [name for name in ("same_pru", "same_switch", "allow_bridge_split") if getattr(one.placement, name)]
    return " ".join([*([one.role + ":"] if one.role else []), f"{one.nodes} × ({lines})", *flags])


def _plan(plan: Plan, world) -> list[str]:
    price = price_of_plan(plan=plan, topology=world)
    told = [f"   {node.index} {node.role or '-'} on {node.host}: {_runs(node.blocks)}" for node in plan.nodes]
    unpriced = f", not priced: {', '.join(price.not_priced)}" if price.not_priced else ""
    return [
        *told,
        f"   {watts(plan=plan, topology=world):,} W, {price.usd} USD for {price.hours.normalize()} h{unpriced}",
    ]


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
