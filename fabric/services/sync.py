"""Load a device catalogue and a pool file into rows. Again with the same files: nothing changes.

What a file no longer names is marked (MISSING, or not present) and never deleted: allocations and history speak of it.
"""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from django.db import transaction

from fabric.catalogue import Catalogue
from fabric.models import DeviceClass, FabricManager, Host, Network, Pool, Pru, Rack, Zone
from fabric.pools import ParsedPool, load_pool
from fabric.pools.loading import FOLDER
from fabric.services._presence import follow_hosts, mark_fixtures
from fabric.services._settle import BATCH, Settled, settle
from fabric.services._sync_blocks import settle_blocks
from fabric.services.generation import move_generation

DRIVER = "emulator"  # what a pool file describes is emulated until an operator names a real fabric manager
MUTATIONS_MAX = 4


def sync_pool_file(*, path_or_name: str | Path, now: datetime) -> Pool:
    """The pool, its rows as the file has them. Moves the generation if anything changed. Raises FileRefused."""
    return sync_pool(parsed=load_pool(path_or_name), now=now)


@transaction.atomic
def sync_pool(*, parsed: ParsedPool, now: datetime) -> Pool:
    """Lock order: pools by id (all of them if the catalogue changed), this pool, then its units by id."""
    sync_catalogue(catalogue=parsed.catalogue)
    pool, is_changed = _settled_pool(parsed)
    managers = settle(FabricManager, pool=pool, wanted=_managers(parsed), at_first=_first_managers(parsed))
    zones = settle(Zone, pool=pool, wanted=_zones(parsed, managers))
    racks = settle(Rack, pool=pool, wanted={one.code: _columns(one, is_present=True) for one in parsed.racks})
    networks = settle(Network, pool=pool, wanted={one.code: _columns(one, is_present=True) for one in parsed.networks})
    hosts = settle(Host, pool=pool, wanted=_hosts(parsed, racks, zones))
    prus = settle(Pru, pool=pool, wanted=_prus(parsed, racks, zones))
    changes = [is_changed, *(part.is_changed for part in (managers, zones, racks, networks, hosts, prus))]
    changes += [mark_fixtures(gone=part.gone) for part in (zones, racks, networks, prus)]
    changes.append(follow_hosts(pool=pool, gone=hosts.gone, present=hosts.ids.values()))
    changes.append(settle_blocks(pool=pool, parsed=parsed, hosts=hosts, prus=prus, zones=zones))
    if any(changes):
        move_generation(pool_ids=[pool.id])
    Pool.objects.filter(id=pool.id).update(synced_at=now)
    pool.refresh_from_db()
    return pool


@transaction.atomic
def sync_catalogue(*, catalogue: Catalogue) -> bool:
    """Whether any class changed; then every pool's generation moves, because all of them plan with it.

    A class the catalogue no longer names stays: blocks of other pools may be of it.
    """
    there = {row.code: row for row in DeviceClass.objects.all()}
    rows = [
        DeviceClass(
            code=entry.code,
            name=entry.name,
            vendor=entry.vendor,
            kind=entry.kind,
            poolability=entry.poolability,
            tdp_w=entry.tdp_w,
            memory_gib=entry.memory_gib,
            rate_usd_per_hour=entry.rate_usd_per_hour,
            facts=dict(entry.entry),
        )
        for _, entry in sorted(catalogue.entries.items())
    ]
    names = [field.attname for field in DeviceClass._meta.concrete_fields if field.attname not in {"id", "code"}]
    changed = [row for row in rows if row.code not in there or _differs(row, there[row.code], names)]
    if changed:
        move_generation(pool_ids=list(Pool.objects.values_list("id", flat=True)))
        DeviceClass.objects.bulk_create(
            changed, batch_size=BATCH, update_conflicts=True, unique_fields=["code"], update_fields=names
        )
    return bool(changed)


def _differs(wanted: DeviceClass, there: DeviceClass, names: list[str]) -> bool:
    return any(getattr(wanted, name) != getattr(there, name) for name in names)


def _settled_pool(parsed: ParsedPool) -> tuple[Pool, bool]:
    """The pool's row, locked."""
    columns = {
        "name": parsed.name,
        "time_zone": parsed.time_zone,
        "currency": parsed.currency,
        "policy": dict(parsed.policy),
        "simulation": dict(parsed.simulation),
        "source": _source(parsed.source),
    }
    Pool.objects.get_or_create(code=parsed.code, defaults=columns)
    pool = Pool.objects.select_for_update(no_key=True).get(code=parsed.code)
    is_changed = any(getattr(pool, name) != value for name, value in columns.items())
    if is_changed:
        Pool.objects.filter(id=pool.id).update(**columns)
    return pool, is_changed


def _source(path: Path) -> str:
    """A shipped pool by its name, which stays the same wherever the portal is installed."""
    return path.name if path.parent == FOLDER else str(path.resolve())


def _columns(parsed: object, **more: object) -> dict[str, object]:
    """A parsed part's fields are named as the columns are."""
    fields = asdict(parsed)  # type: ignore[call-overload]  # every parsed part is a dataclass
    del fields["code"]
    return {**fields, **more}


def _managers(parsed: ParsedPool) -> dict[str, dict[str, object]]:
    return {one.code: {"medium": one.medium, "planes": [dict(plane) for plane in one.planes]} for one in parsed.fabrics}


def _first_managers(parsed: ParsedPool) -> dict[str, dict[str, object]]:
    return {one.code: {"driver": DRIVER, "max_parallel_mutations": MUTATIONS_MAX} for one in parsed.fabrics}


def _zones(parsed: ParsedPool, managers: Settled[FabricManager]) -> dict[str, dict[str, object]]:
    return {one.code: {"fabric_manager_id": managers.ids[one.fabric], "is_present": True} for one in parsed.zones}


def _hosts(parsed: ParsedPool, racks: Settled[Rack], zones: Settled[Zone]) -> dict[str, dict[str, object]]:
    found = {}
    for one in parsed.hosts:
        columns = _columns(one, rack_id=racks.ids[one.rack], zone_id=zones.ids[one.zone] if one.zone else None)
        del columns["rack"], columns["zone"]
        found[one.code] = columns
    return found


def _prus(parsed: ParsedPool, racks: Settled[Rack], zones: Settled[Zone]) -> dict[str, dict[str, object]]:
    found = {}
    for one in parsed.prus:
        columns = _columns(one, rack_id=racks.ids[one.rack], zone_id=zones.ids[one.zone], is_present=True)
        del columns["rack"], columns["zone"]
        found[one.code] = columns
    return found
