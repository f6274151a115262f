"""The boxes and lines of a picture, as the template draws them. Pure values."""

from dataclasses import dataclass

from portal.web.present.states import Pill


@dataclass(frozen=True, slots=True)
class BlockBox:
    """One card, drive or NIC: a small cell."""

    code: str
    slot: str  # `slot 4`, `bay 2`, `NIC 1`
    number: int
    pill: Pill
    title: str  # all that is known of it, for who points at it


@dataclass(frozen=True, slots=True)
class RunBox:
    """Blocks of one class, set alike, behind one switch. `states` say how many are in which state."""

    name: str
    setting: str
    blocks: tuple[BlockBox, ...]
    states: tuple[Pill, ...]
    troubles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SwitchBox:
    name: str
    runs: tuple[RunBox, ...]


@dataclass(frozen=True, slots=True)
class ChassisBox:
    """A PRU at the end of a link, or what is built into the host: then there is no link."""

    code: str
    kind: str  # `PRU` or `In the host`
    link: tuple[str, ...]  # `photonic link`, `x16 Gen5`, `plane-0`; nothing for what is built in
    medium: str  # `photonic`, `copper` or ""
    tone: str  # of the link: that of its blocks, the one that asks for most attention
    switches: tuple[SwitchBox, ...]


@dataclass(frozen=True, slots=True)
class NodeBox:
    key: str
    title: str
    role: str
    host: str
    model: str
    pill: Pill
    chassis: tuple[ChassisBox, ...]
    network: str
    rails: tuple[int, ...]  # one line each
    network_words: str
    paths: tuple[str, ...]
    lacks: tuple[str, ...]
    devices: int
    words: tuple[str, ...]  # the whole node in sentences, for who does not see it
    joins_above: bool = False  # the rails run on to the node above, or below
    joins_below: bool = False


@dataclass(frozen=True, slots=True)
class NetworkBox:
    code: str
    words: str
    nodes: str


@dataclass(frozen=True, slots=True)
class Picture:
    """`words` is the whole in one line. Nodes beyond the first few are folded; `fold` says how many."""

    shown: tuple[NodeBox, ...]
    folded: tuple[NodeBox, ...]
    fold: str
    networks: tuple[NetworkBox, ...]
    is_dense: bool
    has_many_rails: bool  # more than fit beside a node in little room
    words: str
