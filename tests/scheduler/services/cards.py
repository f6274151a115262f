"""A reservation whose plan cuts one card and caps another."""

from dataclasses import replace

from fabric.models import ResourceBlock
from scheduler.models import Reservation
from scheduler.planning.plan import Setting, plan_from_wire, plan_to_wire
from tests.scheduler.services.house import A100, L40S, House

SEVENTHS = {"1g.10gb": 7}
CAP_W = 250


def book_set(house: House) -> tuple[Reservation, str, str]:
    """One A100 cut into sevenths and one L40S held to CAP_W watts, on one node; the codes of both."""
    reservation = house.book({A100: 1, L40S: 1})
    plan = plan_from_wire(reservation.plan)
    classes = dict(ResourceBlock.objects.values_list("code", "device_class__code"))
    (a100,) = [code for code in plan.nodes[0].blocks if classes[code] == A100]
    (l40s,) = [code for code in plan.nodes[0].blocks if classes[code] == L40S]
    settings = {a100: Setting(layout=SEVENTHS), l40s: Setting(power_cap_w=CAP_W)}
    reservation.plan = plan_to_wire(replace(plan, nodes=(replace(plan.nodes[0], settings=settings),)))
    reservation.save(update_fields=["plan"])
    return reservation, a100, l40s
