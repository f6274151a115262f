"""How one would plan without an index: read every row that holds, and sweep over all of them for each window."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from portal.bench.filling import Ids
from portal.bench.worlds import World
from scheduler.models import Allocation
from scheduler.requests import ReservationRequest

Row = tuple[int | None, int | None, datetime, datetime]  # block, host, busy from, busy until
Free = Mapping[tuple[str, str], int]  # device class and zone → free


def rows_of(world: World) -> Sequence[Row]:
    """Every row that holds, as the ORM reads it."""
    found = Allocation.objects.filter(pool=world.pool, is_holding=True).values_list("block_id", "host_id", "during")
    return [(block, host, during.lower, during.upper) for block, host, during in found]


def plan(world: World, ids: Ids, request: ReservationRequest) -> object:
    """Host and blocks for a request of one node: the first free ones of one zone. None if there are none."""
    window = request.window
    begin, end = window.starts_at, window.ends_at
    blocks, hosts = _busy(rows_of(world), begin, end)
    (line,) = request.mix.groups[0].lines
    for host in world.topology.hosts.values():
        if host.is_usable and not host.is_fixed and ids[1][host.code] not in hosts:
            fitting = [
                block.code
                for block in world.topology.blocks.values()
                if block.device_class == line.device_class
                and block.zone == host.zone
                and block.is_usable
                and ids[0][block.code] not in blocks
            ]
            if len(fitting) >= line.count:
                return host.code, fitting[: line.count]
    return None


def free(world: World, ids: Mapping[str, int], rows: Sequence[Row], begin: datetime, end: datetime) -> Free:
    """Free blocks of every class in every zone over a window, from rows that were read before."""
    blocks, _ = _busy(rows, begin, end)
    counts: dict[tuple[str, str], int] = {}
    for block in world.topology.blocks.values():
        if block.pru is not None:
            key = (block.device_class, block.zone or "")
            counts[key] = counts.get(key, 0) + (block.is_usable and ids[block.code] not in blocks)
    return counts


def _busy(rows: Sequence[Row], begin: datetime, end: datetime) -> tuple[set[int], set[int]]:
    overlapping = [(block, host) for block, host, starts, ends in rows if starts < end and begin < ends]
    return {block for block, _ in overlapping if block}, {host for _, host in overlapping if host}
