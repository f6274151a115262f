"""What is ours of what came since the snapshot: the devices of the change that reached our count, and no others."""

from dataclasses import replace
from typing import Any

import pytest

from fabric.drivers.counted.holdings import Asked, Claim, Holding, resolved
from fabric.drivers.counted.view import DeviceView, MachineView, Shown

ASKED = Asked(op_key="c", spec="s", number=2, target=3, before={"old": 4}, sent_at=0.0)
HOLDING = Holding(host="host-1", tag="t-1", asked=ASKED)
"""One was there by change 4; a count of three was asked for."""


def device(code: str, change: int, **more: Any) -> DeviceView:
    facts: dict[str, Any] = dict.fromkeys(("model", "serial", "pci_id", "address", "reason"), "")
    facts |= {"host": "host-1", "status": Shown.ADDED, "health": "ok", "is_clean": False, "lanes": None, "spec": "s"}
    return DeviceView(**{**facts, "code": code, "change": change, "last_change": change, **more})


def machine(*devices: DeviceView) -> MachineView:
    return MachineView(host="host-1", address="", is_on=True, boot_id="", job="", devices=devices)


OLD = device("old", 4)
A, B = device("a", 7), device("b", 7)


@pytest.mark.parametrize(
    ("devices", "ours"),
    [
        ((OLD,), set()),
        ((OLD, A, B), {"a", "b"}),
        ((OLD, replace(A, status=Shown.ADDING), replace(B, status=Shown.ADD_FAILED)), {"a", "b"}),
        ((OLD, device("x", 6), A), {"a"}),  # somebody was faster, and left us one less
        ((OLD, A, B, device("x", 8)), {"a", "b"}),  # and somebody came after us
        ((OLD, device("x", 6)), set()),  # ours was never received
        ((OLD, device("x", 6), device("y", 8), device("z", 8)), set()),  # no change reached three
        ((OLD, device("o", 7, spec="other"), A, B), {"a", "b"}),
        ((replace(OLD, status=Shown.REMOVED), A, B), {"a", "b"}),
        ((device("old", 7), A), {"old", "a"}),  # taken away before, and picked again by our change
    ],
)
def test_ours_is_what_the_change_that_reached_our_count_brought(
    devices: tuple[DeviceView, ...], ours: set[str]
) -> None:
    found = resolved(HOLDING, machine(*devices))

    assert set(found.claims) == ours
    assert (found.asked is None) == bool(ours)
    assert {claim.op_key for claim in found.claims.values()} == ({"c"} if ours else set())


def test_without_a_request_under_way_nothing_new_is_ours() -> None:
    holding = Holding(host="host-1", tag="t-1")

    assert resolved(holding, machine(OLD, A)) == holding


def test_a_device_is_ours_as_long_as_it_is_there_by_our_change() -> None:
    holding = Holding(host="host-1", claims={"a": Claim(change=7, op_key="c"), "b": Claim(change=7, op_key="c")})
    shown = machine(OLD, A, device("b", 9))

    assert [one.code for one in holding.ours(shown)] == ["a"]
    assert [one.code for one in holding.others(shown)] == ["old", "b"]
    assert not holding.is_ours(replace(A, host="host-2"))
