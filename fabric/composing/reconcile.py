"""Compare a fabric with its rows, write down how they differ, and do what follows as far as rows go.

What is to be done on the fabric becomes a Repair, an intent that `repairing` carries out; what concerns people is given
back to the caller, as acts that are given again with every listing until they are answered.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from fabric.composing import recorded as rows_of
from fabric.composing.answering import Sheet, carry_out
from fabric.composing.differences import Difference, Recorded, compare, stand
from fabric.composing.drifts import Told, open_drifts, standing_of, write
from fabric.composing.repairs import Act, Scene, decide
from fabric.drivers.base import Driver, Inventory
from fabric.models import FabricManager, Pool

PARTIAL = "The listing was not complete: nothing follows from what it left out."
NOBODY = Told(
    found=lambda drift: None, settled=lambda drift: None, unusable=lambda unit, reason: None, offered=lambda unit: None
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """`acts` are left to the caller: they concern people. `lost` are units that became unusable now."""

    differences: tuple[Difference, ...]
    acts: tuple[Act, ...] = ()
    lost: frozenset[tuple[bool, str]] = frozenset()  # whether it is a host, and its code


def reconcile(*, manager: FabricManager, driver: Driver, now: datetime, told: Told = NOBODY) -> Reconciled:
    """List the fabric once and settle what its rows say against it. Raises DriverError; then nothing was written.

    Only what this manager wires is judged. The rows are read before and after the listing; what moved meanwhile is left
    for the next time.
    """
    blocks, hosts = rows_of.recorded(manager=manager), rows_of.recorded_hosts(manager=manager)
    listed = driver.inventory()
    own = {host.code for host in hosts}
    inventory = replace(
        listed,
        machines=tuple(machine for machine in listed.machines if machine.host in own),
        hosts=tuple(host for host in listed.hosts if host.code in own),
    )
    with transaction.atomic():
        Pool.objects.select_for_update(no_key=True).get(id=manager.pool_id)
        if inventory.is_complete and not FabricManager.objects.filter(id=manager.pk, listed_at__isnull=False).exists():
            rows_of.adopt_hardware(manager=manager, inventory=inventory)
        scene, differences = _scene(manager, inventory, blocks, now, told)
        scene = replace(scene, hosts=[host for host in rows_of.recorded_hosts(manager=manager) if host in hosts])
        sheet = Sheet(
            manager=manager,
            rows=scene.rows,
            hosts={host.code: host for host in hosts},
            now=now,
            unusable=told.unusable,
            offered=told.offered,
        )
        left = [act for act in decide(scene) if not carry_out(act=act, sheet=sheet)]
        rows_of.close_stale_attachments(inventory=inventory, rows=scene.rows, manager=manager, now=now)
        _note_listing(manager, inventory, now)
    return Reconciled(differences=differences, acts=tuple(left), lost=frozenset(sheet.lost))


def _scene(
    manager: FabricManager, inventory: Inventory, before: Mapping[str, Recorded], now: datetime, told: Told
) -> tuple[Scene, tuple[Difference, ...]]:
    """Only blocks whose rows did not move while the fabric was listed; what stood against the others goes on."""
    after = rows_of.recorded(manager=manager)
    unsteady = {code for code, row in after.items() if not _is_steady(before.get(code), row)}
    steady = [row for code, row in after.items() if code not in unsteady]
    live_tags, our_tags, frozen = rows_of.names(manager=manager, inventory=inventory)
    differences = compare(inventory=inventory, recorded=steady, live_tags=live_tags, our_tags=our_tags)
    drifts = open_drifts(manager=manager)
    standing = stand(
        before=[standing_of(row) for row in drifts.values()],
        differences=differences,
        compared={row.block.code for row in drifts.values() if row.block} - unsteady,
        is_complete=inventory.is_complete,
        now=now,
    )
    write(manager=manager, rows=drifts, standing=standing, now=now, told=told)
    scene = Scene(
        listing=inventory,
        recorded=steady,
        standing=standing,
        now=now,
        live_tags=live_tags,
        our_tags=our_tags,
        frozen=frozen,
        stood=frozenset(row.block.code for row in drifts.values() if row.block),
        busy=rows_of.busy(manager=manager),
        is_paused=FabricManager.objects.filter(id=manager.pk, is_paused=True).exists(),
    )
    return scene, differences


def _is_steady(before: Recorded | None, after: Recorded) -> bool:
    """What is known of its hardware may have come with this very listing."""
    return before is not None and replace(before, serial=after.serial) == after


def _note_listing(manager: FabricManager, inventory: Inventory, now: datetime) -> None:
    columns = {"listed_at": now, "listing_error": ""} if inventory.is_complete else {"listing_error": PARTIAL}
    FabricManager.objects.filter(id=manager.pk).update(**columns)
