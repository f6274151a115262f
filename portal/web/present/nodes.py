"""The nodes of one reservation in words: host, devices with slot, serial and PCI id, and how each is reached."""

from dataclasses import dataclass
from datetime import datetime

from fabric.states import UNUSABLE
from portal.web.present.failures import trouble_of
from portal.web.present.picture_words import path_words
from portal.web.present.states import UNIT_PILLS, Pill
from portal.web.present.steps import TryView, try_view
from portal.web.present.words import NBSP, plural, setting_words, slot_words
from scheduler.planning.plan import Setting
from scheduler.queries.reservation_detail import BlockDetail, NodeDetail, ReservationDetail
from scheduler.states import FINAL, LIVE, ReservationState

_R = ReservationState


@dataclass(frozen=True, slots=True)
class BlockView:
    code: str
    name: str
    where: str
    slot: str
    serial: str
    pci_id: str
    pci_address: str
    setting: str  # how the card is cut and capped; "" as it comes
    pill: Pill
    trouble: str  # what is wrong with it while it is in use; "" while nothing is


@dataclass(frozen=True, slots=True)
class NodeView:
    id: str
    title: str
    role: str
    host: str
    model: str
    address: str  # only once access is granted
    links: str  # its network and how its devices are reached; "" where nothing is known
    blocks: tuple[BlockView, ...]
    tries: tuple[TryView, ...]
    facts: str  # all of it as text, to be copied

    @property
    def is_open(self) -> bool:
        """Whether it is being wired or taken apart, or was a moment ago."""
        return any(one.is_open for one in self.tries)


def node_views(detail: ReservationDetail, *, now: datetime) -> tuple[NodeView, ...]:
    state = ReservationState(detail.row.state)
    return tuple(_node(node, detail, state, now) for node in detail.nodes)


def _node(node: NodeDetail, detail: ReservationDetail, state: ReservationState, now: datetime) -> NodeView:
    compositions = [composition for composition in detail.compositions if composition.node == node.index]
    access = compositions[-1].access if compositions and state == _R.ACTIVE else {}
    title = f"Node {node.index + 1}"  # people count from one, the wire from nought
    address = access.get("address") or (node.host_address if access else "")
    blocks = tuple(_block(block, node.settings.get(block.code, Setting()), state=state) for block in node.blocks)
    return NodeView(
        id=f"node-{node.index + 1}",
        title=title,
        role=node.role,
        host=node.host,
        model=node.host_model,
        address=address,
        links=_links(node),
        blocks=blocks,
        tries=tuple(
            try_view(composition, is_last=composition is compositions[-1], now=now)
            for composition in reversed(compositions)
        ),
        facts=_facts(f"{title} {node.role}".strip(), node.host, address, blocks),
    )


def _facts(title: str, host: str, address: str, blocks: tuple[BlockView, ...]) -> str:
    """A line for the node and one a device, with tabs between, as a terminal or a table takes them."""
    lines = ["\t".join(part for part in (title, host, address) if part)]
    for block in blocks:
        facts = (block.code, block.name, block.serial, block.pci_id, block.pci_address, block.setting)
        lines.append("\t".join(fact.replace(NBSP, " ") for fact in facts if fact))
    return "\n".join(lines)


def _links(node: NodeDetail) -> str:
    """`rdma-1, 2 rails · Pairs of accelerators: 6 behind one switch · Links carry 256 Gb/s …`, as in the picture."""
    network = [f"{node.network}, {plural(node.rails, 'rail')}"] if node.network else []
    return " · ".join([*network, *path_words(node.paths)])


def _block(block: BlockDetail, setting: Setting, *, state: ReservationState) -> BlockView:
    """Its physical state matters while it may be wired for us, or keeps it from anybody; else: planned, or returned."""
    if state in LIVE or block.state in UNUSABLE:
        pill = UNIT_PILLS[block.state]
    else:
        pill = Pill("Given back", "quiet") if state in FINAL else Pill("Planned", "info")
    return BlockView(
        code=block.code,
        name=block.device_class_name,
        where=" · ".join(part for part in (block.pru or block.fixed_host, block.switch) if part),
        slot=slot_words(block.slot_kind, block.slot),
        serial=block.serial,
        pci_id=block.pci_id,
        pci_address=block.pci_address,
        setting=setting_words(setting.layout, setting.power_cap_w),
        pill=pill,
        trouble=trouble_of(block) if state == _R.ACTIVE else "",
    )
