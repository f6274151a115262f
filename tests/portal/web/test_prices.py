"""Prices as people read them: each rate with its hours, and what is due in the end."""

from portal.web.present.prices import price_view

NAMES = {"gpu-a": "GPU A"}
PRICE = {
    "usd": "22.00",
    "hours": "8.0000",
    "parts": [
        {"device_class": "gpu-a", "count": 2, "rate_usd_per_hour": "2.50", "usd": "10.00", "hours": "2.0000"},
        {"device_class": "gpu-a", "count": 2, "rate_usd_per_hour": "1.00", "usd": "12.00", "hours": "6.0000"},
    ],
    "not_priced": [],
    "devices": {"gpu-a": 2},
}


def test_each_rate_is_told_with_its_hours() -> None:
    found = price_view(PRICE, names=NAMES)

    assert [part.words.replace("\u00a0", " ") for part in found.parts] == [
        "2 × GPU A, $2.50/h for 2 h",
        "2 × GPU A, $1.00/h for 6 h",
    ]
    assert found.due == ""


def test_what_is_due_in_the_end_is_told_with_its_reason() -> None:
    found = price_view({**PRICE, "due": {"usd": "6.60", "because": "late_cancel"}}, names=NAMES)

    assert found.due.replace("\u00a0", " ") == "$6.60, cancelled late"
