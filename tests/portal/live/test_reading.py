"""One reading for many sockets: the same text for the same sight, and only what a socket has not heard yet."""

import json

from portal.live.reading import Reading
from portal.standing import Viewer
from scheduler.queries.journal import JournalCursor
from tests.portal.live.test_frames import entry

BEFORE = JournalCursor(703, 3)
FIRST = entry(4, "reservation.confirmed", "r-abc", project_id=10)
SECOND = entry(5, "member.added", "team-chat", project_id=10)
MEMBER, ANOTHER = (Viewer(user_id=number, project_ids=frozenset({10})) for number in (1, 2))
STRANGER = Viewer(user_id=3, project_ids=frozenset({20}))


def ids(reading: Reading, viewer: Viewer, position: JournalCursor) -> list[int]:
    return [json.loads(text)["id"] for text in reading.told(viewer, position=position)[0]]


def test_those_who_may_see_the_same_share_one_text() -> None:
    reading = Reading(after=BEFORE, entries=[FIRST, SECOND])

    shared, again = (reading.told(viewer, position=BEFORE) for viewer in (MEMBER, ANOTHER))

    assert ids(reading, MEMBER, BEFORE) == [4, 5]
    assert (again[0] is shared[0], shared[1], again[1]) == (True, SECOND.cursor, SECOND.cursor)
    assert reading.told(STRANGER, position=BEFORE) == ([], SECOND.cursor)


def test_a_socket_that_joined_meanwhile_hears_only_the_rest() -> None:
    reading = Reading(after=BEFORE, entries=[FIRST, SECOND])
    later = JournalCursor(799, 9)

    assert ids(reading, MEMBER, FIRST.cursor) == [5]
    assert reading.told(MEMBER, position=SECOND.cursor) == ([], SECOND.cursor)
    assert reading.told(MEMBER, position=later) == ([], later)
