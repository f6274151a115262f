"""PRUs and the cards, drives and NICs in them: every run of equal devices expanded to blocks."""

from collections.abc import Mapping
from dataclasses import dataclass

from fabric.catalogue import CatalogueEntry
from fabric.filing import Fields, FileRefused, Problem, Spot, each
from fabric.filing.fields import integer_of, items_of
from fabric.pools.devices import poolable_at
from fabric.pools.fabrics import ports
from fabric.pools.facts import PruRecord, SlotsRecord
from fabric.pools.identity import block_code, bridge_code, serial_of
from fabric.pools.parsed import DeviceState, ParsedBlock, ParsedFabric, ParsedPru
from fabric.pools.site import Site, seat_of
from fabric.pools.templates import PruTemplate

RUN_KEYS = {"accelerator": "accelerators", "bay": "bays", "nic": "nics"}  # key in the file by slot kind
CARDS = frozenset({"pcie_composable", "pcie_group"})
CXL_MEMORY = "cxl_memory"  # rule R20


@dataclass(frozen=True, slots=True)
class Filling:
    """What is in one slot."""

    device: CatalogueEntry
    bridge_group: str = ""
    is_mig_capable: bool = False
    state: DeviceState = DeviceState.ENABLED


def read_pru(fields: Fields, site: Site) -> tuple[ParsedPru, list[ParsedBlock]]:
    template = site.templates.prus[fields.choice("template", set(site.templates.prus))]
    rack, unit = site.standing(fields, height_u=template.height_u)
    seat = seat_of(fields, site.zones.prus)
    pru = pru_of(
        template, code=fields.code("id"), rack=rack, unit=unit, zone=seat.zone, fabric=site.fabrics[seat.fabric]
    )
    blocks: list[ParsedBlock] = []
    for slot_kind, key in RUN_KEYS.items():
        filled = _runs(fields.items(key, optional=True), pru.code, template.slots[slot_kind], site)
        codes = {slot: block_code(chassis=pru.code, slot_kind=slot_kind, slot=slot) for slot in filled}
        for slot, filling in sorted(filled.items()):
            blocks.append(
                block_of(
                    filling,
                    code=codes[slot],
                    pool=site.pool,
                    pru=pru,
                    template=template,
                    slot_kind=slot_kind,
                    slot=slot,
                )
            )
    return pru, blocks


def pru_of(template: PruTemplate, *, code: str, rack: str, unit: int, zone: str, fabric: ParsedFabric) -> ParsedPru:
    return ParsedPru(
        code=code,
        rack=rack,
        zone=zone,
        unit=unit,
        template=template.code,
        model=template.model,
        base_w=template.base_w,
        facts=PruRecord(
            chassis_type=template.chassis_type,
            height_u=template.height_u,
            uplinks=ports(template.uplinks, fabric),
            slots=dict(template.slots),
            switches=list(template.switches),
        ),
    )


def block_of(
    filling: Filling, *, code: str, pool: str, pru: ParsedPru, template: PruTemplate, slot_kind: str, slot: int
) -> ParsedBlock:
    return ParsedBlock(
        code=code,
        device_class=filling.device.code,
        pru=pru.code,
        fixed_host=None,
        zone=pru.zone,
        switch=template.switch_of(slot_kind, slot),
        slot_kind=slot_kind,
        slot=slot,
        bridge_group=filling.bridge_group,
        is_mig_capable=filling.is_mig_capable,
        serial=serial_of(pool=pool, block=code),
        pci_id=filling.device.pci_ids[0] if filling.device.pci_ids else "",
        state=filling.state,
    )


def _runs(spots: list[Spot], pru: str, slots: SlotsRecord, site: Site) -> Mapping[int, Filling]:
    """Slot → what is in it. Raises FileRefused for two runs that want the same slot."""
    filled: dict[int, Filling] = {}
    problems: list[Problem] = []
    for fields in [Fields(spot) for spot in spots]:
        run = _run(fields, pru, slots, site)
        if doubled := sorted(filled.keys() & run.keys()):
            found = ", ".join(str(slot) for slot in doubled)
            problems.append(fields.at("slots").problem("slots no other run has", found=f"{found} again"))
        filled.update(run)
    if problems:
        raise FileRefused(problems)
    return filled


def _run(fields: Fields, pru: str, slots: SlotsRecord, site: Site) -> Mapping[int, Filling]:
    device = poolable_at(fields.at("device"), site.catalogue, among=CARDS)
    if device.pcie_lanes is not None and device.pcie_lanes > slots["lanes"]:
        fields.at("device").refuse(
            f"a device of at most {slots['lanes']} lanes", found=f"{device.code}, {device.pcie_lanes} lanes"
        )
    if device.kind == CXL_MEMORY and not any(one.startswith("CXL") for one in slots["protocols"]):
        spoken = ", ".join(slots["protocols"])
        fields.at("device").refuse("bays that speak CXL for it (CXL_UNSUPPORTED)", found=f"{device.code} in {spoken}")
    first, last = _ends(fields, slots["count"])
    is_mig_capable = fields.truth("mig_capable", default=False)
    bridges = _bridges(fields.items("bridge_groups", optional=True), pru, first, last)
    fields.close()
    return {slot: Filling(device, bridges.get(slot, ""), is_mig_capable) for slot in range(first, last + 1)}


def _ends(fields: Fields, count: int) -> tuple[int, int]:
    ends = fields.integers("slots", least=1, most=count)
    if len(ends) != 2 or ends[0] > ends[1]:
        fields.at("slots").refuse("[first, last], first not after last", found=str(ends))
    return ends[0], ends[1]


def _bridges(spots: list[Spot], pru: str, first: int, last: int) -> Mapping[int, str]:
    """Slot → code of its bridge group."""
    found: dict[int, str] = {}
    for spot in spots:
        group = each(items_of(spot, least=2), lambda one: integer_of(one, least=first, most=last))
        if len(set(group)) != len(group) or found.keys() & set(group):
            spot.refuse("slots of one bridge, each in one group only", found=str(group))
        found.update(dict.fromkeys(group, bridge_code(pru=pru, first_slot=min(group))))
    return found
