"""What one sees of a reservation through its life; the house's clock is turned by hand."""

from dataclasses import replace

import time_machine
from django.test import Client

from fabric.drivers.emulator.faults import FaultKind, set_fault
from fabric.models import Device, Drift, ResourceBlock
from fabric.states import DriftKind
from portal.web.present.detail import DetailView
from scheduler.models import Reservation
from scheduler.planning.plan import PathReport, plan_from_wire, plan_to_wire
from scheduler.services.release import release
from tests.scheduler.conftest import house, truth  # noqa: F401 - the same house
from tests.scheduler.services.cards import book_set
from tests.scheduler.services.house import H100, L40S, NVME, House, Truth


def page(house: House, reservation: Reservation) -> DetailView:  # noqa: F811 - pytest's way to name a fixture
    """As alice sees it at the instant of the house's clock."""
    with time_machine.travel(house.clock.now, tick=False):
        view: DetailView = alice(house).get(f"/reservations/{reservation.code}/").context["it"]
    return view


def alice(house: House) -> Client:  # noqa: F811
    client = Client()
    client.force_login(house.alice)
    return client


def test_before_the_window_it_says_when_and_what_is_planned(house: House) -> None:  # noqa: F811
    reservation = house.book({H100: 4}, starts_at="2030-05-13T10:00:00Z")

    view = page(house, reservation)

    assert (view.line.pill.label, view.line.countdown, view.line.countdown_words) == (
        "Confirmed",
        "Starts",
        "in 2\u00a0h",
    )
    assert [block.pill.label for block in view.nodes[0].blocks] == ["Planned"] * 4
    assert ([door.label for door in view.doors], view.nodes[0].address, view.is_reachable) == (
        ["Extend", "Resize", "Cancel"],
        "",
        False,
    )


def test_once_active_it_says_how_to_reach_it(house: House) -> None:  # noqa: F811
    reservation = house.book({H100: 4, NVME: 2})
    house.settle()

    view = page(house, reservation)

    node = view.nodes[0]
    assert (view.line.pill.label, view.is_reachable, node.address) == (
        "Active",
        True,
        f"{node.host}.lab.heddle.internal",
    )
    assert [step.name for step in node.tries[0].steps] == ["Inspect", "Compose", "Prove", "Grant access"]
    assert {block.pill.label for block in node.blocks} == {"Attached"}
    assert all(block.serial and block.pci_id and block.pci_address for block in node.blocks)
    assert [door.label for door in view.doors] == ["Extend", "Resize", "End early"]


def test_a_cut_card_and_a_capped_one_say_so_and_the_step_that_sets_them_is_shown(house: House) -> None:  # noqa: F811
    reservation, a100, l40s = book_set(house)
    house.settle()

    node = page(house, reservation).nodes[0]

    shown = {block.code: block.setting.replace("\u00a0", " ") for block in node.blocks}
    assert shown == {a100: "7 × 1g.10gb", l40s: "at most 250 W"}
    assert [step.name for step in node.tries[0].steps] == ["Inspect", "Set cards", "Compose", "Prove", "Grant access"]
    with time_machine.travel(house.clock.now, tick=False):
        html = alice(house).get(f"/reservations/{reservation.code}/").content.decode()
    assert [html.count(f"<small>{words}</small>") for words in ("7\u00a0×\u00a01g.10gb", "at most 250\u00a0W")] == [
        1,
        1,
    ]


def test_a_node_says_its_network_and_how_its_devices_are_reached(house: House) -> None:  # noqa: F811
    reservation = house.book({H100: 4}, starts_at="2030-05-13T10:00:00Z")
    paths = PathReport(
        pairs={"PIX": 6, "PXB": 0}, uplink_gbit_per_s=1_024.0, device_gbit_per_s=2_048.0, oversubscription=2.0
    )
    plan = plan_from_wire(reservation.plan)
    reservation.plan = plan_to_wire(
        replace(plan, nodes=(replace(plan.nodes[0], network="rdma-1", rails=2, paths=paths),))
    )
    reservation.save(update_fields=["plan"])

    told = page(house, reservation).nodes[0].links

    assert told.replace("\u00a0", " ") == (
        "rdma-1, 2 rails · Pairs of accelerators: 6 behind one switch · "
        "Links carry 1,024 Gb/s each way; the devices could ask for 2.0 times that"
    )


def test_at_the_end_it_says_what_was_proven(house: House) -> None:  # noqa: F811
    reservation = house.book({H100: 4})
    house.settle()
    release(reservation=reservation, by=house.by(house.alice), now=house.clock.now, reason="Done")
    house.settle()

    view = page(house, reservation)

    assert (view.line.pill.label, view.line.reason, view.doors) == ("Ended", "Done", ())
    assert view.summary.replace("\u00a0", " ") == "Given back: 4 of 4 blocks proven gone and clean."
    assert {block.pill.label for block in view.nodes[0].blocks} == {"Given back"}


