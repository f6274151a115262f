"""What is out of service, for everybody to plan around; by pages, the next first."""

from datetime import timedelta

from scheduler.models import Maintenance
from tests.portal.cast import MONDAY, Cast


def planned(people: Cast, number: int, **more: object) -> None:
    Maintenance.objects.create(
        **{
            "code": f"m-{number}",
            "pool": people.pool,
            "scope": "rack",
            "target": "rack-2",
            "reason": "New fans",
            "created_by_name": "olga",
            "starts_at": MONDAY + timedelta(hours=number),
            "ends_at": MONDAY + timedelta(hours=number + 1),
            "created_at": MONDAY,
            **more,
        }
    )


def test_says_what_when_and_why_and_nothing_of_who_is_affected(people: Cast) -> None:
    planned(people, 0)

    answer = people.caller("charlie").get("maintenance/?pool=lab").json()

    assert answer == {
        "results": [
            {
                "code": "m-0",
                "pool": "lab",
                "scope": "rack",
                "target": "rack-2",
                "starts_at": "2030-05-13T08:00:00Z",
                "ends_at": "2030-05-13T09:00:00Z",
                "reason": "New fans",
                "begun": True,
            }
        ],
        "next": None,
    }


def test_what_is_over_or_called_off_is_left_out_and_pages_go_on(people: Cast) -> None:
    for number in (3, 1, 2):
        planned(people, number)
    planned(people, 4, is_cancelled=True)
    planned(people, 5, starts_at=MONDAY - timedelta(hours=2), ends_at=MONDAY)
    planned(people, 6, finished_at=MONDAY)
    bob = people.caller("bob")

    first = bob.get("maintenance/?limit=2").json()
    second = bob.get(first["next"]).json()

    assert [one["code"] for one in first["results"] + second["results"]] == ["m-1", "m-2", "m-3"]
    assert second["next"] is None


def test_a_pool_nobody_knows_is_an_error(people: Cast) -> None:
    assert people.caller("bob").get("maintenance/?pool=moon").status_code == 400
