"""A pool file, or a shipped pool's name, as one checked `ParsedPool`."""

from pathlib import Path

from fabric.filing import Fields, read_document
from fabric.pools.checks import check_pool, indexed
from fabric.pools.fabrics import read_fabric, read_network, read_zones
from fabric.pools.filling import CannotFill
from fabric.pools.generator import generate
from fabric.pools.heading import Heading, beside, read_heading
from fabric.pools.hosts import read_host, read_system
from fabric.pools.parsed import ParsedPool
from fabric.pools.prus import read_pru
from fabric.pools.racks import read_rack
from fabric.pools.recipe import read_recipe
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
    heading = read_heading(root.nested("pool"), path)
    return _generated(root, heading, path) if "generator" in root else _listed(root, heading, path)


def _listed(root: Fields, heading: Heading, path: Path) -> ParsedPool:
    site = _site(root, heading)
    hosts = root.each("hosts", lambda one: read_host(one, site))
    systems = root.each("systems", lambda one: read_system(one, site), optional=True)
    prus = root.each("prus", lambda one: read_pru(one, site))
    parsed = ParsedPool(
        code=heading.code,
        name=heading.name,
        time_zone=heading.time_zone,
        currency=heading.currency,
        source=path,
        catalogue=heading.catalogue,
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
    root.close()
    check_pool(root, parsed, site.zones)
    return parsed


def _site(root: Fields, heading: Heading) -> Site:
    """What everything else is checked against, so it is read first."""
    templates = root.nested("templates")
    fabrics = indexed(root, "fabrics", root.each("fabrics", read_fabric))
    site = Site(
        pool=heading.code,
        catalogue=heading.catalogue,
        templates=read_templates(templates, heading.catalogue),
        racks=indexed(root, "chassis", root.each("chassis", read_rack)),
        fabrics=fabrics,
        zones=read_zones(root, fabrics),
    )
    templates.close()
    return site


def _generated(root: Fields, heading: Heading, path: Path) -> ParsedPool:
    """`load` and `targets` say what a scale run does with the pool; they are not read here."""
    fields = root.nested("generator")
    base_spot = fields.at("templates_from")
    base_path = beside(base_spot, path, shipped=FOLDER)
    if base_path.resolve() == path.resolve():
        base_spot.refuse("another pool file, one that lists its machines")
    base_root = Fields(read_document(base_path))
    base_root.integer("schema_version")
    base = _listed(base_root, read_heading(base_root.nested("pool"), base_path), base_path)
    root.at("load")
    root.at("targets")
    recipe = read_recipe(fields, base, heading.catalogue)
    root.close()
    try:
        return generate(recipe, base, heading=heading, source=path)
    except CannotFill as contradiction:
        fields.at("device_counts").refuse("counts that the rules of `fill` can place", found=str(contradiction))
