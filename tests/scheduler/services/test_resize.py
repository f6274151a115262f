"""Another mix for one in use: what comes is proven before anything goes, and what stays stays on the same devices."""

from datetime import timedelta
from decimal import Decimal

import pytest

from fabric.models import Composition, FabricManager
from scheduler.models import JournalEntry, Operation, Reservation
from scheduler.refusals import Invalid, Refused, Stale, WrongState
from scheduler.services.release import release
from scheduler.services.swap import swap
from scheduler.states import ReservationState
from tests.scheduler.services.house import A100, H100, L40S, House, Truth
from tests.scheduler.services.resizing import (
    active,
    ask,
    assert_whole,
    blocks_of,
    book,
    classes_of,
    group,
    held,
    look,
    nodes_of,
)

pytestmark = pytest.mark.django_db


def test_more_nodes_of_a_group_are_composed_beside_those_in_use(house: House, truth: Truth) -> None:
    reservation = active(house, [group(1, {L40S: 2}, "decode")])
    before, usd = nodes_of(reservation), Decimal(reservation.price["usd"])
    house.clock.turn(1800)

    ask(house, reservation, {"groups": [{"role": "decode", "nodes": 2}]})

    assert nodes_of(reservation).keys() == {0, 1} and nodes_of(reservation)[0] == before[0]
    assert truth.attached() == set(before[0][2])
    house.settle()
    after = nodes_of(reservation)
    assert (after[0], after[1][0], classes_of(set(after[1][2]))) == (before[0], "decode", {L40S: 2})
    assert reservation.request["mix"][0]["nodes"] == 2
    rate = Decimal(reservation.price["parts"][0]["rate_usd_per_hour"])
    left = Decimal((reservation.ends_at - house.clock.now).total_seconds()) / 3600
    assert Decimal(reservation.price["usd"]) == (usd + 2 * rate * left).quantize(Decimal("0.01"))
    assert reservation.price["parts"][0]["count"] == 4
    assert_whole(house, truth, reservation)


def test_fewer_nodes_are_taken_apart_and_credited_when_they_are_gone(house: House, truth: Truth) -> None:
    reservation = active(house, [group(2, {L40S: 2}, "decode")])
    before, usd = nodes_of(reservation), Decimal(reservation.price["usd"])
    house.clock.turn(1800)

    ask(house, reservation, {"groups": [{"role": "decode", "nodes": 1}]})

    assert held(reservation) == {*before[0][2], *before[1][2]}  # until they are proven gone
    house.settle()
    assert nodes_of(reservation) == {0: before[0]}
    rate = Decimal(reservation.price["parts"][0]["rate_usd_per_hour"])
    left = Decimal((reservation.ends_at - house.clock.now).total_seconds()) / 3600
    assert abs(Decimal(reservation.price["usd"]) - (usd - 2 * rate * left)) < Decimal("0.02")
    assert reservation.price["devices"] == {L40S: 2}
    assert_whole(house, truth, reservation)


def test_a_ratio_of_like_nodes_is_cut_anew_without_any_device_being_moved(house: House, truth: Truth) -> None:
    reservation = active(house, [group(2, {L40S: 1}, "prefill"), group(1, {L40S: 1}, "decode")])
    before, price = nodes_of(reservation), reservation.price

    ask(
        house,
        reservation,
        {"groups": [{"role": "prefill", "nodes": 1}, {"role": "decode", "nodes": 2}]},
    )

    after = nodes_of(reservation)
    assert {index: node[1:] for index, node in after.items()} == {index: node[1:] for index, node in before.items()}
    assert [after[index][0] for index in range(3)] == ["prefill", "decode", "decode"]
    assert (reservation.price, Operation.objects.exclude(kind="compose").count()) == (price, 0)
    assert sorted(Composition.objects.values_list("node", "role")) == [(0, "prefill"), (1, "decode"), (2, "decode")]
    told = JournalEntry.objects.get(kind="reservation.resized")
    assert told.message == "Resized: 3 nodes (1 prefill, 2 decode)."
    assert_whole(house, truth, reservation)


def test_a_ratio_of_unlike_nodes_is_cut_anew_in_one_change(house: House, truth: Truth) -> None:
    reservation = active(house, [group(2, {A100: 1}, "prefill"), group(1, {L40S: 2}, "decode")])
    before = nodes_of(reservation)

    ask(
        house,
        reservation,
        {"groups": [{"role": "prefill", "nodes": 1}, {"role": "decode", "nodes": 2}]},
    )
    house.settle()

    after = nodes_of(reservation)
    assert (after[0], after[2]) == (before[0], before[2])
    assert (set(after), after[3][0]) == ({0, 2, 3}, "decode")
    asked, done = JournalEntry.objects.filter(kind__contains="resize").order_by("id")
    assert (asked.kind, asked.actor_name, done.kind) == ("reservation.resize_asked", "alice", "reservation.resized")
    kinds = list(Operation.objects.filter(reservation=reservation).order_by("id").values_list("kind", flat=True))
    assert kinds == ["compose", "compose", "compose", "compose", "release"]
    composed, gone = Operation.objects.order_by("id")[3:]
    assert composed.finished_at <= gone.created_at  # proven before anything is taken away
    assert_whole(house, truth, reservation)


