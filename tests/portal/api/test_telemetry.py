"""How busy devices are: operators' programs tell it, in a bounded body, once or twice."""

from datetime import timedelta
from typing import Any

import pytest

from scheduler.models import Utilisation
from tests.portal.cast import MONDAY, Cast

BLOCK = "pru-01-s01"


def sample(**other: Any) -> dict[str, Any]:
    return {"block": BLOCK, "at": MONDAY.isoformat(), "percent": 40, **other}


def body(*samples: dict[str, Any], **other: Any) -> dict[str, Any]:
    return {"pool": "lab", "source": "agent-1", "samples": list(samples), **other}


def test_samples_are_taken_once_and_unknown_blocks_are_named(people: Cast) -> None:
    olga = people.caller("olga")

    answers = [olga.post("telemetry/", body(sample(), sample(block="nothing"))) for _ in range(2)]

    assert [(one.status_code, one.json()) for one in answers] == [(200, {"taken": 1, "unknown": ["nothing"]})] * 2
    kept = Utilisation.objects.values_list("block__code", "at", "percent", "source").get()
    assert kept == (BLOCK, MONDAY, 40, "agent-1")


def test_a_token_of_an_operator_may_be_narrowed_to_it(people: Cast) -> None:
    _, text = people.token("olga", scopes=("operate",))

    assert type(people.caller("olga"))(text).post("telemetry/", body(sample())).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        (body(), "samples", "required"),
        (body(sample(), pool="nowhere"), "pool", "unknown"),
        (body(sample(percent=101)), "samples[0].percent", "too_large"),
        (body(sample(percent=4.5)), "samples[0].percent", "invalid"),
        (body(sample(at="2030-05-13T08:00:00")), "samples[0].at", "naive"),
        (body(sample(at=(MONDAY + timedelta(minutes=3)).isoformat())), "samples[0].at", "out_of_range"),
        (body(sample(at=(MONDAY - timedelta(hours=25)).isoformat())), "samples[0].at", "out_of_range"),
        (body(sample(watts=3)), "samples[0].watts", "unknown"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_field(people: Cast, wrong: Any, field: str, code: str) -> None:
    answer = people.caller("olga").post("telemetry/", wrong)

    assert answer.status_code == 400
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [(field, code)]
    assert not Utilisation.objects.exists()
