"""A project's own presets: what is kept of a request, their names, their ceiling, and the journal."""

from typing import Any

import pytest

from scheduler import limits
from scheduler.models import JournalEntry, Preset, Project
from scheduler.parsing import parse_request
from scheduler.queries.vocabulary import vocabulary
from scheduler.refusals import Invalid
from scheduler.services.presets import preset_body, remove, save
from tests.scheduler.services.house import H100, House

pytestmark = pytest.mark.django_db
MIX = [{"role": "decode", "nodes": 1, "lines": [{"device_class": H100, "count": 1}]}]
BODY = {"mix": MIX, "duration_minutes": 60}


def project() -> Project:
    return Project.objects.get(slug="team-chat")


def saved(house: House, name: object = "Nightly", purpose: object = "For the night.") -> Preset:
    by = house.by(house.alice)
    return save(project=project(), name=name, purpose=purpose, body=BODY, by=by, now=house.clock.now)


def refused(house: House, **words: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as found:
        saved(house, **words)
    return [(error.field, error.code) for error in found.value.errors]


def test_one_is_saved_with_what_it_is_for_and_removed_each_in_the_journal(house: House) -> None:
    made = saved(house)
    kept = (made.name, made.purpose, made.body, made.created_by, made.project)
    gone = remove(project=project(), code=made.code, by=house.by(house.alice), now=house.clock.now)

    assert kept == ("Nightly", "For the night.", BODY, house.alice, project())
    assert (gone.name, gone.body, Preset.objects.exists()) == ("Nightly", BODY, False)
    entries = [(entry.kind, entry.reference, entry.project) for entry in JournalEntry.objects.order_by("id")]
    assert entries == [("preset.saved", "team-chat", project()), ("preset.removed", "team-chat", project())]


def test_what_is_kept_is_neither_a_time_nor_a_project_nor_a_pool(house: House) -> None:
    body = {
        "project": "team-chat",
        "pool": "lab",
        "title": "Mine",
        "starts_at": "2030-05-13T10:00:00Z",
        "ends_at": "2030-05-13T11:30:00Z",
        "mix": MIX,
        "placement": {"network": "rdma-1"},
        "on_failure": "degrade",
    }
    request = parse_request(body, vocabulary=vocabulary(user_id=house.alice.pk), now=house.clock.now)

    assert preset_body(request=request) == {
        "mix": MIX,
        "placement": {"network": "rdma-1"},
        "on_failure": "degrade",
        "duration_minutes": 90,
    }


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"name": ""}, ("preset_name", "required")),
        ({"name": None}, ("preset_name", "invalid")),
        ({"name": "x" * 121}, ("preset_name", "too_long")),
        ({"name": "<b>bold</b>"}, ("preset_name", "invalid")),
        ({"purpose": "x" * 301}, ("preset_purpose", "too_long")),
    ],
)
def test_a_name_or_purpose_that_cannot_be_is_refused_by_name(
    house: House, words: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refused(house, **words) == [expected]
    assert not Preset.objects.exists()


def test_a_name_is_taken_once_in_a_project(house: House) -> None:
    saved(house)

    assert refused(house, name=" Nightly ") == [("preset_name", "invalid")]


def test_a_project_has_only_so_many(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PRESETS_PER_PROJECT_MAX", 2)
    saved(house, name="One")
    saved(house, name="Two")

    assert refused(house, name="Three") == [("preset_name", "too_large")]


def test_what_is_gone_already_is_said_to_be(house: House) -> None:
    with pytest.raises(Invalid) as found:
        remove(project=project(), code="p-nothing", by=house.by(house.alice), now=house.clock.now)

    assert [(error.field, error.code) for error in found.value.errors] == [("code", "unknown")]


def test_one_of_another_project_is_not_there(house: House) -> None:
    made = saved(house)
    other = Project.objects.get(slug="team-research")

    with pytest.raises(Invalid):
        remove(project=other, code=made.code, by=house.by(house.charlie), now=house.clock.now)

    assert Preset.objects.filter(code=made.code).exists()
