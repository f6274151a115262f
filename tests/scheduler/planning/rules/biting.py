"""For every placement rule a world in which it alone refuses, and why, worked out by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from fabric.topology import Policy, PoolTopology
from scheduler.planning.snapshot import HourLimit
from scheduler.refusals import RefusalCode as Code
from scheduler.requests import Affinity, Group, Line, ReservationRequest, Window
from scheduler.states import Priority
from tests.scheduler.planning.drafting import Node, run
from tests.shipped import lab, pod
from tests.worlds import GPU, NOW, POLICY, ask, cards, group, host, ports, pru, taken, topology, window, with_rack

L40S, H100, A100, RTX = (
    "nvidia-l40s-48gb",
    "nvidia-h100-nvl-94gb",
    "nvidia-a100-pcie-80gb",
    "nvidia-rtx-pro-6000-server-96gb",
)
DRIVE, NIC, MODULE, SXM = "kioxia-cm7-r-15tb", "nvidia-connectx-7-400g", "cxl-memory-256gb", "nvidia-h200-sxm5-141gb"


@dataclass(frozen=True)
class Bite:
    """A request and the only hosts and blocks it could be given."""

    world: PoolTopology
    request: ReservationRequest
    nodes: tuple[Node, ...]
    around: Mapping[str, Any] = field(default_factory=dict)

    def reduced(self) -> PoolTopology:
        """The world without the other hosts, every other block out of service."""
        hosts = {node[0]: self.world.hosts[node[0]] for node in self.nodes}
        kept = {code for node in self.nodes for code in node[1:]}
        blocks = {
            code: replace(one, is_usable=code in kept)
            for code, one in self.world.blocks.items()
            if one.pru is not None or one.host in hosts
        }
        return replace(self.world, hosts=hosts, blocks=blocks)


def _lab(request: Group, *nodes: Node, **more: Any) -> Bite:
    return Bite(lab(), ask(request, pool="lab", **more), nodes)


def _pod(request: Group, *nodes: Node) -> Bite:
    return Bite(pod(), ask(request, pool="pod"), nodes)


def _soon(seconds: int) -> Any:
    starts_at = NOW + timedelta(seconds=seconds)
    return replace(window(), starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))


def _two_families() -> Bite:
    """Cards of two makers' drivers on a host that runs one."""
    blocks = [*cards("pru-1", GPU, 1), *cards("pru-1", "gpu-b", 1, first=2)]
    world = topology(hosts=[host("host-1")], prus=[pru("pru-1")], blocks=blocks)
    return Bite(world, ask(group((GPU, 1), ("gpu-b", 1))), (("host-1", "pru-1-s01", "pru-1-s02"),))


def _no_bay_speaks_cxl() -> Bite:
    world = pod()
    plain = replace(world.prus["pru-15"], slot_protocols={"bay": ("PCIe",)})
    world = replace(world, prus={**world.prus, "pru-15": plain})
    return Bite(world, ask(group((MODULE, 1)), pool="pod"), (("host-15", "pru-15-b01"),))


def _uncut() -> Bite:
    """One card that may be cut and one that may not; three slices of 3g.40gb need two."""
    world = lab()
    whole = replace(world.blocks["pru-02-s10"], is_mig_capable=False)
    world = replace(world, blocks={**world.blocks, whole.code: whole})
    request = ask(Group("", 1, (Line(A100, 3, profile="3g.40gb"),)), pool="lab")
    return Bite(world, request, (("host-01", "pru-02-s09", "pru-02-s10"),))


def _weak_slot() -> Bite:
    """A card of 100 W in a slot of 99."""
    chassis = pru("pru-1", slot_max_w={"accelerator": 99, "bay": 25, "nic": 150})
    world = topology(hosts=[host("host-1")], prus=[chassis], blocks=cards("pru-1", GPU, 1))
    return Bite(world, ask(group((GPU, 1))), (("host-1", "pru-1-s01"),))


