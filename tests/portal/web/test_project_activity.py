"""What happened in a project: committed here, since the journal is read only where nothing earlier can still appear."""

from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.requests import SYSTEM
from tests.portal.cast import H100, MONDAY, Cast
from tests.portal.web.world import booked


def test_activity_is_of_this_project_without_the_steps_of_composing(people_for_real: Cast) -> None:
    people = people_for_real
    reservation = booked(people.alice)
    kind, words = JournalKind.STEP_STARTED, "Node 1, compose: started."
    journal.record(kind=kind, message=words, by=SYSTEM, now=MONDAY, reservation=reservation)
    elsewhere = [{"role": "", "nodes": 1, "lines": [{"device_class": H100, "count": 2}]}]
    booked(people.charlie, project="team-research", mix=elsewhere)
    people.browser("alice").post("/projects/team-chat/members/remove/", {"username": "vera"})

    entries = people.browser("bob").get("/projects/team-chat/?tab=activity").context["entries"]

    assert [(entry.kind, entry.reference) for entry in entries] == [
        ("member.removed", "team-chat"),
        ("reservation.confirmed", reservation.code),
    ]
