"""What can be seen of a node in use that is being changed."""

from fabric.models import Composition
from tests.fabric.composing.house import House

TAG = "heddle-r-1-n0-g1"


def steps(composition: Composition, *, round_: int = 1) -> list[tuple[str, list[str], str, bool]]:
    rows = composition.steps.filter(round=round_)
    return [(step.kind, step.target["blocks"], step.state, step.is_undo) for step in rows]


def blocks(composition: Composition) -> list[str]:
    return list(composition.blocks.order_by("code").values_list("code", flat=True))


def granted(composition: Composition) -> list[str]:
    composition.refresh_from_db()
    return [device["block"] for device in composition.access["devices"]]


def as_before(house: House, composition: Composition) -> bool:
    composition.refresh_from_db()
    return (
        (house.owners(), house.open_attachments(), blocks(composition))
        == ({"gpu-1": TAG, "gpu-2": TAG}, ["gpu-1", "gpu-2"], ["gpu-1", "gpu-2"])
        and composition.state == "composed"
        and granted(composition) == ["gpu-1", "gpu-2"]
        and {house.states()[code] for code in ("gpu-1", "gpu-2", "host-1")} == {"attached"}
    )
