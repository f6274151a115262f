"""Was each promise of the features kept? Swept over the rows, by what the documents say and by nothing of the product.

Each gives a sentence for everything that is not as it should be.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.db.models import F

from fabric.models import Attachment
from scheduler.models import Allocation, Approval, CapacityAlert, Delegation, JournalEntry, Notice, Reservation, Series
from scheduler.models import Utilisation as Sample
from tests.simulation.month_owners import bookers
from tests.simulation.month_world import BEGIN, IDLE, POLICY, SHRINKS_AFTER

MINUTE, MICROSECOND = timedelta(minutes=1), timedelta(microseconds=1)
SILENT = timedelta(minutes=10)
ACCELERATORS = ("gpu", "xpu", "fpga")
_NEEDED = tuple(f"reservation.{word}" for word in ("checked_in", "extended", "resized", "handed_over"))
_GIVEN_UP = ("cancelled", "rejected", "expired")
CENT = Decimal("0.01")


def untold_idle() -> Iterator[str]:
    """What was taken since it stood still: told so long before, still all that time, and by the policy of its day."""
    milder = BEGIN + SHRINKS_AFTER
    taken = JournalEntry.objects.filter(
        kind__in=("reservation.releasing", "reservation.shrunk"), facts__has_key="idle_since"
    )
    for entry in taken.select_related("reservation").order_by("id"):
        one, since = entry.reservation, datetime.fromisoformat(entry.facts["idle_since"])
        told = JournalEntry.objects.filter(reservation=one, kind="reservation.idle", id__lt=entry.pk).last()
        if told is None or entry.at - told.at < IDLE["release_minutes"] * MINUTE:
            yield f"{one} was told too late"
            continue
        if told.at - since < IDLE["warn_minutes"] * MINUTE:
            yield f"{one} was told too early"
        if not Notice.objects.filter(entry=told, user__username=_who_had(one, told)).exists():
            yield f"nobody heard of {one}"
        if (entry.kind == "reservation.releasing") is (entry.at >= milder):
            yield f"{one}: {entry.kind} at {entry.at}"
        signs = JournalEntry.objects.filter(reservation=one, actor__isnull=False, at__gt=told.at, at__lt=entry.at)
        if signs.filter(kind__in=_NEEDED).exists():
            yield f"{one} was needed still"
        yield from _busy(one, since, entry.at)


def _who_had(one: Reservation, told: JournalEntry) -> str:
    """When it was told: it may have been handed over since."""
    since = JournalEntry.objects.filter(reservation=one, kind="reservation.handed_over", id__gt=told.pk).order_by("id")
    given = since.first()
    assert one.created_by is not None, "people book"
    return given.facts["from"]["user"] if given is not None else one.created_by.get_username()


def _busy(one: Reservation, since: datetime, until: datetime) -> Iterator[str]:
    """A sample of each accelerator at least every ten minutes, and none of them busy after that."""
    mine = Attachment.objects.filter(composition__owner=one.code, block__device_class__kind__in=ACCELERATORS)
    for block in mine.filter(since__lte=since, until__gte=until).values_list("block_id", flat=True):
        rows = Sample.objects.filter(block_id=block, at__gte=since, at__lte=until).order_by("at")
        told = list(rows.values_list("at", "percent"))
        moments = [since, *(at for at, _ in told), until]
        if any(percent > IDLE["percent"] and at > since for at, percent in told):
            yield f"{one} was busy"
        if any(later - at > SILENT for at, later in pairwise(moments)):
            yield f"{one}: nothing is known of a device of it"


def misplaced() -> Iterator[str]:
    """Occurrences that do not begin by the wall clock of their series, though nobody changed them on their own."""
    for series in Series.objects.order_by("pk"):
        zone, first = ZoneInfo(series.time_zone), datetime.fromisoformat(series.starts_local)
        changes = JournalEntry.objects.filter(kind__in=("series.made", "series.changed"), reference=series.code)
        changed = max(changes.values_list("at", flat=True))
        rows = series.occurrences.filter(is_exception=False, occurrence_at__gt=changed).exclude(state__in=_GIVEN_UP)
        for one in rows.order_by("pk"):
            day = one.starts_at.astimezone(zone).date()
            if one.starts_at != datetime.combine(day, first.time(), zone).astimezone(UTC):  # in the gap so much later
                yield f"{one} of {series} begins at {one.starts_at}"
            if "WEEKLY" in series.rule and day.weekday() != first.weekday():
                yield f"{one} of {series} is on {day}"


def dropped_exceptions() -> Iterator[str]:
    """Who changed one window on its own keeps it, whatever becomes of the series."""
    words = ("The series was changed.", "The series was ended.")
    for one in Reservation.objects.filter(is_exception=True, state="cancelled"):
        if one.state_reason.startswith(words):
            yield f"{one}: {one.state_reason}"


def badly_decided() -> Iterator[str]:
    """Nobody on their own booking, in time, and in another's place only while that one had given it."""
    for asked in Approval.objects.exclude(decided_by=None).select_related("reservation").order_by("pk"):
        one, at = asked.reservation, asked.decided_at
        if at is None or at >= asked.expires_at or asked.decided_by.get_username() in bookers(one, before=at):
            yield f"{one} was decided by {asked.decided_by} at {at}"
        given = Delegation.objects.filter(giver=asked.on_behalf_of, taker=asked.decided_by)
        given = given.filter(starts_at__lte=at, ends_at__gt=at)
        if asked.on_behalf_of_id is not None and not given.exists():
            yield f"{one}: {asked.decided_by} was given no say"