def test_a_failure_says_why_and_what_was_undone_and_offers_another_try(
    house: House,  # noqa: F811
    truth: Truth,  # noqa: F811
) -> None:
    set_fault(path=truth.path, kind=FaultKind.BIND_FAILURE)
    reservation = house.book({L40S: 2})
    house.settle()

    view = page(house, reservation)

    assert (view.line.pill.label, view.is_trouble, view.may_book) == ("Failed", True, True)
    assert "the link did not come up" in view.line.reason
    assert len(view.undone) == len(view.nodes[0].tries)
    assert {attempt.reason for attempt in view.nodes[0].tries} == {""}  # its step says so
    assert view.undone[0].endswith("Proven gone: host and 2 blocks are free.")


def test_a_fragment_is_the_same_page_without_its_frame(house: House) -> None:  # noqa: F811
    code = house.book({H100: 4}).code
    headers = {"HX-Request": "true", "HX-Target": f"reservation-{code}"}

    browser = alice(house)
    part = browser.get(f"/reservations/{code}/", headers=headers).content.decode().strip()

    assert part.startswith(f'<div class="stack" id="reservation-{code}"')
    assert part in browser.get(f"/reservations/{code}/").content.decode()


def test_each_block_given_back_has_its_proof_to_read(house: House) -> None:  # noqa: F811
    reservation = house.book({H100: 2})
    house.settle()
    assert page(house, reservation).proofs == ()
    release(reservation=reservation, by=house.by(house.alice), now=house.clock.now, reason="Done")
    house.settle()

    view = page(house, reservation)

    blocks = reservation.plan["nodes"][0]["blocks"]
    assert [(one.block, one.pill.label, one.where) for one in view.proofs] == [
        (block, "Proven", "Node 1") for block in sorted(blocks)
    ]
    assert {one.read for one in view.proofs} == {"attached to nothing, clean, as it comes, healthy"}
    assert {one.serial for one in view.proofs} == set(
        Device.objects.filter(block__code__in=blocks).values_list("serial", flat=True)
    )


def test_one_block_is_said_to_be_one(house: House) -> None:  # noqa: F811
    reservation = house.book({L40S: 1})
    house.settle()
    release(reservation=reservation, by=house.by(house.alice), now=house.clock.now)
    house.settle()

    summary = page(house, reservation).summary.replace("\u00a0", " ")

    assert summary == "Given back: 1 of 1 block proven gone and clean."


def test_a_price_after_an_early_end_is_said_to_be_as_booked(house: House) -> None:  # noqa: F811
    reservation = house.book({L40S: 1})
    house.settle()
    before = alice(house).get(f"/reservations/{reservation.code}/").content.decode()
    release(reservation=reservation, by=house.by(house.alice), now=house.clock.now)
    house.settle()

    after = alice(house).get(f"/reservations/{reservation.code}/").content.decode()

    assert ("Price, as booked" in before, "Price, as booked" in after) == (False, True)


def test_a_device_that_fails_in_use_is_told_with_what_is_wrong_and_the_way_to_a_swap(house: House) -> None:  # noqa: F811
    reservation = house.book({H100: 2})
    house.settle()
    first, second = reservation.plan["nodes"][0]["blocks"]
    drift = {"first_seen_at": house.clock.now, "last_seen_at": house.clock.now, "pool": house.pool}
    Drift.objects.create(block=ResourceBlock.objects.get(code=first), kind=DriftKind.UNHEALTHY, **drift)
    Drift.objects.create(block=ResourceBlock.objects.get(code=second), kind=DriftKind.FOREIGN, **drift)

    view = page(house, reservation)

    assert [(one.block, one.words, one.may_swap) for one in view.failed] == [
        (first, "The fabric reports it failed.", True)
    ]


def test_what_it_goes_without_is_told_with_until_when_an_equal_one_is_looked_for(house: House) -> None:  # noqa: F811
    reservation = house.book({L40S: 3})
    house.settle()
    until = house.clock.now.replace(hour=9, minute=30)
    lack = {"node": 0, "block": "pru-01-s1", "device_class": L40S}
    drive = {"node": 0, "block": "pru-01-b01", "device_class": NVME, "tried_until": None}
    lacks = [{**lack, "tried_until": until.isoformat()}, drive]
    Reservation.objects.filter(pk=reservation.pk).update(shortfall=lacks)

    told = page(house, reservation).lacks

    assert [(one.words, one.tried_until) for one in told] == [
        ("Node 1 runs with 0 of 1 KIOXIA CM7-R NVMe 15.36 TB.", None),
        ("Node 1 runs with 3 of 4 NVIDIA L40S 48GB.", until),
    ]