def _other_plane() -> Bite:
    """Ports on plane-1, uplinks on plane-0."""
    far = host("host-1", ports=ports("plane-1"))
    world = topology(hosts=[far], prus=[pru("pru-1")], blocks=cards("pru-1", GPU, 1))
    return Bite(world, ask(group((GPU, 1))), (("host-1", "pru-1-s01"),))


def _rack(**limits: int) -> Bite:
    """A host of 550 W, a PRU of 300 and 4 GPUs of 100 are 1,250 W."""
    world = topology(hosts=[host("host-1")], prus=[pru("pru-1")], blocks=cards("pru-1", GPU, 4))
    return Bite(with_rack(world, "rack-1", **limits), ask(group((GPU, 4))), (("host-1", *run("pru-1-s", 1, 4)),))


def _tiny(request: Group, when: Window | None = None, policy: Policy = POLICY, **around: Any) -> Bite:
    """One host, one PRU of four GPUs."""
    world = topology(hosts=[host("host-1")], prus=[pru("pru-1")], blocks=cards("pru-1", GPU, 4), policy=policy)
    return Bite(world, ask(request, when=when), (), around)


def _nothing_is_set() -> Bite:
    world = lab()
    blocks = {code: replace(block, is_settable=False) for code, block in world.blocks.items()}
    request = ask(Group("", 1, (Line(A100, 1, profile="3g.40gb"),)), pool="lab")
    return Bite(replace(world, blocks=blocks), request, (("host-01", "pru-02-s09"),))


def _few_may_be_cut() -> Bite:
    world = lab()
    whole = {f"pru-02-s{n}": replace(world.blocks[f"pru-02-s{n}"], is_mig_capable=False) for n in (10, 11, 12)}
    request = ask(Group("", 1, (Line(A100, 3, profile="3g.40gb"),)), pool="lab")
    return Bite(replace(world, blocks={**world.blocks, **whole}), request, ())


BITES: Mapping[Code, Bite] = {
    # host-04 takes four accelerators.
    Code.HOST_SLOT_LIMIT: _lab(group((L40S, 5)), ("host-04", *run("pru-01-s", 1, 5))),
    # 8 × 128 GiB and a drive, whose BAR nobody published, are 1,025; host-02 has 1,024.
    Code.MMIO_EXHAUSTED: _lab(group((H100, 8), (DRIVE, 1)), ("host-02", *run("pru-02-s", 1, 8), "pru-01-b01")),
    # 13 + 14 × 2 = 41; host-04 has 40.
    Code.BUS_EXHAUSTED: _lab(
        group((L40S, 4), (DRIVE, 8), (NIC, 2)),
        ("host-04", *run("pru-01-s", 1, 4), *run("pru-01-b", 1, 8), *run("pru-01-n", 1, 2)),
    ),
    Code.DRIVER_CONFLICT: _two_families(),
    Code.CXL_UNSUPPORTED: _no_bay_speaks_cxl(),
    # host-01 is in zone-a, PRU 11 in zone-b.
    Code.ZONE_MISMATCH: _pod(group((RTX, 1)), ("host-01", "pru-11-s01")),
    # Two of eight are granted as the first and second, or the third and fourth, and so on.
    Code.UNIT_INDIVISIBLE: _pod(group((SXM, 2)), ("sys-hgx-01", "sys-hgx-01-s02", "sys-hgx-01-s03")),
    # Two nodes, one host.
    Code.NO_FREE_HOST: _lab(group((L40S, 1), nodes=2), ("host-01", "pru-01-s01"), ("host-01", "pru-01-s02")),
    # Two rails, and host-01 of the pod has one port.
    Code.RDMA_MISMATCH: _pod(group((L40S, 1), rails=2), ("host-01", "pru-01-s01")),
    # host-04 reboots for 240 s, of which 239 are left.
    Code.NEEDS_REBOOT: _lab(group((L40S, 1)), ("host-04", "pru-01-s01"), when=_soon(239)),
    Code.MIG_LAYOUT: _uncut(),
    Code.SLOT_POWER: _weak_slot(),
    # One card of a bridged pair.
    Code.BRIDGE_SPLIT: _lab(group((H100, 1)), ("host-01", "pru-02-s01")),
    # Slots 4 and 5 are on two switches.
    Code.P2P_PATH: _lab(group((L40S, 2), same_switch=True), ("host-01", "pru-01-s04", "pru-01-s05")),
    Code.NIC_AFFINITY: _lab(
        group((L40S, 1), (NIC, 1), nic_affinity=Affinity.PRU), ("host-01", "pru-01-s01", "pru-02-n01")
    ),
    Code.GDS_AFFINITY: _lab(
        group((A100, 1), (DRIVE, 1), storage_affinity=Affinity.PRU), ("host-01", "pru-02-s09", "pru-01-b01")
    ),
    # Two PRUs; host-04 has one port.
    Code.HOST_FANOUT: _lab(group((L40S, 1), (A100, 1)), ("host-04", "pru-01-s01", "pru-02-s09")),
    # Five hosts at a PRU of four uplinks.
    Code.PRU_FANOUT: _pod(group((L40S, 1), nodes=5), *((f"host-0{n}", f"pru-01-s0{n}") for n in range(1, 6))),
    Code.NO_FABRIC_PORT: _other_plane(),
    Code.RACK_POWER: _rack(budget_w=1_249),
    Code.RACK_COOLING: _rack(cooling_w=1_249),
}

