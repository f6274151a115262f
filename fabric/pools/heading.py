"""The head of a pool file: what the pool is called, where its days begin, and which catalogue its devices are from."""

import re
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import available_timezones

from fabric.catalogue import SHIPPED as SHIPPED_CATALOGUE
from fabric.catalogue import Catalogue, load_catalogue
from fabric.filing import Fields, Spot
from fabric.filing.fields import text_of

_CURRENCY = re.compile(r"[A-Z]{3}")  # ISO 4217


@dataclass(frozen=True, slots=True)
class Heading:
    code: str
    name: str
    time_zone: str
    currency: str
    catalogue: Catalogue


def read_heading(fields: Fields, path: Path) -> Heading:
    made = Heading(
        code=fields.code("id"),
        name=fields.text("name"),
        time_zone=_time_zone(fields.at("time_zone")),
        currency=_currency(fields.at("currency")),
        catalogue=_catalogue(fields, path),
    )
    fields.close()
    return made


def beside(spot: Spot, path: Path, *, shipped: Path) -> Path:
    """A file named relative to the pool file; if a copied pool file left it behind, the shipped one of that name."""
    named = Path(text_of(spot))
    found = next((at for at in (path.parent / named, shipped / named.name) if at.is_file()), None)
    if found is None:
        spot.refuse(f"a file, relative to {path.parent}")
    return found


def _catalogue(fields: Fields, path: Path) -> Catalogue:
    """The shipped one where none is named. What is wrong in the catalogue is told of the catalogue's own lines."""
    if "catalogue" not in fields:
        return load_catalogue()
    return load_catalogue(beside(fields.at("catalogue"), path, shipped=SHIPPED_CATALOGUE.parent))


def _time_zone(spot: Spot) -> str:
    if not isinstance(spot.value, str) or spot.value not in available_timezones():
        spot.refuse("an IANA time zone such as Europe/Berlin")
    return spot.value


def _currency(spot: Spot) -> str:
    text = spot.value
    if not isinstance(text, str) or not _CURRENCY.fullmatch(text):
        spot.refuse("an ISO 4217 code such as EUR")
    return text
