"""Which presets somebody may begin from, and why a pool could never grant one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fabric.models import ResourceBlock
from fabric.services.generation import move_generation
from scheduler.models import Preset, Project
from scheduler.queries import boards
from scheduler.queries.presets import own_presets, preset_of, presets_for
from scheduler.services.presets import save
from tests.scheduler.services.house import H100, House

SHIPPED = ["llm-serving", "fine-tune", "big-memory", "inference-burst", "storage-heavy"]
BODY = {"mix": [{"nodes": 1, "lines": [{"device_class": H100, "count": 1}]}], "duration_minutes": 60}


def saved(house: House, name: str, *, slug: str = "team-chat") -> Preset:
    project = Project.objects.get(slug=slug)
    return save(project=project, name=name, purpose="", body=BODY, by=house.by(house.alice), now=house.clock.now)


def test_those_for_everybody_come_first_and_then_ones_own(house: House) -> None:
    mine = saved(house, "Nightly")
    saved(house, "Secret", slug="team-research")

    rows = presets_for(project_ids={mine.project_id}, pool_code="lab", now=house.clock.now)

    assert [row.code for row in rows] == [*SHIPPED, mine.code]
    assert (rows[-1].project, rows[-1].name, rows[-1].created_by, rows[-1].why_not) == (
        "team-chat",
        "Nightly",
        "alice",
        "",
    )
    assert [row.why_not for row in rows[:-1]] == [""] * 5


def test_who_sees_all_projects_sees_all_presets(house: House) -> None:
    saved(house, "Nightly")
    saved(house, "Secret", slug="team-research")

    assert [row.name for row in own_presets(project_ids=None)] == ["Nightly", "Secret"]


def test_what_the_pool_cannot_grant_at_all_is_told_and_told_anew_when_the_pool_changes(house: House) -> None:
    def why_not() -> str:
        rows = presets_for(project_ids=(), pool_code="lab", now=house.clock.now)
        return next(row.why_not for row in rows if row.code == "storage-heavy")

    before = why_not()
    ResourceBlock.objects.filter(slot_kind="bay", slot__gt=5).update(is_cordoned=True)
    move_generation(pool_ids=[house.pool.pk])

    assert (before, why_not()) == ("", "The pool has 5 usable devices that this line matches; 6 are asked for.")


@pytest.mark.parametrize("is_mine", [True, False])
def test_one_is_found_by_its_code_where_one_sees_it(house: House, is_mine: bool) -> None:
    mine = saved(house, "Nightly")
    seen = {mine.project_id} if is_mine else set()

    found = preset_of(code=mine.code, project_ids=seen)

    assert (found.name if found else None) == ("Nightly" if is_mine else None)
    assert preset_of(code="nothing", project_ids=None) is None
    shipped = preset_of(code="fine-tune", project_ids=())
    assert shipped is not None
    assert shipped.name == "Fine-tune on 8"


def test_the_queries_do_not_grow_with_the_presets(house: House) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            presets_for(project_ids=None, pool_code="lab", now=house.clock.now)
        return len(captured)

    boards.forget()  # as in a process that has not looked before
    saved(house, "One")
    asked()
    with_one = asked()
    for name in ("Two", "Three"):
        saved(house, name)

    assert (with_one, asked()) == (15, 15)
