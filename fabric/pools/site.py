"""What the readers of one pool file share: its catalogue, templates, racks, fabrics and zones."""

from collections.abc import Mapping
from dataclasses import dataclass

from fabric.catalogue import Catalogue
from fabric.filing import Fields
from fabric.pools.fabrics import Seat, Zones
from fabric.pools.parsed import ParsedFabric, ParsedRack
from fabric.pools.templates import Templates


@dataclass(frozen=True, slots=True)
class Site:
    pool: str
    catalogue: Catalogue
    templates: Templates
    racks: Mapping[str, ParsedRack]
    fabrics: Mapping[str, ParsedFabric]
    zones: Zones

    def standing(self, fields: Fields, *, height_u: int) -> tuple[str, int]:
        """Rack and lowest unit of a machine. Raises FileRefused for an unknown rack or a unit outside it."""
        rack = self.racks[fields.choice("chassis", set(self.racks))]
        return rack.code, fields.integer("unit", least=1, most=rack.height_u - height_u + 1)


def seat_of(fields: Fields, seats: Mapping[str, Seat]) -> Seat:
    code = fields.code("id")
    if code not in seats:
        fields.at("id").refuse("a member of one of resource_zones", found=f"{code}, in none")
    return seats[code]
