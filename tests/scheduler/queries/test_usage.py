"""What was attached for a reservation, read from the facts."""

from datetime import timedelta

from fabric.models import Attachment, DeviceClass, Host
from scheduler.planning.so_far import Attached
from scheduler.queries.usage import attached_for
from scheduler.services.release import release
from tests.scheduler.services.cards import book_set
from tests.scheduler.services.house import L40S, House


def test_devices_and_their_host_are_told_from_when_to_when(house: House) -> None:
    reservation = house.book({L40S: 2})
    assert attached_for(code=reservation.code) == ()
    house.settle()
    since = set(Attachment.objects.values_list("since", flat=True))
    host = Host.objects.get(code=reservation.plan["nodes"][0]["host"])
    draws = DeviceClass.objects.get(code=L40S).tdp_w
    rest = host.base_w + host.facts["local_w"]
    (begun,) = since

    assert attached_for(code=reservation.code) == (
        Attached(L40S, draws, begun, None),
        Attached(L40S, draws, begun, None),
        Attached("", rest, begun, None),
    )

    house.clock.turn(3_600)
    release(reservation=reservation, by=house.by(house.alice), now=house.clock.now)
    house.settle()

    (until,) = set(Attachment.objects.values_list("until", flat=True))
    assert until >= begun + timedelta(hours=1)
    assert {(one.device_class, one.since, one.until) for one in attached_for(code=reservation.code)} == {
        (L40S, begun, until),
        ("", begun, until),
    }


def test_a_capped_card_draws_its_cap(house: House) -> None:
    reservation, _, _ = book_set(house)
    house.settle()

    assert {one.watts for one in attached_for(code=reservation.code) if one.device_class == L40S} == {250}
