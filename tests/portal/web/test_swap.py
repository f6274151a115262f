"""A device that failed in use, swapped from its page or by a program: the same offer, the same refusals."""

from typing import Any

import pytest
import time_machine
from django.test import Client

from fabric.models import Drift, ResourceBlock
from fabric.states import DriftKind
from portal.accounts.models import User
from portal.accounts.token_request import TokenRequest
from portal.accounts.tokens import issue
from scheduler.models import JournalEntry, Operation, Reservation
from scheduler.requests import Actor
from tests.portal.cast import Caller
from tests.scheduler.conftest import house, truth  # noqa: F401 - the same house
from tests.scheduler.services.house import H100, L40S, House, Truth

pytestmark = pytest.mark.usefixtures("truth")


def active(house: House, mix: dict[str, int]) -> Reservation:  # noqa: F811 - pytest's way to name a fixture
    reservation = house.book(mix)
    house.settle()
    reservation.refresh_from_db()
    assert reservation.state == "active"
    return reservation


def blocks_of(reservation: Reservation) -> list[str]:
    reservation.refresh_from_db()
    return list(reservation.plan["nodes"][0]["blocks"])


def browse(house: House, name: str = "alice") -> Client:  # noqa: F811
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


def program(house: House, name: str = "alice") -> Caller:  # noqa: F811
    wanted = TokenRequest(name="test", scopes=(), project=None, days=30)
    user = User.objects.get(username=name)
    return Caller(issue(user=user, wish=wanted, by=Actor(name="test"), now=house.clock.now)[1])


def page(house: House, reservation: Reservation, block: str) -> Any:  # noqa: F811
    return browse(house).get(f"/reservations/{reservation.code}/swap/", {"block": block})


def at_clock(house: House) -> Any:  # noqa: F811
    return time_machine.travel(house.clock.now, tick=False)


def test_the_page_says_which_for_which_what_the_host_does_and_how_long_it_takes(house: House) -> None:  # noqa: F811
    reservation = active(house, {L40S: 2})
    lost = blocks_of(reservation)[0]

    with at_clock(house):
        response = page(house, reservation, lost)
        offered = program(house).get(f"reservations/{reservation.code}/swap/?block={lost}").json()

    it, html = response.context["it"], response.content.decode()
    assert f'<input type="hidden" name="block" value="{lost}">' in html
    assert (response.status_code, it.node, it.pairs) == (200, "Node 1", ((lost, offered["replacement"]),))
    assert (it.length.replace("\u00a0", " "), it.host.startswith("The host goes on running")) == ("about 20 s", True)
    assert offered == {
        "node": 0,
        "block": lost,
        "replacement": offered["replacement"],
        "given": {lost: offered["replacement"]},
        "needs_reboot": False,
        "seconds": 20,
    }
    assert (blocks_of(reservation)[0], Operation.objects.filter(kind="resize").count()) == (lost, 0)


def test_a_swap_from_the_page_is_carried_out_and_shown(house: House, truth: Truth) -> None:  # noqa: F811
    reservation = active(house, {L40S: 2})
    lost, kept = blocks_of(reservation)
    drift = {"pool": house.pool, "first_seen_at": house.clock.now, "last_seen_at": house.clock.now}
    Drift.objects.create(block=ResourceBlock.objects.get(code=lost), kind=DriftKind.UNHEALTHY, **drift)

    with at_clock(house):
        shown = browse(house).get(f"/reservations/{reservation.code}/").content.decode()
        version = str(page(house, reservation, lost).context["version"])
        done = browse(house).post(
            f"/reservations/{reservation.code}/swap/", {"block": lost, "version": version, "reason": "It is dead"}
        )
    house.settle()

    assert f'href="/reservations/{reservation.code}/swap/?block={lost}"' in shown
    assert (done.status_code, done.headers["Location"]) == (302, f"/reservations/{reservation.code}/")
    new = [block for block in blocks_of(reservation) if block != kept]
    assert (len(new), new != [lost], truth.attached()) == (1, True, {kept, *new})
    with at_clock(house):
        after = browse(house).get(f"/reservations/{reservation.code}/")
    (attempt,) = after.context["it"].nodes[0].tries
    assert {step.change for step in attempt.steps} == {"", "change 1"}
    assert "Change devices" in [step.name for step in attempt.steps]
    entry = JournalEntry.objects.get(kind="device.swapped", reservation=reservation)
    assert (lost in entry.message, new[0] in entry.message) == (True, True)


