"""The picture of a reservation in each of its states, and what the pictures ask the database for."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fabric.queries import Wiring, media_by_zone, wiring
from fabric.queries.wiring import PortKind
from fabric.topology import NetworkFacts
from portal.web.pictures import picture_of_detail, picture_of_plan
from portal.web.present.picture import detail_picture
from portal.web.present.picture_shapes import Picture
from scheduler.planning.plan import plan_from_wire
from scheduler.queries.reservation_detail import Lack, ReservationDetail, reservation_detail
from tests.portal.cast import L40S, Cast
from tests.portal.web.world import booked

BARE = Wiring(ports={})
SHORT = {L40S: "L40S"}


@pytest.fixture
def detail(people: Cast) -> ReservationDetail:
    found = reservation_detail(code=booked(people.alice).code)
    assert found is not None
    return found


def standing(detail: ReservationDetail, now_is: str, **block: str) -> ReservationDetail:
    """The same reservation, its blocks and itself as said."""
    blocks = tuple(replace(one, **block) for one in detail.nodes[0].blocks)  # type: ignore[arg-type]
    return replace(detail, row=replace(detail.row, state=now_is), nodes=(replace(detail.nodes[0], blocks=blocks),))


def states(picture: Picture) -> list[tuple[str, str]]:
    return [
        (state.label, state.tone)
        for node in picture.shown
        for box in node.chassis
        for switch in box.switches
        for run in switch.runs
        for state in run.states
    ]


@pytest.mark.parametrize(
    ("state", "block", "told"),
    [
        ("held", {"state": "free"}, ("Planned", "info")),
        ("confirmed", {"state": "free"}, ("Planned", "info")),
        ("confirmed", {"state": "attached"}, ("Planned", "info")),  # somebody else's until then
        ("composing", {"state": "free"}, ("Not yet", "wait")),
        ("composing", {"state": "attaching"}, ("Attaching", "busy")),
        ("composing", {"state": "attached"}, ("Attached", "ok")),
        ("active", {"state": "attached"}, ("Attached", "ok")),
        ("active", {"state": "attached", "drift": "unhealthy"}, ("Failing", "bad")),
        ("active", {"state": "missing"}, ("Missing", "bad")),
        ("releasing", {"state": "detaching"}, ("Detaching", "busy")),
        ("releasing", {"state": "cleaning"}, ("Cleaning", "busy")),
        ("releasing", {"state": "free"}, ("Given back", "quiet")),
        ("ended", {"state": "free"}, ("Given back", "quiet")),
        ("ended", {"state": "attached"}, ("Given back", "quiet")),  # somebody else's since
        ("failed", {"state": "quarantined"}, ("Quarantined", "bad")),
    ],
)
def test_a_block_is_told_as_it_stands_for_this_reservation(
    detail: ReservationDetail, state: str, block: dict[str, str], told: tuple[str, str]
) -> None:
    assert states(detail_picture(standing(detail, state, **block), wiring=BARE, names=SHORT)) == [told]


def test_a_node_that_is_composed_in_part_tells_how_many_are_where(detail: ReservationDetail) -> None:
    composing = standing(detail, "composing", state="attaching")
    first, second = composing.nodes[0].blocks
    half = replace(composing.nodes[0], blocks=(replace(first, state="attached"), second))

    picture = detail_picture(replace(composing, nodes=(half,)), wiring=BARE, names=SHORT)

    assert states(picture) == [("1 attached", "ok"), ("1 attaching", "busy")]
    assert [box.tone for box in picture.shown[0].chassis] == ["busy"]
    assert picture.shown[0].words[1].replace("\u00a0", " ") == (
        "Link, plane-0, to pru-01: slots 1–2 L40S, 1 attached and 1 attaching."
    )


def test_what_fails_in_use_says_so(detail: ReservationDetail) -> None:
    failing = standing(detail, "active", state="attached", drift="unhealthy")
    bad, well = failing.nodes[0].blocks
    one = replace(failing.nodes[0], blocks=(bad, replace(well, drift="")))

    picture = detail_picture(replace(failing, nodes=(one,)), wiring=BARE, names=SHORT)

    runs = [run for box in picture.shown[0].chassis for switch in box.switches for run in switch.runs]
    assert [run.troubles for run in runs] == [("pru-01-s01: The fabric reports it failed.",)]
    assert [box.tone for box in picture.shown[0].chassis] == ["bad"]


def test_what_it_goes_without_is_told_while_it_lives(detail: ReservationDetail) -> None:
    lacking = (Lack(node=0, block="pru-01-s03", device_class=L40S, since=None, tried_until=None),) * 2
    active = replace(standing(detail, "active", state="attached"), shortfall=lacking)
    ended = replace(standing(detail, "ended", state="free"), shortfall=lacking)

    lacks = [detail_picture(one, wiring=BARE, names=SHORT).shown[0].lacks for one in (active, ended)]

    assert lacks == [("2 × L40S",), ()]


def test_the_wiring_is_that_of_the_pool_file(people: Cast) -> None:
    found = wiring(pool_code="lab", hosts=["host-01", "host-04"])

    assert found == Wiring(
        ports={"host-01": PortKind(5, 16), "host-04": PortKind(4, 16)},
        media={None: "photonic", "zone-1": "photonic"},
        networks={"rdma-1": NetworkFacts("rdma-1", "RoCEv2", 1, 400, 32)},
    )
    assert media_by_zone(pool_code="no-such-pool") == {}


def test_a_reservation_and_its_plan_are_drawn_alike_in_few_queries(people: Cast) -> None:
    reservation = booked(people.alice)
    detail = reservation_detail(code=reservation.code)
    assert detail is not None
    plan = plan_from_wire(reservation.plan)

    with CaptureQueriesContext(connection) as asked:
        of_detail = picture_of_detail(detail)
    of_plan = picture_of_plan(plan)

    assert len(asked) == 4
    assert [box.link for box in of_detail.shown[0].chassis] == [("photonic link", "x16 Gen5", "plane-0")]
    assert [box.link for box in of_plan.shown[0].chassis] == [box.link for box in of_detail.shown[0].chassis]
    assert states(of_plan) == [("Would be yours", "wait")]
