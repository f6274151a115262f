"""The PCIe switches inside a PRU, and rule R7: what hangs on a chip must not need more lanes than it has."""

from collections import Counter
from collections.abc import Mapping, Sequence

from fabric.catalogue import Catalogue
from fabric.filing import Fields, FileRefused, Problem, Spot
from fabric.filing.fields import items_of
from fabric.pools.devices import device_at
from fabric.pools.facts import SlotsRecord, SwitchRecord

INTER_SWITCH_LANES = 16
LANES_MAX = 512
SLOT_MAX = 1_024
LINKS_MAX = 32


def switch_record(fields: Fields, catalogue: Catalogue) -> SwitchRecord:
    device = device_at(fields.at("device"), catalogue)
    if device.kind != "pcie_switch":
        fields.at("device").refuse("a device of kind pcie_switch", found=f"{device.code}, {device.kind}")
    lanes = fields.integer("lanes", least=1, most=LANES_MAX)
    if device.pcie_lanes is not None and lanes > device.pcie_lanes:
        fields.at("lanes").refuse(f"at most the {device.pcie_lanes} lanes of {device.code} (LANE_BUDGET)")
    return SwitchRecord(
        id=fields.code("id"),
        device=device.code,
        lanes=lanes,
        uplinks=fields.integers("uplinks", least=1, most=SLOT_MAX),
        accelerator_slots=fields.integers("accelerator_slots", least=1, most=SLOT_MAX),
        bays=fields.integers("bays", least=1, most=SLOT_MAX),
        nic_slots=fields.integers("nic_slots", least=1, most=SLOT_MAX),
        inter_switch_x16_links=fields.integer("inter_switch_x16_links", most=LINKS_MAX),
    )


def check_switches(
    where: Spot,
    switches: Sequence[SwitchRecord],
    *,
    slots: Mapping[str, SlotsRecord],
    uplinks: int,
    uplink_lanes: int,
) -> None:
    """Raises FileRefused for a switch over its lanes, a doubled id, and a slot that is on no switch or on two."""
    spots = items_of(where)
    pairs = zip(spots, switches, strict=True)
    problems = [problem for spot, one in pairs if (problem := _over_budget(spot, one, slots, uplink_lanes))]
    ids = Counter(one["id"] for one in switches)
    problems += [
        Fields(spot).at("id").problem("every id once") for spot in spots if ids[str(Fields(spot).at("id").value)] > 1
    ]
    for key, count in _expected(slots, uplinks).items():
        on = Counter(slot for one in switches for slot in _on(one)[key])
        wrong = sorted(slot for slot in {*range(1, count + 1), *on} if on[slot] != 1 or slot > count)
        if wrong:
            found = ", ".join(f"{slot} on {on[slot]}" for slot in wrong)
            problems.append(where.problem(f"each of {key} 1 to {count} on exactly one switch", found=found))
    if problems:
        raise FileRefused(problems)


def _over_budget(spot: Spot, one: SwitchRecord, slots: Mapping[str, SlotsRecord], uplink_lanes: int) -> Problem | None:
    need = (
        len(one["uplinks"]) * uplink_lanes
        + len(one["accelerator_slots"]) * slots["accelerator"]["lanes"]
        + len(one["bays"]) * slots["bay"]["lanes"]
        + len(one["nic_slots"]) * slots["nic"]["lanes"]
        + one["inter_switch_x16_links"] * INTER_SWITCH_LANES
    )
    if need <= one["lanes"]:
        return None
    return Fields(spot).at("lanes").problem(f"enough for the {need} lanes that hang on it (LANE_BUDGET)")


def _expected(slots: Mapping[str, SlotsRecord], uplinks: int) -> Mapping[str, int]:
    return {
        "uplinks": uplinks,
        "accelerator_slots": slots["accelerator"]["count"],
        "bays": slots["bay"]["count"],
        "nic_slots": slots["nic"]["count"],
    }


def _on(one: SwitchRecord) -> Mapping[str, list[int]]:
    return {
        "uplinks": one["uplinks"],
        "accelerator_slots": one["accelerator_slots"],
        "bays": one["bays"],
        "nic_slots": one["nic_slots"],
    }