def test_a_line_of_a_node_grows_in_place(house: House, truth: Truth) -> None:
    reservation = active(house, [group(1, {L40S: 2})])
    before = nodes_of(reservation)[0]

    ask(house, reservation, {"mix": [group(1, {L40S: 3})]})

    assert set(before[2]) < held(reservation)
    house.settle()
    after = nodes_of(reservation)[0]
    assert (after[1], set(before[2]) < set(after[2]), len(after[2])) == (before[1], True, 3)
    assert (reservation.price["devices"], reservation.price["parts"][0]["count"]) == ({L40S: 3}, 3)
    assert_whole(house, truth, reservation)


def test_a_line_of_a_node_shrinks_in_place(house: House, truth: Truth) -> None:
    reservation = active(house, [group(1, {L40S: 3})])
    before, usd = nodes_of(reservation)[0], Decimal(reservation.price["usd"])

    ask(house, reservation, {"mix": [group(1, {L40S: 1})]})
    house.settle()

    after = nodes_of(reservation)[0]
    assert (after[1], set(after[2]) < set(before[2]), len(after[2])) == (before[1], True, 1)
    assert Decimal(reservation.price["usd"]) < usd
    assert_whole(house, truth, reservation)


def test_a_class_takes_the_place_of_another_on_the_same_host(house: House, truth: Truth) -> None:
    """What comes is there before what goes."""
    reservation = active(house, [group(2, {L40S: 1})])
    before = nodes_of(reservation)

    ask(house, reservation, {"mix": [group(2, {A100: 1})]})
    house.settle()

    after = nodes_of(reservation)
    assert {index: node[1] for index, node in after.items()} == {index: node[1] for index, node in before.items()}
    assert classes_of(blocks_of(reservation)) == {A100: 2}
    assert reservation.price["devices"] == {A100: 2}
    assert_whole(house, truth, reservation)


def test_what_was_never_booked_is_charged_at_the_rate_of_today(house: House, truth: Truth) -> None:
    reservation = active(house, [group(1, {L40S: 1})])

    ask(house, reservation, {"mix": [group(1, {L40S: 1, H100: 2})]})
    house.settle()
    reservation.refresh_from_db()

    parts = {part["device_class"]: part["count"] for part in reservation.price["parts"]}
    assert parts == {L40S: 1, H100: 2}
    assert_whole(house, truth, reservation)


def test_the_mix_it_has_changes_nothing(house: House, truth: Truth) -> None:
    reservation = active(house, [group(1, {L40S: 2}, "decode")])
    version = reservation.version

    ask(house, reservation, {"mix": [group(1, {L40S: 2}, "decode")]}, expected_version=1)
    ask(house, reservation, {"groups": [{"role": "decode", "nodes": 1}]})

    assert (reservation.version, JournalEntry.objects.filter(kind__contains="resize").count()) == (version, 0)


def test_asked_again_while_it_is_under_way_it_is_done_once(house: House, truth: Truth) -> None:
    reservation = active(house, [group(1, {L40S: 1}, "decode")])
    wish = {"groups": [{"role": "decode", "nodes": 2}]}
    ask(house, reservation, wish)
    version = reservation.version

    ask(house, reservation, wish)

    assert reservation.version == version
    with pytest.raises(Refused, match="being changed already"):
        ask(house, reservation, {"groups": [{"role": "decode", "nodes": 3}]})
    with pytest.raises(Refused, match="being changed already"):
        block = nodes_of(reservation)[0][2][0]
        swap(reservation=reservation, block=block, by=house.by(house.alice), now=house.clock.now)
    house.settle()
    assert len(nodes_of(reservation)) == 2
    assert_whole(house, truth, reservation)


def test_who_saw_an_older_version_is_told(house: House, truth: Truth) -> None:
    reservation = active(house, [group(1, {L40S: 1})])

    with pytest.raises(Stale):
        ask(house, reservation, {"mix": [group(2, {L40S: 1})]}, expected_version=1)


def test_both_together_have_to_be_within_the_ceiling_of_the_project(house: House, truth: Truth) -> None:
    """Twelve at once: six of one class and then six of another on the same nodes are; seven and six are not."""
    reservation = active(house, [group(1, {L40S: 4}, "a"), group(1, {H100: 4}, "b")])

    with pytest.raises(Refused) as caught:
        ask(house, reservation, {"mix": [group(1, {L40S: 4}, "a"), group(2, {H100: 4}, "b"), group(1, {L40S: 1}, "c")]})

    assert "QUOTA_DEVICES" in {one.code for one in caught.value.refusals}
    assert_whole(house, truth, reservation)


def test_what_is_not_free_is_refused_and_nothing_is_touched(house: House, truth: Truth) -> None:
    reservation = active(house, [group(1, {A100: 2})])
    version = reservation.version

    with pytest.raises(Refused) as caught:
        ask(house, reservation, {"mix": [group(1, {A100: 5})]})

    assert {one.code for one in caught.value.refusals} == {"DEVICE_UNAVAILABLE"}
    assert {one.field for one in caught.value.refusals} == {"mix[0].lines[0].count"}
    reservation.refresh_from_db()
    assert reservation.version == version
    assert_whole(house, truth, reservation)