def attached_in_maintenance() -> Iterator[str]:
    """What is out of service has nobody on it."""
    for held in Allocation.objects.filter(maintenance__isnull=False, during__isempty=False).order_by("pk"):
        begin, end = held.during.lower, held.during.upper
        units = {"block": held.block_id} if held.block_id else {"host": held.host_id}
        if Attachment.objects.filter(**units, since__lt=end, until__gt=begin).exists():
            yield f"{held} from {begin} to {end}"


def unheard_alerts() -> Iterator[str]:
    """Told once, to who asked."""
    for alert in CapacityAlert.objects.filter(told_at__isnull=False):
        entries = JournalEntry.objects.filter(kind="capacity.freed", reference=alert.code, at=alert.told_at)
        if Notice.objects.filter(entry__in=entries, user=alert.user_id).count() != 1:
            yield alert.code


def out_of_bounds() -> Iterator[str]:
    """Elastic groups below their floor or above their ceiling, at any instant of their window."""
    for one in Reservation.objects.filter(state="ended").exclude(elastic={}).order_by("pk"):
        bounds = one.elastic["decode"]
        rows = Attachment.objects.filter(composition__owner=one.code).values_list("composition__node", "since", "until")
        spans = set(rows)
        released = JournalEntry.objects.filter(reservation=one, kind="reservation.releasing").last()
        until = released.at if released is not None else one.ends_at
        begun = JournalEntry.objects.filter(reservation=one, kind="reservation.active").last()
        first = begun.at if begun is not None else one.starts_at
        for at in {at for _, since, gone in spans for at in (since, gone) if first <= at < until}:
            nodes = len({node for node, since, gone in spans if since <= at < gone})
            if not bounds["floor"] <= nodes <= bounds["ceiling"]:
                yield f"{one} has {nodes} nodes at {at}"


def wrongly_charged() -> Iterator[str]:
    """Who cancels what was promised within a day of its start owes a part of the price, others nothing."""
    withdrawn = JournalEntry.objects.filter(kind="reservation.cancelled", reservation__preempted_for__isnull=True)
    free = timedelta(hours=int(POLICY["cancel_free_until_hours"]))
    for entry in withdrawn.filter(actor=F("reservation__created_by")).select_related("reservation").order_by("id"):
        one = entry.reservation
        if "usd" not in one.price or JournalEntry.objects.filter(reservation=one, kind="reservation.active").exists():
            continue
        promised = JournalEntry.objects.filter(reservation=one, kind="reservation.confirmed").exists()
        is_late = promised and one.starts_at - entry.at < free
        part = Decimal(POLICY["late_cancel_percent"]) / 100 if is_late else Decimal(0)
        owed = (Decimal(one.price["usd"]) * part).quantize(CENT, ROUND_HALF_UP)
        due = Decimal(one.price.get("due", one.price)["usd"])
        if due != max(owed, Decimal(one.price.get("least_usd", 0))):
            yield f"{one} owes {due} and not {owed} of {one.price['usd']}"


def wrongly_credited() -> Iterator[str]:
    """Who gives back early pays until then, at the rates it was booked at: those with one rate at all hours."""
    early = Reservation.objects.filter(price__due__because="given_back_early").order_by("pk")
    changed = ("reservation.resized", "device.swapped")
    for one in early.exclude(journal__kind__in=changed).exclude(price__has_key="tariffs"):
        released = JournalEntry.objects.get(reservation=one, kind="reservation.releasing")
        hours = Decimal((max(released.at, one.starts_at) - one.starts_at) / MICROSECOND) / 3_600_000_000
        usd = sum(Decimal(part["rate_usd_per_hour"]) * part["count"] * hours for part in one.price["parts"])
        if Decimal(one.price["due"]["usd"]) != Decimal(usd).quantize(CENT, ROUND_HALF_UP):
            yield f"{one} owes {one.price['due']} and not {usd} for {hours} hours"


ALL = (
    wrongly_credited,
    untold_idle,
    misplaced,
    dropped_exceptions,
    badly_decided,
    attached_in_maintenance,
    unheard_alerts,
    out_of_bounds,
    wrongly_charged,
)
