"""Whose a reservation was, and when, worked out from the journal: handed over, it belongs to another project.

What it holds counts at every instant for who has it then; what it uses counts for who has it in the end.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime

from scheduler.models import JournalEntry, Reservation

Time = tuple[str, datetime, datetime]  # slug of the project, from, until
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def bookers(one: Reservation, *, before: datetime) -> set[str]:
    """Whoever had booked it, or had been handed it until then; who gets it later may have decided on it."""
    rows = JournalEntry.objects.filter(kind="reservation.handed_over", reservation=one).order_by("id")
    given = list(rows.values_list("at", "facts"))
    first = given[0][1]["from"]["user"] if given else one.created_by and one.created_by.get_username()
    return {first or "", *(facts["to"]["user"] for at, facts in given if at < before)}


def owned() -> Mapping[str, tuple[Time, ...]]:
    """By code of the reservation, those that another project has had as well."""
    found: defaultdict[str, list[Time]] = defaultdict(list)
    rows = JournalEntry.objects.filter(kind="reservation.handed_over", reservation__isnull=False).order_by("id")
    for code, at, facts in rows.values_list("reservation__code", "at", "facts"):
        begin = found[code][-1][2] if found[code] else FIRST
        found[code].append((facts["from"]["project"], begin, at))
    now = dict(Reservation.objects.filter(code__in=found).values_list("code", "project__slug"))
    return {code: (*times, (now[code], times[-1][2], LAST)) for code, times in found.items()}
