"""What a class costs, where it is picked: what this pool asks for now, not what the catalogue says."""

from datetime import timedelta
from decimal import Decimal

import pytest

from fabric.models import DeviceClass
from portal.web.present.pickers import rate_words
from scheduler.models import Rate
from scheduler.planning.rates import Band, Tariff
from scheduler.queries import boards
from tests.portal.cast import H100, MONDAY, Cast

NIGHT = Band("1234567", 0, 360, Decimal("0.775"))


@pytest.mark.parametrize(
    ("tariff", "words"),
    [
        (Tariff(None), "not priced"),
        (Tariff(Decimal("3.0700")), "$3.07/h"),
        (Tariff(Decimal("1.55"), (NIGHT,)), "$0.775–$1.55/h"),
        (Tariff(None, (NIGHT,)), "$0.775/h"),
        (Tariff(Decimal(0)), "$0.00/h"),
    ],
)
def test_a_rate_is_told_in_few_words(tariff: Tariff, words: str) -> None:
    assert rate_words(tariff) == words


@pytest.mark.parametrize(("priority", "price"), [("", "$8.00/h"), ("low", "$4.00/h"), ("none such", "$8.00/h")])
def test_the_builder_names_the_rate_of_the_pool(people: Cast, priority: str, price: str) -> None:
    begun = MONDAY - timedelta(days=1)
    h100 = DeviceClass.objects.get(code=H100)
    Rate.objects.create(pool=people.pool, device_class=h100, usd_per_hour=Decimal(8), valid_from=begun)
    Rate.objects.create(pool=people.pool, priority="low", percent=50, valid_from=begun)
    boards.forget()

    form = people.browser("alice").post("/reservations/new/", _typed(priority)).context["form"]

    chosen = form.groups[0].lines[0].picker.chosen
    assert (chosen.value, chosen.price) == (H100, price)


def _typed(priority: str) -> dict[str, str]:
    """As it is typed, with a line more asked for: nothing is booked."""
    where = {"pool": "lab", "project": "team-chat", "priority": priority, "action": "add-line:0"}
    return {**where, "group-0-nodes": "1", "group-0-line-0-device_class": H100, "group-0-line-0-count": "1"}
