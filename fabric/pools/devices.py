"""A catalogue id in a pool file, resolved."""

from fabric.catalogue import Catalogue, CatalogueEntry
from fabric.filing import Spot
from fabric.topology import POOLABLE


def device_at(spot: Spot, catalogue: Catalogue) -> CatalogueEntry:
    entry = catalogue.entries.get(spot.value) if isinstance(spot.value, str) else None
    if entry is None:
        spot.refuse("a device id of the catalogue")
    return entry


def poolable_at(spot: Spot, catalogue: Catalogue, *, among: frozenset[str] = POOLABLE) -> CatalogueEntry:
    """A device that may be a block here. Refuses one that is sold whole, or whose TDP nobody published."""
    entry = device_at(spot, catalogue)
    if entry.poolability not in among:
        spot.refuse(f"a device that is {' or '.join(sorted(among))}", found=f"{entry.code}, {entry.poolability}")
    if not entry.is_poolable:
        spot.refuse("a device with a published tdp_w", found=entry.code)
    return entry


def watts_of(catalogue: Catalogue, code: str) -> int:
    """TDP, 0 where none is published."""
    return catalogue.entries[code].tdp_w or 0
