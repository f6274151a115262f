"""What a sync does with things that left the pool file, came back to it, or stand in it as not in service.

Only what the file itself took away is given back by the file: a unit that an operator cordoned, or that the fabric does
not list, stays so.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from fabric.models import Host, Network, Pool, Pru, Rack, ResourceBlock, Zone
from fabric.pools import ParsedBlock
from fabric.pools.parsed import DeviceState
from fabric.services.units import move_blocks, move_hosts
from fabric.states import BlockState

GONE = "gone from the pool file"
OFFLINE = "unavailable by the pool file"
BACK = "back in the pool file, not yet proven"
AUTHOR = "pool file"
OUT_OF_SERVICE = frozenset({DeviceState.DISABLED, DeviceState.UPDATING})


def first_columns(*, block: ParsedBlock) -> dict[str, object]:
    """How a block that is not in service begins."""
    if block.state in OUT_OF_SERVICE:
        return {"is_cordoned": True, "cordon_reason": _cordon_reason(block), "cordoned_by": AUTHOR}
    return {"state": BlockState.MISSING.value, "state_reason": OFFLINE}


def mark_fixtures(*, gone: Sequence[Zone | Rack | Network | Pru]) -> bool:
    """Whether any was present until now."""
    left = [row for row in gone if row.is_present]
    for row in left:
        type(row)._default_manager.filter(pk=row.pk).update(is_present=False)
    return bool(left)


def follow_hosts(*, pool: Pool, gone: Iterable[Host], present: Collection[int]) -> bool:
    """Whether any host left or came back."""
    moved = [move_hosts(ids=ids, seen=seen, to=BlockState.MISSING, reason=GONE) for seen, ids in _by_state(gone)]
    absent = Host.objects.filter(pool=pool, state=BlockState.MISSING, state_reason=GONE)
    back = {row.pk for row in absent} & set(present)
    moved.append(move_hosts(ids=back, seen=BlockState.MISSING, to=BlockState.QUARANTINED, reason=BACK))
    return any(moved)


def follow_blocks(*, pool: Pool, gone: Iterable[ResourceBlock], parsed: Mapping[int, ParsedBlock]) -> bool:
    """Whether any block left, came back, was cordoned or is no longer. `parsed` is by the id of its row."""
    offline = {block_id for block_id, one in parsed.items() if one.state == DeviceState.UNAVAILABLE_OFFLINE}
    left = ResourceBlock.objects.filter(id__in=offline).exclude(state=BlockState.MISSING)
    moved = [_take(gone, GONE), _take(left, OFFLINE)]
    absent = ResourceBlock.objects.filter(pool=pool, state=BlockState.MISSING, state_reason__in=[GONE, OFFLINE])
    back = {row.pk for row in absent} & (parsed.keys() - offline)
    moved.append(move_blocks(ids=back, seen=BlockState.MISSING, to=BlockState.QUARANTINED, reason=BACK))
    return any([*moved, _follow_cordons(pool, parsed)])


def _take(blocks: Iterable[ResourceBlock], reason: str) -> int:
    return sum(move_blocks(ids=ids, seen=seen, to=BlockState.MISSING, reason=reason) for seen, ids in _by_state(blocks))


def _follow_cordons(pool: Pool, parsed: Mapping[int, ParsedBlock]) -> bool:
    closed = {block_id: _cordon_reason(one) for block_id, one in parsed.items() if one.state in OUT_OF_SERVICE}
    ours = ResourceBlock.objects.filter(pool=pool, is_cordoned=True, cordoned_by=AUTHOR).values_list("id", flat=True)
    in_service = (set(ours) & parsed.keys()) - closed.keys()
    changed = ResourceBlock.objects.filter(id__in=in_service).update(
        is_cordoned=False, cordon_reason="", cordoned_by=""
    )
    for reason in sorted(set(closed.values())):
        ids = [block_id for block_id, why in closed.items() if why == reason]
        open_yet = ResourceBlock.objects.filter(id__in=ids, is_cordoned=False)
        changed += open_yet.update(is_cordoned=True, cordon_reason=reason, cordoned_by=AUTHOR)
    return bool(changed)


def _cordon_reason(block: ParsedBlock) -> str:
    return f"{block.state} by the pool file"


def _by_state(units: Iterable[Host | ResourceBlock]) -> list[tuple[BlockState, list[int]]]:
    """Ids by state, of those that are not missing already."""
    found: dict[BlockState, list[int]] = {}
    for unit in units:
        if unit.state != BlockState.MISSING:
            found.setdefault(BlockState(unit.state), []).append(unit.pk)
    return sorted(found.items())
