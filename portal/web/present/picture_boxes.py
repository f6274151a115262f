"""One node of a picture: its blocks by chassis, switch and class, its links, its words. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from fabric.queries.wiring import Wiring
from portal.web.present.picture_shapes import BlockBox, ChassisBox, NodeBox, RunBox, SwitchBox
from portal.web.present.picture_words import chassis_words, link_words, network_words, path_words
from portal.web.present.states import Pill
from portal.web.present.words import slot_words
from scheduler.planning.plan import PathReport

_BY_ATTENTION = ("bad", "warn", "busy", "wait", "info", "ok", "free", "quiet")  # of tones; a link has the first


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockPart:
    """A block with its state in words, whichever way it became known."""

    code: str
    name: str
    chassis: str
    is_pooled: bool
    zone: str | None
    switch: str
    slot_kind: str
    slot: int
    pill: Pill
    setting: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePart:
    index: int
    role: str
    host: str
    pill: Pill
    blocks: tuple[BlockPart, ...]
    model: str = ""
    planes: Mapping[str, str] = field(default_factory=dict)
    network: str = ""
    rails: int = 0
    paths: PathReport | None = None
    lacks: tuple[str, ...] = ()


def node_box(part: NodePart, *, wiring: Wiring) -> NodeBox:
    chassis = tuple(_chassis(code, blocks, part, wiring) for code, blocks in _by_chassis(part.blocks))
    title = f"Node {part.index + 1}"  # people count from one, the wire from nought
    network = network_words(part.network, part.rails)
    return NodeBox(
        key=f"node-{part.index + 1}",
        title=title,
        role=part.role,
        host=part.host,
        model=part.model,
        pill=part.pill,
        chassis=chassis,
        network=part.network,
        rails=tuple(range(part.rails)) if part.network else (),
        network_words=network,
        paths=path_words(part.paths),
        lacks=part.lacks,
        devices=len(part.blocks),
        words=(
            f"{title}{f', {part.role}' if part.role else ''}: host {part.host}, {part.pill.label.lower()}.",
            *(chassis_words(box) for box in chassis),
            *(f"Goes without {lack}." for lack in part.lacks),
            *((f"Joined by {network}.",) if network else ()),
        ),
    )


def _by_chassis(blocks: Iterable[BlockPart]) -> list[tuple[str, list[BlockPart]]]:
    found: defaultdict[str, list[BlockPart]] = defaultdict(list)
    for block in sorted(blocks, key=lambda one: (one.chassis, one.switch, one.slot_kind, one.slot)):
        found[block.chassis].append(block)
    return list(found.items())


def _chassis(code: str, blocks: list[BlockPart], part: NodePart, wiring: Wiring) -> ChassisBox:
    is_pooled = blocks[0].is_pooled
    medium = wiring.media.get(blocks[0].zone, "") if is_pooled else ""
    tones = {block.pill.tone for block in blocks}
    return ChassisBox(
        code=code,
        kind="PRU" if is_pooled else "In the host",
        link=link_words(medium, wiring.ports.get(part.host), part.planes.get(code, "")) if is_pooled else (),
        medium=medium,
        tone=min(tones, key=_BY_ATTENTION.index),
        switches=tuple(
            SwitchBox(switch, tuple(_runs(list(of_it))))
            for switch, of_it in groupby(blocks, key=lambda block: block.switch)
        ),
    )


def _runs(blocks: list[BlockPart]) -> Iterable[RunBox]:
    """In the order of the slots they begin with."""
    found: dict[tuple[str, str], list[BlockPart]] = {}
    for block in blocks:
        found.setdefault((block.name, block.setting), []).append(block)
    for (name, setting), alike in found.items():
        counts = Counter(block.pill for block in alike)
        yield RunBox(
            name=name,
            setting=setting,
            blocks=tuple(_block(block) for block in alike),
            states=tuple(
                pill if number == len(alike) else Pill(f"{number} {pill.label.lower()}", pill.tone)
                for pill, number in counts.items()
            ),
            troubles=tuple(f"{block.code}: {block.trouble}" for block in alike if block.trouble),
        )


def _block(block: BlockPart) -> BlockBox:
    where = slot_words(block.slot_kind, block.slot)
    told = (block.code, block.name, where, block.setting, block.pill.label, block.trouble)
    return BlockBox(block.code, where, block.slot, block.pill, title=" · ".join(part for part in told if part))
