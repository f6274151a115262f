"""Make a pool of a recipe: machines in racks and zones, devices in slots, each in its state. The seed decides all."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from fabric.catalogue import Catalogue
from fabric.pools.chance import Chance
from fabric.pools.facts import CoolingRecord, PowerRecord, RackRecord
from fabric.pools.filling import fill
from fabric.pools.heading import Heading
from fabric.pools.hosts import HOST_HEIGHT_U, host_of
from fabric.pools.identity import bridge_code
from fabric.pools.parsed import ParsedBlock, ParsedFabric, ParsedHost, ParsedPool, ParsedPru, ParsedRack, ParsedZone
from fabric.pools.prus import Filling, block_of, pru_of
from fabric.pools.recipe import Recipe
from fabric.pools.templates import slots_on

DERATE = 0.8  # continuous load on a breaker
RACK_HEIGHT_U = 48
RACK_FEEDS = 2
ROOM = "generated"
LOWEST_UNIT = 1


def generate(recipe: Recipe, base: ParsedPool, *, heading: Heading, source: Path) -> ParsedPool:
    """Policy, networks, templates and planes are the base file's. Raises filling.CannotFill."""
    chance = Chance(recipe.seed)
    fabric = _fabric(recipe, base)
    hosts = tuple(_hosts(recipe, base, fabric, pool=heading.code, chance=chance))
    filled = list(_prus(recipe, fabric, heading.catalogue, pool=heading.code, chance=chance))
    return replace(
        base,
        code=heading.code,
        name=heading.name,
        time_zone=heading.time_zone,
        currency=heading.currency,
        source=source,
        catalogue=heading.catalogue,
        racks=tuple(_racks(recipe, chance)),
        fabrics=(fabric,),
        zones=tuple(ParsedZone(code=_name(recipe, "zone", at), fabric=fabric.code) for at in range(_zones(recipe))),
        hosts=hosts,
        prus=tuple(pru for pru, _ in filled),
        blocks=tuple(block for _, blocks in filled for block in blocks),
        tenants=(),
        simulation={**base.simulation, "seed": recipe.seed},
    )


def _name(recipe: Recipe, kind: str, at: int) -> str:
    """Numbers in names begin at 1."""
    return recipe.id_formats[kind].format(**{kind: at + 1})


def _zones(recipe: Recipe) -> int:
    return max(math.ceil(recipe.hosts / recipe.hosts_per_zone), math.ceil(recipe.prus / recipe.prus_per_zone))


def _fabric(recipe: Recipe, base: ParsedPool) -> ParsedFabric:
    """The base's first one, its planes as large as this many machines need."""
    fabric = base.fabrics[0]
    ports = max(len(template.port_numa) for template in base.templates.hosts.values())
    need = math.ceil(max(ports, recipe.pru_template.uplinks) / len(fabric.planes)) * (recipe.hosts + recipe.prus)
    return replace(fabric, planes=tuple({**plane, "ports": max(plane["ports"], need)} for plane in fabric.planes))


def _racks(recipe: Recipe, chance: Chance) -> Iterator[ParsedRack]:
    """The rack sheds as much heat as its feeds carry."""
    for at in range(
        max(math.ceil(recipe.hosts / recipe.hosts_per_rack), math.ceil(recipe.prus / recipe.prus_per_rack))
    ):
        budget_w = chance.weighted(recipe.rack_budgets)
        power = PowerRecord(
            feeds=RACK_FEEDS, redundancy="N+N", breaker_w=math.ceil(budget_w / DERATE), derate=DERATE, budget_w=budget_w
        )
        facts = RackRecord(power=power, cooling=CoolingRecord(method="rear_door_heat_exchanger", limit_w=budget_w))
        yield ParsedRack(
            code=_name(recipe, "rack", at),
            room=ROOM,
            height_u=RACK_HEIGHT_U,
            budget_w=budget_w,
            cooling_limit_w=budget_w,
            facts=facts,
        )


def _hosts(
    recipe: Recipe, base: ParsedPool, fabric: ParsedFabric, *, pool: str, chance: Chance
) -> Iterator[ParsedHost]:
    """Hosts stand above the PRUs of their rack."""
    floor = LOWEST_UNIT + recipe.prus_per_rack * recipe.pru_template.height_u
    for at in range(recipe.hosts):
        yield host_of(
            base.templates.hosts[chance.weighted(recipe.host_templates)],
            code=_name(recipe, "host", at),
            pool=pool,
            rack=_name(recipe, "rack", at // recipe.hosts_per_rack),
            unit=floor + at % recipe.hosts_per_rack * HOST_HEIGHT_U,
            zone=_name(recipe, "zone", at // recipe.hosts_per_zone),
            fabric=fabric,
        )


def _prus(
    recipe: Recipe, fabric: ParsedFabric, catalogue: Catalogue, *, pool: str, chance: Chance
) -> Iterator[tuple[ParsedPru, list[ParsedBlock]]]:
    template = recipe.pru_template
    for at, contents in enumerate(fill(recipe.mixture, chance)):
        pru = pru_of(
            template,
            code=_name(recipe, "pru", at),
            rack=_name(recipe, "rack", at // recipe.prus_per_rack),
            unit=LOWEST_UNIT + at % recipe.prus_per_rack * template.height_u,
            zone=_name(recipe, "zone", at // recipe.prus_per_zone),
            fabric=fabric,
        )
        fillings = _fillings(recipe, contents, pru.code, catalogue, chance)
        yield (
            pru,
            [
                block_of(
                    filling,
                    code=recipe.id_formats["device"].format(pru=pru.code, slot=slot),
                    pool=pool,
                    pru=pru,
                    template=template,
                    slot_kind="accelerator",
                    slot=slot,
                )
                for slot, filling in sorted(fillings.items())
            ],
        )


def _fillings(
    recipe: Recipe, contents: Mapping[str, int], pru: str, catalogue: Catalogue, chance: Chance
) -> Mapping[int, Filling]:
    """Larger bridge groups first: sizes divide a switch's slots, so none straddles one. Cards left over have none."""
    slots = [slot for switch in recipe.pru_template.switches for slot in slots_on(switch, "accelerator")]
    made: dict[int, Filling] = {}
    for size, device in _bridge_groups(recipe, contents):
        group, slots = slots[:size], slots[size:]
        bridge = bridge_code(pru=pru, first_slot=group[0]) if size > 1 else ""
        for slot in group:
            made[slot] = Filling(catalogue.entries[device], bridge, state=chance.weighted(recipe.device_states))
    return made


def _bridge_groups(recipe: Recipe, contents: Mapping[str, int]) -> list[tuple[int, str]]:
    """(size, device) of every group and, with size 1, of every card without a bridge."""
    groups: list[tuple[int, str]] = []
    for device, count in contents.items():
        size = recipe.bridge_sizes.get(device, 1)
        groups += [(size, device)] * (count // size) + [(1, device)] * (count % size)
    return sorted(groups, key=lambda group: -group[0])
