"""Racks: where things stand, what their feeds carry and what heat they shed."""

from fabric.filing import Fields
from fabric.pools.facts import CoolingRecord, PowerRecord, RackRecord
from fabric.pools.parsed import ParsedRack

HEIGHT_U_MAX = 100
FEEDS_MAX = 16
BUDGET_TOLERANCE_W = 1  # the file rounds to whole watts
COOLING = frozenset({"air", "rear_door_heat_exchanger", "direct_liquid"})


def read_rack(fields: Fields) -> ParsedRack:
    power = _power(fields.nested("power"))
    cooling = _cooling(fields.nested("cooling"))
    fields.choice("chassis_type", {"Rack"})
    return ParsedRack(
        code=fields.code("id"),
        room=fields.text("room", default="", longest=64),
        height_u=fields.integer("height_u", least=1, most=HEIGHT_U_MAX),
        budget_w=power["budget_w"],
        cooling_limit_w=cooling["limit_w"],
        facts=RackRecord(power=power, cooling=cooling),
    )


def _power(fields: Fields) -> PowerRecord:
    made = PowerRecord(
        feeds=fields.integer("feeds", least=1, most=FEEDS_MAX),
        redundancy=fields.text("redundancy", longest=16),
        breaker_w=fields.integer("breaker_w", least=1),
        derate=fields.number("derate", most=1),
        budget_w=fields.integer("budget_w", least=1),
    )
    product = made["breaker_w"] * made["derate"]
    if abs(product - made["budget_w"]) > BUDGET_TOLERANCE_W:
        fields.at("budget_w").refuse(f"breaker_w × derate = {product:.0f}")
    fields.close()
    return made


def _cooling(fields: Fields) -> CoolingRecord:
    made = CoolingRecord(method=fields.choice("method", COOLING), limit_w=fields.integer("limit_w", least=1))
    fields.close()
    return made
