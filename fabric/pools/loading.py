"""A pool file, or a shipped pool's name, as one checked `ParsedPool`."""

from pathlib import Path
from zoneinfo import available_timezones

from fabric.catalogue import SHIPPED as SHIPPED_CATALOGUE
from fabric.catalogue import Catalogue, load_catalogue
from fabric.filing import Fields, FileRefused, Spot, read_document
from fabric.filing.fields import text_of
from fabric.pools.checks import check_pool, indexed
from fabric.pools.fabrics import read_fabric, read_network, read_zones
from fabric.pools.hosts import read_host, read_system
from fabric.pools.parsed import ParsedPool
from fabric.pools.prus import read_pru
from fabric.pools.racks import read_rack
from fabric.pools.site import Site
from fabric.pools.templates import read_templates
from fabric.pools.terms import read_policy, read_simulation, read_tenant

FOLDER = Path(__file__).parent
SHIPPED = ("lab", "pod", "scale")


def load_pool(path_or_name: str | Path) -> ParsedPool:
    """`lab`, `pod`, `scale`, or the path of any pool file. Raises FileRefused with what is wrong in it."""
    path = FOLDER / f"{path_or_name}.yaml" if str(path_or_name) in SHIPPED else Path(path_or_name)
    root = Fields(read_document(path))
    root.integer("schema_version")
    if "generator" in root:
        from fabric.pools.generated import read_generated  # it loads a pool file itself, for its templates

        return read_generated(root, path)
    return _read(root, path)


def read_catalogue(pool: Fields, path: Path) -> Catalogue:
    """The file named relative to the pool file; where a copied pool file has left it behind, the shipped one of that name."""
    spot = pool.at("catalogue")
    if spot.value is None and "catalogue" not in pool:
        return load_catalogue()
    found = beside(spot, path, shipped=SHIPPED_CATALOGUE.parent)
    try:
        return load_catalogue(found)
    except FileRefused as refused:
        spot.refuse("a catalogue without mistakes", found=str(refused))


def beside(spot: Spot, path: Path, *, shipped: Path) -> Path:
    """What a pool file names relative to itself."""
    named = Path(text_of(spot))
    found = next((at for at in (path.parent / named, shipped / named.name) if at.is_file()), None)
    if found is None:
        spot.refuse(f"a file, relative to {path.parent}")
    return found


def read_time_zone(pool: Fields) -> str:
    spot = pool.at("time_zone")
    if not isinstance(spot.value, str) or spot.value not in available_timezones():
        spot.refuse("an IANA time zone such as Europe/Berlin")
    return spot.value


def read_currency(pool: Fields) -> str:
    spot = pool.at("currency")
    if not isinstance(spot.value, str) or len(spot.value) != 3 or not spot.value.isascii() or not spot.value.isupper():
        spot.refuse("an ISO 4217 code such as EUR")
    return spot.value


def _read(root: Fields, path: Path) -> ParsedPool:
    pool = root.nested("pool")
    site = _site(root, pool, path)
    hosts = root.each("hosts", lambda one: read_host(one, site))
    systems = root.each("systems", lambda one: read_system(one, site), optional=True)
    prus = root.each("prus", lambda one: read_pru(one, site))
    parsed = ParsedPool(
        code=site.pool,
        name=pool.text("name"),
        time_zone=read_time_zone(pool),
        currency=read_currency(pool),
        source=path,
        catalogue=site.catalogue,
        templates=site.templates,
        racks=tuple(site.racks.values()),
        fabrics=tuple(site.fabrics.values()),
        zones=site.zones.zones,
        networks=tuple(root.each("networks", read_network, optional=True)),
        hosts=(*hosts, *(host for host, _ in systems)),
        prus=tuple(pru for pru, _ in prus),
        blocks=tuple(block for _, blocks in (*prus, *systems) for block in blocks),
        policy=read_policy(root.nested("policy")),
        tenants=tuple(root.each("tenants", read_tenant, optional=True)),
        simulation=read_simulation(root.nested("simulation")),
    )
    pool.close()
    root.close()
    check_pool(root, parsed, site.zones)
    return parsed


def _site(root: Fields, pool: Fields, path: Path) -> Site:
    """What everything else is checked against, so it is read first."""
    catalogue = read_catalogue(pool, path)
    templates = root.nested("templates")
    fabrics = indexed(root, "fabrics", root.each("fabrics", read_fabric))
    site = Site(
        pool=pool.code("id"),
        catalogue=catalogue,
        templates=read_templates(templates, catalogue),
        racks=indexed(root, "chassis", root.each("chassis", read_rack)),
        fabrics=fabrics,
        zones=read_zones(root, fabrics),
    )
    templates.close()
    return site
