"""What one node holds for one padded window, with its units as bits of a shape: what a timeline is made of. Pure.

Instants are whole microseconds since 1970, because a hundred thousand of them are compared often.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from scheduler.planning.plan import Plan
from scheduler.planning.shape import Shape
from scheduler.planning.snapshot import Commitment
from scheduler.states import Priority

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS_A_DAY = 86_400
_NO_WATTS: Mapping[int, int] = {}


@dataclass(frozen=True, slots=True)
class Stay:
    """`watts` are those of bits that are held below their TDP; `network`, `rails` and `planes` are of its host.

    A maintenance keeps its units from everybody and is nothing more: nobody composes them, so that they draw what they
    draw at rest (rule R14), take no port, and count for no project. `reservation` is then its own code.
    """

    reservation: str
    project: str
    node: int
    host: str
    begin: int
    end: int
    bits: tuple[int, ...]
    strangers: tuple[tuple[bool, str], ...] = ()  # units the shape does not know
    watts: Mapping[int, int] = field(default_factory=lambda: _NO_WATTS)
    network: str = ""
    rails: int = 0
    planes: tuple[tuple[str, str], ...] = ()  # PRU and plane of each link
    is_maintenance: bool = False
    priority: Priority = Priority.NORMAL
    is_above_floor: bool = False

    @property
    def mask(self) -> int:
        mask = 0
        for bit in self.bits:
            mask |= 1 << bit
        return mask


def to_instant(moment: datetime) -> int:
    """Of an aware moment in any zone."""
    since = moment - EPOCH
    return (since.days * _SECONDS_A_DAY + since.seconds) * 1_000_000 + since.microseconds


def to_moment(instant: int) -> datetime:
    return EPOCH + timedelta(microseconds=instant)


def stays_of(shape: Shape, commitments: Iterable[Commitment]) -> list[Stay]:
    """Commitments of one node and one window become one stay; a host on a network has one of its own."""
    together: defaultdict[tuple[object, ...], list[Commitment]] = defaultdict(list)
    for one in commitments:
        network = (one.network, one.rails, one.planes) if one.is_host else ("", 0, ())
        span = (one.busy_from, one.busy_until, one.is_maintenance)
        standing = (one.priority, one.is_above_floor)
        key = (one.reservation, one.project, one.node, one.host, *span, *standing, *network)
        together[key].append(one)
    return [_stay(shape, ones) for ones in together.values()]


def stays_of_plan(
    shape: Shape, plan: Plan, *, reservation: str, project: str, priority: Priority = Priority.NORMAL
) -> list[Stay]:
    """What committing a plan leaves behind. Raises KeyError for a unit the shape does not know."""
    begin, end = to_instant(plan.busy_from), to_instant(plan.busy_until)
    made = []
    for node in plan.nodes:
        capped = {
            shape.bit_of[False, block]: setting.power_cap_w
            for block, setting in node.settings.items()
            if setting.power_cap_w is not None
        }
        one = Stay(
            reservation=reservation,
            project=project,
            node=node.index,
            host=node.host,
            begin=begin,
            end=end,
            bits=(shape.bit_of[True, node.host], *(shape.bit_of[False, block] for block in node.blocks)),
            watts=capped or _NO_WATTS,
            network=node.network,
            rails=node.rails,
            planes=tuple(sorted(node.planes.items())),
            priority=priority,
        )
        made.append(one)
    return made


def stay_of_maintenance(
    shape: Shape, units: Iterable[tuple[bool, str]], *, code: str, begin: datetime, end: datetime
) -> Stay:
    """Units (is it a host, code) out of service from begin to end. Raises KeyError for one the shape does not know."""
    bits = tuple(sorted(shape.bit_of[unit] for unit in units))
    return Stay(code, "", 0, "", to_instant(begin), to_instant(end), bits, is_maintenance=True)


def commitments_of(shape: Shape, stay: Stay) -> Iterator[Commitment]:
    """The inverse."""
    begin, end = to_moment(stay.begin), to_moment(stay.end)
    known = ((shape.keys[bit], stay.watts.get(bit)) for bit in stay.bits)
    for (is_host, code), watts in (*known, *((key, None) for key in stay.strangers)):
        one = Commitment(
            stay.reservation,
            stay.project,
            code,
            is_host,
            stay.node,
            begin,
            end,
            host=stay.host,
            watts=watts,
            priority=stay.priority,
            is_above_floor=stay.is_above_floor,
            is_maintenance=stay.is_maintenance,
        )
        yield replace(one, network=stay.network, rails=stay.rails, planes=stay.planes) if is_host else one


def _stay(shape: Shape, ones: list[Commitment]) -> Stay:
    first = next((one for one in ones if one.is_host), ones[0])
    bits = [(shape.bit_of.get((one.is_host, one.unit)), one) for one in ones]
    return Stay(
        reservation=first.reservation,
        project=first.project,
        node=first.node,
        host=first.host,
        begin=to_instant(first.busy_from),
        end=to_instant(first.busy_until),
        bits=tuple(bit for bit, _ in bits if bit is not None),
        strangers=tuple((one.is_host, one.unit) for bit, one in bits if bit is None),
        watts={bit: one.watts for bit, one in bits if bit is not None and one.watts is not None} or _NO_WATTS,
        network=first.network if first.is_host else "",
        rails=first.rails if first.is_host else 0,
        planes=first.planes if first.is_host else (),
        is_maintenance=first.is_maintenance,
        priority=first.priority,
        is_above_floor=first.is_above_floor,
    )