@pytest.mark.parametrize(
    ("block", "status"), [("pru-99-s1", 400), ("", 400), ("x" * 80, 400)], ids=["of nobody", "none", "too long"]
)
def test_a_device_it_has_not_is_no_offer_at_either_door(house: House, block: str, status: int) -> None:  # noqa: F811
    reservation = active(house, {L40S: 1})

    with at_clock(house):
        shown = page(house, reservation, block)
        asked = program(house).get(f"reservations/{reservation.code}/swap/?block={block}")
        sent = program(house).post(f"reservations/{reservation.code}/swap/", {"block": block})

    assert (shown.status_code, shown.context["it"], len(shown.context["refused"])) == (409, None, 1)
    assert (asked.status_code, sent.status_code) == (status, status)
    assert "Back to the reservation" in shown.content.decode()
    assert f"There is no swap for <code>{block[:64]}</code> now." in shown.content.decode()


def test_where_nothing_equal_is_free_both_doors_refuse_with_the_same_words(house: House) -> None:  # noqa: F811
    reservation = active(house, {H100: 8})
    lost = blocks_of(reservation)[0]

    with at_clock(house):
        shown = page(house, reservation, lost)
        posted = browse(house).post(f"/reservations/{reservation.code}/swap/", {"block": lost})
        sent = program(house).post(f"reservations/{reservation.code}/swap/", {"block": lost})

    (refusal,) = sent.json()["refusals"]
    assert (sent.status_code, refusal["code"]) == (409, "DEVICE_UNAVAILABLE")
    assert (shown.status_code, posted.status_code) == (409, 409)
    assert shown.context["refused"] == posted.context["refused"] == (refusal["message"],)


def test_before_it_is_active_there_is_no_swap(house: House) -> None:  # noqa: F811
    reservation = house.book({L40S: 1}, starts_at="2030-05-13T10:00:00Z")
    block = blocks_of(reservation)[0]

    with at_clock(house):
        shown = page(house, reservation, block)
        sent = program(house).post(f"reservations/{reservation.code}/swap/", {"block": block})

    assert (shown.status_code, sent.status_code, sent.json()["code"]) == (409, 409, "WRONG_STATE")


def test_who_saw_an_older_version_is_asked_again(house: House) -> None:  # noqa: F811
    reservation = active(house, {L40S: 1})
    block = blocks_of(reservation)[0]

    with at_clock(house):
        posted = browse(house).post(f"/reservations/{reservation.code}/swap/", {"block": block, "version": "1"})
        sent = program(house).post(f"reservations/{reservation.code}/swap/", {"block": block}, If_Match='"1"')

    assert (posted.status_code, sent.status_code) == (412, 412)
    assert (posted.context["version"], Operation.objects.filter(kind="resize").count()) == (reservation.version, 0)


@pytest.mark.parametrize(
    "body", [{}, {"block": 7}, {"block": "x", "colour": "red"}, {"block": "x", "reason": "a\u202eb"}]
)
def test_what_a_program_says_wrongly_is_refused_by_name(house: House, body: dict[str, Any]) -> None:  # noqa: F811
    reservation = active(house, {L40S: 1})

    with at_clock(house):
        sent = program(house).post(f"reservations/{reservation.code}/swap/", body)

    assert (sent.status_code, sent.json()["code"]) == (400, "INVALID")


def test_a_stranger_finds_no_such_reservation(house: House) -> None:  # noqa: F811
    reservation = active(house, {L40S: 1})
    path = f"/reservations/{reservation.code}/swap/"

    with at_clock(house):
        answers = [browse(house, "charlie").get(path), browse(house, "charlie").post(path, {"block": "x"})]

    assert [answer.status_code for answer in answers] == [404, 404]
