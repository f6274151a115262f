"""A project's quotas over the API: the same figures as on its page."""

from typing import Any

import pytest

from fabric.models import DeviceClass
from scheduler.models import Ceiling, Quota
from tests.portal.cast import H100, L40S, Cast
from tests.portal.web.world import booked


def ask(people: Cast, name: str = "vera", **more: Any) -> Any:
    return people.caller(name, **more).get("projects/team-chat/quota/")


def book(people: Cast) -> None:
    """Two H100 from ten to twelve, and an hour later four L40S for as long."""
    for device_class, count, hour in ((H100, 2, 10), (L40S, 4, 11)):
        lines = [{"device_class": device_class, "count": count}]
        times = {"starts_at": f"2030-05-14T{hour}:00:00Z", "ends_at": f"2030-05-14T{hour + 2}:00:00Z"}
        booked(people.bob, mix=[{"role": "", "nodes": 1, "lines": lines}], **times)


def ceiling(period: str, most: int, used: float, begin: str | None = None, end: str | None = None) -> dict[str, Any]:
    """Over accelerators of every kind."""
    what = {"device_class": None, "kind": None, "period": period}
    return {**what, "ceiling": most, "used": used, "starts_at": begin, "ends_at": end}


def test_it_tells_ceiling_and_use_by_pool_and_class(people: Cast) -> None:
    Quota.objects.filter(project=people.chat).update(gpu_hours_per_month=4000, hours_per_7_days=500, near_term_hours=4)
    quota, l40s = Quota.objects.get(project=people.chat), DeviceClass.objects.get(code=L40S)
    Ceiling.objects.create(quota=quota, device_class=l40s, hours_ahead_max=99)
    book(people)

    assert ask(people).json() == {
        "project": "team-chat",
        "pools": [
            {
                "pool": "lab",
                "accelerators_max": 12,
                "gpu_hours_per_month": 4000,
                "mig_only": False,
                "month_starts_at": "2030-04-30T22:00:00Z",
                "month_ends_at": "2030-05-31T22:00:00Z",
                "held": 0,
                "most": 6,
                "most_at": "2030-05-14T10:55:00Z",
                "hours_used": 0.0,
                "hours_booked": 12.0,
                "device_classes": [
                    {
                        "device_class": H100,
                        "held": 0,
                        "most": 2,
                        "most_at": "2030-05-14T09:55:00Z",
                        "hours_used": 0.0,
                        "hours_booked": 4.0,
                    },
                    {
                        "device_class": L40S,
                        "held": 0,
                        "most": 4,
                        "most_at": "2030-05-14T10:55:00Z",
                        "hours_used": 0.0,
                        "hours_booked": 8.0,
                    },
                ],
                "ceilings": [
                    ceiling("at_once", 12, 6),
                    ceiling("month", 4000, 12, "2030-04-30T22:00:00Z", "2030-05-31T22:00:00Z"),
                    ceiling("7_days", 500, 12, "2030-05-07T13:00:00Z", "2030-05-14T13:00:00Z"),
                    {**ceiling("ahead", 99, 8, "2030-05-13T08:00:00Z", "2030-05-14T13:00:00Z"), "device_class": L40S},
                ],
                "bounds": {
                    "near_term_hours": 4,
                    "horizon_days": None,
                    "min_duration_minutes": None,
                    "max_duration_hours": None,
                    "min_lead_minutes": None,
                    "priority_max": "normal",
                },
            }
        ],
    }


def test_page_and_program_are_told_the_same(people: Cast) -> None:
    book(people)

    (told,) = ask(people).json()["pools"]
    (shown,) = people.browser("vera").get("/projects/team-chat/").context["quotas"]

    assert (shown.use.held, shown.use.most, shown.use.most_at.isoformat().replace("+00:00", "Z")) == (
        told["held"],
        told["most"],
        told["most_at"],
    )
    assert [(one.held, one.most) for one in shown.classes] == [
        (one["held"], one["most"]) for one in told["device_classes"]
    ]


@pytest.mark.parametrize(
    ("name", "scopes", "status"),
    [
        ("vera", ("usage:read",), 200),
        ("vera", ("reservations:read",), 403),
        ("charlie", (), 404),
        ("olga", (), 200),
    ],
)
def test_a_token_needs_the_scope_and_its_owner_the_project(
    people: Cast, name: str, scopes: tuple[str, ...], status: int
) -> None:
    assert ask(people, name, scopes=scopes).status_code == status


def test_a_token_of_another_project_sees_nothing(people: Cast) -> None:
    assert ask(people, "charlie", project="team-research").status_code == 404
