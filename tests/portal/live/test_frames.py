"""What one viewer is sent."""

import json

from portal.live.frames import frames_of, resync
from portal.standing import Viewer
from scheduler.queries.journal import EntryRow, JournalCursor
from tests.portal.live.cast import NOON

MEMBER = Viewer(user_id=1, project_ids=frozenset({10}))
STRANGER = Viewer(user_id=2, project_ids=frozenset({20}))
OPERATOR = Viewer(user_id=3, sees_all=True)


def entry(
    number: int, kind: str, reference: str, *, project_id: int | None = None, pool: str | None = None
) -> EntryRow:
    return EntryRow(
        cursor=JournalCursor(700 + number, number), at=NOON, kind=kind, reference=reference, reservation=None,
        project_id=project_id, project=None, pool=pool, actor_name="", door="web", request_id="", message="", facts={},
    )  # fmt: skip


ENTRIES = [
    entry(4, "reservation.confirmed", "r-abc", project_id=10, pool="lab"),
    entry(5, "member.added", "team-chat", project_id=10),
    entry(6, "unit.cordoned", "host-01", pool="pod"),
    entry(7, "token.created", "hdl_x"),
    entry(8, "step.done", "r-abc", project_id=10, pool="lab"),
]
NAMES = ("id", "kind", "reference", "pool")


def told(viewer: Viewer, entries: list[EntryRow]) -> list[tuple[int, str, str] | tuple[int, str, str, str]]:
    texts = [json.loads(text) for text in frames_of(entries=entries, viewer=viewer, after_id=3)]
    assert {tuple(text) for text in texts} <= {NAMES[:3], NAMES}
    return [tuple(text.values()) for text in texts]


def test_a_member_is_told_of_the_project_and_of_pools() -> None:
    assert told(MEMBER, ENTRIES) == [
        (4, "reservation.confirmed", "r-abc", "lab"),
        (5, "member.added", "team-chat"),
        (6, "unit.cordoned", "host-01", "pod"),
        (8, "step.done", "r-abc", "lab"),
    ]


def test_a_stranger_learns_only_that_pools_changed() -> None:
    assert told(STRANGER, ENTRIES) == [(3, "pool.changed", "lab"), (6, "unit.cordoned", "host-01", "pod")]


def test_an_operator_is_told_everything() -> None:
    assert [one[0] for one in told(OPERATOR, ENTRIES)] == [4, 5, 6, 7, 8]


def test_nothing_new_is_no_frame() -> None:
    assert told(OPERATOR, []) == []


def test_ids_never_fall_so_that_a_browser_may_resume_from_the_last() -> None:
    ids = [one[0] for one in told(STRANGER, ENTRIES)]

    assert ids == sorted(ids)


def test_a_resync_carries_the_place_to_go_on_from() -> None:
    assert json.loads(resync(entry_id=9)) == {"id": 9, "kind": "resync", "reference": ""}