_MOON = "moon-chip"
_HELD = taken("pru-1-s01", host="elsewhere", with_host=False)

# The same of the rules that read the request and the calendar alone, by the name of their function.
REQUESTS: Mapping[str, Bite] = {
    # A start in 58 minutes; 60 are asked for, a minute of which is grace.
    "lead_time": _tiny(group((GPU, 1)), _soon(58 * 60), policy=replace(POLICY, min_lead_minutes=60)),
    # Nine days ahead in a calendar of eight.
    "horizon": _tiny(group((GPU, 1)), window(hours_ahead=9 * 24), policy=replace(POLICY, horizon_days=8)),
    # Three hours; two are the most.
    "duration": _tiny(group((GPU, 1)), window(hours=3), policy=replace(POLICY, max_duration_hours=2)),
    # Two at once; the project may hold one.
    "devices": _tiny(group((GPU, 2)), accelerators_max=1),
    # Whole cards for a project of slices alone.
    "slices_only": _tiny(group((GPU, 1)), mig_only=True),
    # One for two hours; the project may have one device-hour a month.
    "device_hours": _tiny(group((GPU, 1)), limits={"hour_limits": (HourLimit(per_month=1),)}),
    # Low is the highest it may book with.
    "priority": _tiny(group((GPU, 1)), limits={"priority_max": Priority.LOW}),
    # Two hours at 2.50; 4.99 are left.
    "budget": _tiny(group((GPU, 1)), limits={"budget_usd": Decimal("4.99")}),
    "not_poolable": _tiny(group((_MOON, 1)), only={_MOON: "cloud_only"}),
    # Five in a pool of four.
    "unavailable": _tiny(group((GPU, 5))),
    # Four of four, of which somebody has one.
    "busy": _tiny(group((GPU, 4)), commitments=_HELD),
    # Three of a system that is granted in twos, fours and whole.
    "indivisible": _pod(group((SXM, 3)), ("sys-hgx-01", *run("sys-hgx-01-s", 1, 3))),
    "no_such_host": _tiny(group((GPU, 1), host_class="host-big")),
    # 65 cores; every host has 64.
    "none_large_enough": _tiny(group((GPU, 1), host_cores=65)),
    # Three cards of four may not be cut; two of 3g.40gb a card.
    "impossible": _few_may_be_cut(),
    # The fabric of every card can neither cut nor cap it.
    "unsettable": _nothing_is_set(),
    # Three rails; the widest network has two.
    "unserved": _pod(group((L40S, 1), rails=3), ("host-01", "pru-01-s01")),
}
