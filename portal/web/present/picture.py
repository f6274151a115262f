"""A plan or a reservation as a picture: hosts, links, the PRUs' switches with the blocks, RDMA networks. Pure.

The same picture is drawn of what is not booked yet, of what is being composed, of what is in use and of what was:

    picture = plan_picture(plan, topology=topology, media=media, names=short_class_names())
    picture = detail_picture(detail, wiring=wiring, names=short_class_names())
    {% include "pictures/_picture.html" with picture=picture %}

`portal/web/pictures.py` reads what they need. Only facts are shown: what nobody published is left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from fabric.queries.wiring import Wiring, wiring_of
from fabric.states import UNUSABLE, BlockState, CompositionState
from fabric.topology import BlockFacts, PoolTopology
from portal.web.present.failures import trouble_of
from portal.web.present.picture_boxes import BlockPart, NodePart, node_box
from portal.web.present.picture_shapes import NetworkBox, NodeBox, Picture
from portal.web.present.states import COMPOSITION_PILLS, UNIT_PILLS, Pill
from portal.web.present.words import plural, setting_words
from scheduler.planning.plan import Plan, Setting
from scheduler.queries.reservation_detail import BlockDetail, NodeDetail, ReservationDetail
from scheduler.states import FINAL, LIVE, ReservationState

NODES_OPEN_MAX = 4  # the others are folded under a line that says how many
RAILS_IN_LITTLE_ROOM_MAX = 4
BLOCKS_AT_LARGE_MAX = 32  # in one picture; beyond it the cells are smaller

WOULD_BE_YOURS = Pill("Would be yours", "wait")
PLANNED = Pill("Planned", "info")
GIVEN_BACK = Pill("Given back", "quiet")
NOT_YET = Pill("Not yet", "wait")
FAILING = Pill("Failing", "bad")
_R = ReservationState


def plan_picture(
    plan: Plan, *, topology: PoolTopology, media: Mapping[str | None, str], names: Mapping[str, str]
) -> Picture:
    """Of a plan that nobody holds yet. `media` is by zone, `names` are those of device classes, best short ones."""
    parts = [
        NodePart(
            index=node.index,
            role=node.role,
            host=node.host,
            model=topology.hosts[node.host].template,
            pill=WOULD_BE_YOURS,
            blocks=tuple(
                _planned(topology.blocks[code], node.settings.get(code, Setting()), names) for code in node.blocks
            ),
            planes=node.planes,
            network=node.network,
            rails=node.rails,
            paths=node.paths,
        )
        for node in plan.nodes
    ]
    return _picture(parts, wiring_of(topology, media=media))


def detail_picture(detail: ReservationDetail, *, wiring: Wiring, names: Mapping[str, str]) -> Picture:
    """Of a reservation in any state; the nodes' and blocks' states are those of this moment."""
    state = ReservationState(detail.row.state)
    lacks = [(lack.node, names.get(lack.device_class, lack.device_class)) for lack in detail.shortfall]
    wired = {composition.node: composition.state for composition in detail.compositions}  # the latest of each
    parts = [
        NodePart(
            index=node.index,
            role=node.role,
            host=node.host,
            model=node.host_model,
            pill=_node_pill(state, wired.get(node.index)),
            blocks=tuple(_held(block, node, state, names) for block in node.blocks),
            planes=node.planes,
            network=node.network,
            rails=node.rails,
            paths=node.paths,
            lacks=_lacks(name for index, name in lacks if index == node.index) if state in LIVE else (),
        )
        for node in detail.nodes
    ]
    return _picture(parts, wiring)


def _picture(parts: Iterable[NodePart], wiring: Wiring) -> Picture:
    boxes = tuple(node_box(part, wiring=wiring) for part in parts)
    shown, folded = _joined(boxes[:NODES_OPEN_MAX]), _joined(boxes[NODES_OPEN_MAX:])
    return Picture(
        shown=shown,
        folded=folded,
        fold=f"Show {plural(len(folded), 'more node')}" if folded else "",
        networks=_networks(boxes, wiring),
        is_dense=sum(box.devices for box in boxes) > BLOCKS_AT_LARGE_MAX,
        has_many_rails=any(len(box.rails) > RAILS_IN_LITTLE_ROOM_MAX for box in boxes),
        words=f"{plural(len(boxes), 'node')}, {plural(sum(box.devices for box in boxes), 'device')}",
    )


def _joined(boxes: Sequence[NodeBox]) -> tuple[NodeBox, ...]:
    """The rails of a network run on between two of its nodes that stand below each other, and nowhere else."""
    networks = ["", *(box.network for box in boxes), ""]
    return tuple(
        replace(
            box,
            joins_above=bool(box.network) and networks[nth] == box.network,
            joins_below=bool(box.network) and networks[nth + 2] == box.network,
        )
        for nth, box in enumerate(boxes)
    )


def _networks(boxes: Iterable[NodeBox], wiring: Wiring) -> tuple[NetworkBox, ...]:
    """Those that join some of the nodes, by code."""
    joined: dict[str, list[NodeBox]] = {}
    for box in boxes:
        if box.network:
            joined.setdefault(box.network, []).append(box)
    return tuple(
        NetworkBox(
            code=code,
            words=_network_words(code, wiring),
            nodes=f"joins {plural(len(of_it), 'node')}" if len(of_it) > 1 else "",
        )
        for code, of_it in sorted(joined.items())
    )


def _network_words(code: str, wiring: Wiring) -> str:
    """`RoCEv2, 400 Gb/s a port`."""
    facts = wiring.networks.get(code)
    return f"{facts.protocol}, {facts.port_rate_gbit_per_s:,} Gb/s a port" if facts else ""


def _planned(block: BlockFacts, setting: Setting, names: Mapping[str, str]) -> BlockPart:
    return BlockPart(
        code=block.code,
        name=names.get(block.device_class, block.device_class),
        chassis=block.pru or block.host or "",
        is_pooled=block.pru is not None,
        zone=block.zone,
        switch=block.switch,
        slot_kind=block.slot_kind,
        slot=block.slot,
        pill=WOULD_BE_YOURS,
        setting=setting_words(setting.layout, setting.power_cap_w),
    )


def _held(block: BlockDetail, node: NodeDetail, state: ReservationState, names: Mapping[str, str]) -> BlockPart:
    setting = node.settings.get(block.code, Setting())
    trouble = trouble_of(block) if state == _R.ACTIVE else ""
    return BlockPart(
        code=block.code,
        name=names.get(block.device_class, block.device_class_name),
        chassis=block.pru or block.fixed_host or "",
        is_pooled=block.pru is not None,
        zone=block.zone,
        switch=block.switch,
        slot_kind=block.slot_kind,
        slot=block.slot,
        pill=FAILING if trouble and block.state == BlockState.ATTACHED else _block_pill(block.state, state),
        setting=setting_words(setting.layout, setting.power_cap_w),
        trouble=trouble,
    )


def _block_pill(block: str, state: ReservationState) -> Pill:
    """What is free while its booking is wired or taken apart is not free to anybody: not yet ours, or given back."""
    if block in UNUSABLE:
        return UNIT_PILLS[block]
    if state in FINAL:
        return GIVEN_BACK
    if state not in LIVE:
        return PLANNED
    if block == BlockState.FREE:
        return GIVEN_BACK if state == _R.RELEASING else NOT_YET
    return UNIT_PILLS[block]


def _node_pill(state: ReservationState, composition: str | None) -> Pill:
    if state in FINAL:
        return GIVEN_BACK if composition is not None else Pill("Not wired", "quiet")
    if state not in LIVE:
        return PLANNED
    return COMPOSITION_PILLS[CompositionState(composition)] if composition is not None else NOT_YET


def _lacks(names: Iterable[str]) -> tuple[str, ...]:
    """`1 × H100 NVL` by class."""
    found = list(names)
    return tuple(f"{found.count(name)} × {name}" for name in sorted(set(found)))
