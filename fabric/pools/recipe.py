"""The `generator` of a pool file: the parameters of a pool that is made, not listed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from fabric.catalogue import Catalogue
from fabric.filing import Fields, FileRefused, Spot
from fabric.filing.fields import number_of
from fabric.pools.devices import poolable_at
from fabric.pools.filling import Mixture
from fabric.pools.parsed import DeviceState, ParsedPool
from fabric.pools.prus import CARDS
from fabric.pools.templates import PruTemplate, slots_on

MACHINES_MAX = 100_000
DEVICES_MAX = 1_000_000
WEIGHT_SCALE = 1_000_000  # weights are drawn as whole numbers
ID_PARTS = {"zone": ("zone",), "rack": ("rack",), "host": ("host",), "pru": ("pru",), "device": ("pru", "slot")}
RACK_BUDGETS_MAX = 16


@dataclass(frozen=True, slots=True)
class Recipe:
    """Weights are whole numbers."""

    seed: int
    hosts: int
    prus: int
    hosts_per_rack: int
    prus_per_rack: int
    hosts_per_zone: int
    prus_per_zone: int
    id_formats: Mapping[str, str]
    host_templates: Mapping[str, int]
    pru_template: PruTemplate
    mixture: Mixture
    bridge_sizes: Mapping[str, int]  # by device
    rack_budgets: Mapping[int, int]
    device_states: Mapping[DeviceState, int]


def read_recipe(fields: Fields, base: ParsedPool, catalogue: Catalogue) -> Recipe:
    """`base` is the pool file named by `templates_from`. Raises FileRefused."""
    fields.at("templates_from")
    racks, zones = fields.nested("racks"), fields.nested("zones")
    template = _pru_template(fields, base)
    prus = fields.integer("prus", least=1, most=MACHINES_MAX)
    counts = _counts(fields.nested("device_counts"), catalogue)
    made = Recipe(
        seed=fields.integer("seed"),
        hosts=fields.integer("hosts", least=1, most=MACHINES_MAX),
        prus=prus,
        hosts_per_rack=racks.integer("hosts_per_rack", least=1, most=MACHINES_MAX),
        prus_per_rack=racks.integer("prus_per_rack", least=1, most=MACHINES_MAX),
        hosts_per_zone=zones.integer("hosts_per_zone", least=1, most=MACHINES_MAX),
        prus_per_zone=zones.integer("prus_per_zone", least=1, most=MACHINES_MAX),
        id_formats=_id_formats(fields.nested("id_format")),
        host_templates=_weights(fields.nested("host_templates"), known=set(base.templates.hosts)),
        pru_template=template,
        mixture=_mixture(fields.nested("fill"), counts, prus, template),
        bridge_sizes=_bridge_sizes(fields.nested("bridge_groups"), set(counts), template),
        rack_budgets=_rack_budgets(fields.nested("rack_power")),
        device_states={DeviceState(state): weight for state, weight in _states(fields.nested("device_states")).items()},
    )
    for part in (racks, zones, fields):
        part.close()
    return made


def _pru_template(fields: Fields, base: ParsedPool) -> PruTemplate:
    """The base file's first PRU template with as many accelerator slots; its bays and NIC slots stay empty."""
    slots = fields.integer("slots_per_pru", least=1)
    for template in base.templates.prus.values():
        if template.slots["accelerator"]["count"] == slots:
            return template
    expected = f"the accelerator slots of a PRU template of {base.source.name}"
    raise FileRefused([fields.at("slots_per_pru").problem(expected)])


def _counts(fields: Fields, catalogue: Catalogue) -> Mapping[str, int]:
    for name in fields.keys:
        spot = fields.at(name)
        poolable_at(replace(spot, value=name), catalogue, among=CARDS)
    return {name: fields.integer(name, least=1, most=DEVICES_MAX) for name in fields.keys}


def _mixture(fields: Fields, counts: Mapping[str, int], prus: int, template: PruTemplate) -> Mixture:
    fields.choice("order", {"device_counts"})
    slots = template.slots["accelerator"]["count"]
    made = Mixture(
        counts=counts,
        prus=prus,
        slots=slots,
        switch_slots=_switch_slots(template),
        homogeneous=round(fields.number("homogeneous_prus", most=1) * prus),
        kinds_max=fields.integer("mixed_prus_max_kinds", least=2),
    )
    fields.close()
    return made


def _switch_slots(template: PruTemplate) -> int:
    return min(len(slots_on(switch, "accelerator")) for switch in template.switches)


def _bridge_sizes(fields: Fields, known: set[str], template: PruTemplate) -> Mapping[str, int]:
    """A size that divides a switch's slots never straddles one."""
    slots = _switch_slots(template)
    sizes = {}
    for name in fields.keys:
        size = fields.integer(name, least=2, most=slots)
        if name not in known or slots % size:
            fields.at(name).refuse(f"a device of device_counts, and a size that divides the {slots} slots of a switch")
        sizes[name] = size
    return sizes


def _rack_budgets(fields: Fields) -> Mapping[int, int]:
    budgets = fields.integers("budget_w", least=1)
    weights = fields.items("weights")
    if not 0 < len(budgets) == len(weights) <= RACK_BUDGETS_MAX or len(set(budgets)) != len(budgets):
        fields.at("weights").refuse("a weight for each budget, every budget once", found=f"{len(weights)} weights")
    made = {budget: _weight(spot) for budget, spot in zip(budgets, weights, strict=True)}
    fields.close()
    return made


def _states(fields: Fields) -> Mapping[str, int]:
    return _weights(fields, known={state.value for state in DeviceState})


def _weights(fields: Fields, *, known: set[str]) -> Mapping[str, int]:
    if not fields.keys:
        fields.spot.refuse("at least one weight")
    for name in fields.keys:
        if name not in known:
            fields.at(name).refuse(f"one of {', '.join(sorted(known))}", found="an unknown key")
    return {name: _weight(fields.at(name)) for name in fields.keys}


def _weight(spot: Spot) -> int:
    return round(number_of(spot, most=1) * WEIGHT_SCALE)


def _id_formats(fields: Fields) -> Mapping[str, str]:
    """Placeholders of the known parts only, each used: text that is formatted must not reach anything else."""
    formats = {}
    for name, parts in ID_PARTS.items():
        spot = fields.at(name)
        pattern = "[a-z0-9-]*".join(["", *(rf"\{{{part}(?::0[1-9]d)?\}}" for part in parts), ""])
        if not isinstance(spot.value, str) or not re.fullmatch(pattern, spot.value):
            spot.refuse(f"letters and digits around {' and '.join(f'{{{part}}} or {{{part}:02d}}' for part in parts)}")
        formats[name] = spot.value
    fields.close()
    return formats
