"""Reads what a picture needs and draws it: for the builder's plan and for the reservation page."""

from fabric.queries import media_by_zone, wiring
from portal.web.present.picture import detail_picture, plan_picture
from portal.web.present.picture_shapes import Picture
from portal.web.queries import short_class_names
from scheduler.planning.plan import Plan
from scheduler.queries.boards import board
from scheduler.queries.reservation_detail import ReservationDetail


def picture_of_plan(plan: Plan) -> Picture:
    """Three queries where the pool's board is kept, as it is after any check."""
    seen = board(pool_code=plan.pool)
    media = media_by_zone(pool_code=plan.pool)
    return plan_picture(plan, topology=seen.inventory.shape.topology, media=media, names=short_class_names())


def picture_of_detail(detail: ReservationDetail) -> Picture:
    """Four queries."""
    made_of = wiring(pool_code=detail.row.pool_code, hosts=[node.host for node in detail.nodes])
    return detail_picture(detail, wiring=made_of, names=short_class_names())
