"""Opening the record of one node's wiring, and asking for its end. The wiring itself is `fabric.composing.run`'s."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from fabric.drivers.base import AS_IT_COMES, CardSetting
from fabric.models import Composition, FabricManager, Host, Pool, ResourceBlock
from fabric.states import COMPOSITION_TRANSITIONS, LIVE_COMPOSITIONS, CompositionState

REASON_CHARS_MAX = 500  # width of the column


@transaction.atomic
def open_composition(
    *,
    pool: Pool,
    host: Host,
    blocks: Collection[ResourceBlock],
    owner: str,
    node: int,
    role: str,
    generation: int,
    tag: str,
    now: datetime,
    settings: Mapping[str, CardSetting] | None = None,
) -> Composition:
    """Write the target down; nothing is touched. Again with the same owner, node and generation: the same row.

    `settings` by block code, of the cards that are to be cut or capped. Raises IntegrityError while an earlier
    generation of this node is live: it must be closed first; ValueError for settings of blocks that are not its own.
    """
    wishes = settings or {}
    if strangers := sorted(set(wishes) - {block.code for block in blocks}):
        raise ValueError(f"Settings for blocks of somebody else: {', '.join(strangers)}.")
    composition, is_new = Composition.objects.get_or_create(
        owner=owner,
        node=node,
        generation=generation,
        defaults={
            "pool": pool,
            "fabric_manager": _manager_of(host),
            "host": host,
            "role": role,
            "tag": tag,
            "settings": {code: asdict(setting) for code, setting in wishes.items() if setting != AS_IT_COMES},
            "opened_at": now,
        },
    )
    if is_new:
        composition.blocks.set(blocks)
    return composition


def request_decompose(*, composition: Composition, reason: str) -> bool:
    """Turn a live composition round: whoever composes it now stops and takes it apart; `release_node` may begin.

    Returns whether this call turned it; False if it is being taken apart already, or closed.
    """
    before = [state for state, targets in COMPOSITION_TRANSITIONS.items() if CompositionState.DECOMPOSING in targets]
    turned = Composition.objects.filter(id=composition.id, state__in=before).update(
        state=CompositionState.DECOMPOSING, state_reason=reason[:REASON_CHARS_MAX]
    )
    return bool(turned)


def live_compositions(*, owner: str) -> list[Composition]:
    """What of this owner is not yet proven gone, by node."""
    return list(Composition.objects.filter(owner=owner, state__in=LIVE_COMPOSITIONS).order_by("node", "generation"))


def _manager_of(host: Host) -> FabricManager:
    """The manager of the host's zone; a fixed system in no zone belongs to its pool's first one."""
    if host.zone is not None:
        return host.zone.fabric_manager
    return FabricManager.objects.filter(pool=host.pool_id).order_by("id")[0]