@pytest.mark.parametrize(
    "mix",
    [
        [group(1, {L40S: 1}) | {"lines": [{"device_class": L40S, "count": 1, "power_cap_w": 200}]}],
        [group(1, {L40S: 1}, placement={"rails": 1})],
    ],
    ids=["watts", "rails"],
)
def test_what_is_settled_when_a_node_is_composed_is_refused_by_name(house: House, truth: Truth, mix: list) -> None:
    reservation = active(house, [group(1, {L40S: 1})])

    with pytest.raises(Refused) as caught:
        ask(house, reservation, {"mix": mix})

    assert [(one.code, one.field) for one in caught.value.refusals] == [("NOT_IN_PLACE", "mix[0]")]


def test_a_fabric_that_changes_no_node_in_use_is_named(house: House, truth: Truth) -> None:
    reservation = active(house, [group(1, {L40S: 1})])
    FabricManager.objects.update(is_paused=True)

    with pytest.raises(Refused) as caught:
        ask(house, reservation, {"mix": [group(1, {L40S: 2})]})

    assert [(one.code, one.field) for one in caught.value.refusals] == [("NOT_IN_PLACE", "mix[0]")]


@pytest.mark.parametrize(
    "state",
    [state for state in ReservationState if state not in ("held", "confirmed", "active")],
)
def test_in_every_other_state_it_is_said_what_to_do_instead(house: House, state: ReservationState) -> None:
    reservation = book(house, [group(1, {L40S: 1})])
    Reservation.objects.filter(pk=reservation.pk).update(state=state)

    with pytest.raises(WrongState, match=r"“resize”\. \w+"):
        ask(house, reservation, {"mix": [group(2, {L40S: 1})]})


def test_one_whose_window_has_closed_is_over(house: House, truth: Truth) -> None:
    reservation = active(house, [group(1, {L40S: 1})])
    house.clock.now = reservation.ends_at

    with pytest.raises(WrongState, match="releasing"):
        ask(house, reservation, {"mix": [group(2, {L40S: 1})]})


def test_what_ends_before_more_could_be_composed_is_to_be_extended_first(house: House, truth: Truth) -> None:
    reservation = active(house, [group(1, {L40S: 1})])
    house.clock.now = reservation.ends_at - timedelta(minutes=4)

    with pytest.raises(Refused) as caught:
        ask(house, reservation, {"mix": [group(2, {L40S: 1})]})

    assert [one.code for one in caught.value.refusals] == ["TOO_SHORT"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"groups": [{"role": "prefil", "nodes": 1}]}, ("groups[0].role", "unknown")),
        ({"mix": [group(0, {L40S: 1})]}, ("mix[0].nodes", "too_small")),
        ({"mix": [group(1, {"nvidia-b9000": 1})]}, ("mix[0].lines[0].device_class", "unknown")),
    ],
)
def test_what_cannot_be_read_is_named(house: House, body: dict, error: tuple[str, str]) -> None:
    reservation = book(house, [group(1, {L40S: 1}, "decode")])

    with pytest.raises(Invalid) as caught:
        ask(house, reservation, body)

    assert [(one.field, one.code) for one in caught.value.errors] == [error]


def test_what_it_would_come_to_is_said_and_nothing_is_held(house: House, truth: Truth) -> None:
    reservation = active(house, [group(2, {A100: 1}, "prefill"), group(1, {L40S: 2}, "decode")])
    version, before = reservation.version, nodes_of(reservation)
    wish = {"groups": [{"role": "prefill", "nodes": 1}, {"role": "decode", "nodes": 2}]}

    found = look(house, reservation, wish)

    gone, come = found.nodes
    assert (gone.node, gone.is_gone, gone.goes, gone.host) == (1, True, before[1][2], before[1][1])
    assert (come.node, come.is_new, come.role, len(come.comes)) == (3, True, "decode", 2)
    assert (found.kept, found.refusals, found.is_same) == (3, (), False)
    assert (found.usd_before, found.usd != found.usd_before) == (Decimal(reservation.price["usd"]), True)
    reservation.refresh_from_db()
    assert (reservation.version, Operation.objects.exclude(kind="compose").count()) == (version, 0)
    ask(house, reservation, wish)
    house.settle()
    assert set(nodes_of(reservation)[3][2]) == set(come.comes)


def test_the_end_beats_it_wherever_it_is(house: House, truth: Truth) -> None:
    reservation = active(house, [group(2, {A100: 1}, "prefill"), group(1, {L40S: 2}, "decode")])
    ask(house, reservation, {"groups": [{"role": "prefill", "nodes": 1}, {"role": "decode", "nodes": 2}]})

    release(reservation=reservation, by=house.by(house.alice), now=house.clock.now)
    house.settle()
    reservation.refresh_from_db()

    assert (reservation.state, truth.attached(), held(reservation)) == ("ended", set(), set())
