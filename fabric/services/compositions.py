"""Opening the record of one node's wiring, or of a change of it, and asking for its end. The rest is composing's."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from fabric.drivers.base import AS_IT_COMES, CardSetting
from fabric.models import Attachment, Composition, FabricManager, Host, Pool, Resize, ResourceBlock
from fabric.states import COMPOSITION_TRANSITIONS, LIVE_COMPOSITIONS, CompositionState, ResizeState

REASON_CHARS_MAX = 500  # width of the column
RESIZE_REASON_CHARS_MAX = 300


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


@transaction.atomic
def open_resize(
    *,
    composition: Composition,
    adds: Collection[str],
    removes: Collection[str],
    settings: Mapping[str, CardSetting],
    reason: str,
    now: datetime,
) -> Resize:
    """Write down how a node in use shall change, by codes of blocks; nothing is touched.

    `settings` by code of an added block. Raises IntegrityError while another change of the node is open; ValueError for
    a change of nothing, a node that is not in use, or blocks that cannot be meant.
    """
    composition = Composition.objects.select_for_update(no_key=True).get(id=composition.id)
    if composition.state != CompositionState.COMPOSED:
        raise ValueError(f"{composition.tag} is {composition.state}, not in use.")
    if not adds and not removes:
        raise ValueError("A change of nothing.")
    _require_meant(composition, set(adds), set(removes), set(settings))
    return Resize.objects.create(
        composition=composition,
        round=composition.resizes.count() + 1,
        adds=sorted(adds),
        removes=sorted(removes),
        settings={code: asdict(setting) for code, setting in settings.items() if setting != AS_IT_COMES},
        reason=reason[:RESIZE_REASON_CHARS_MAX],
        opened_at=now,
    )


def abandon_resize(*, resize: Resize, now: datetime) -> bool:
    """Give up a change of which nothing has been touched, as after waiting too long; whether it was given up."""
    rows = Resize.objects.filter(id=resize.id, state=ResizeState.OPEN)
    untouched = rows.filter(composition__state=CompositionState.COMPOSED)
    return bool(untouched.update(state=ResizeState.UNDONE, finished_at=now))


def _require_meant(composition: Composition, adds: set[str], removes: set[str], wishes: set[str]) -> None:
    known = set(ResourceBlock.objects.filter(pool=composition.pool_id, code__in=adds).values_list("code", flat=True))
    attached = Attachment.objects.filter(composition=composition, block__code__in=adds, until=None)
    strange = {
        "not of the pool": adds - known,
        "attached to it already": set(attached.values_list("block__code", flat=True)),
        "not of the node": removes - set(composition.blocks.values_list("code", flat=True)),
        "to be added and removed": adds & removes,
        "set, but not added": wishes - adds,
    }
    for problem, codes in strange.items():
        if codes:
            raise ValueError(f"Blocks that are {problem}: {', '.join(sorted(codes))}.")


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
