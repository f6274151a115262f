"""What devices cost. An operator says so; a rate that was in force is never changed, only ended: its history stays.

Bookings keep the rates they were made at. The inventory's generation moves, since rates are kept with it by who plans.
"""

from datetime import datetime

from django.db import transaction

from fabric.services.generation import move_generation
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Rate
from scheduler.planning.rates import EVERY_DAY
from scheduler.planning.sentences import in_utc
from scheduler.refusals import FieldError, Invalid
from scheduler.requests import Actor


@transaction.atomic
def add_rate(*, rate: Rate, by: Actor, now: datetime) -> Rate:
    """Raises Invalid for one that cannot hold at any time, or that would change what was booked before."""
    if errors := [*_of_its_time(rate, now), *_of_its_money(rate)]:
        raise Invalid(errors)
    move_generation(pool_ids=[rate.pool_id])
    rate.save()
    _record(rate, f"{_in_words(rate)} from {in_utc(rate.valid_from)} on.", by, now)
    return rate


@transaction.atomic
def end_rate(*, rate: Rate, at: datetime, by: Actor, now: datetime) -> Rate:
    """Raises Invalid for a moment that is past, or not after its beginning, and for one that is over."""
    rate = Rate.objects.select_for_update(of=("self",)).select_related("pool", "device_class").get(pk=rate.pk)
    if rate.valid_until is not None and rate.valid_until <= now:
        raise Invalid([FieldError("valid_until", "past", "It is over; what was in force then stays as it was.")])
    if at < now or at <= rate.valid_from:
        raise Invalid([FieldError("valid_until", "past", "Give a moment to come, after its beginning.")])
    move_generation(pool_ids=[rate.pool_id])
    rate.valid_until = at
    rate.save(update_fields=["valid_until"])
    _record(rate, f"{_in_words(rate)} ends {in_utc(at)}.", by, now)
    return rate


def _in_words(rate: Rate) -> str:
    what = rate.device_class.name if rate.device_class else "Every device"
    money = f"{rate.usd_per_hour.normalize():f} USD an hour" if rate.usd_per_hour is not None else f"{rate.percent} %"
    whose = f" with priority {rate.priority}" if rate.priority else ""
    return f"{what}{whose}: {money}"


def _of_its_time(rate: Rate, now: datetime) -> list[FieldError]:
    found = []
    days = rate.weekdays
    if not days or list(days) != sorted(set(days) & set(EVERY_DAY)):
        found.append(FieldError("weekdays", "invalid", "Give weekdays by their numbers, 1 for Monday: 12345, or 67."))
    if not rate.from_minute < rate.until_minute:
        found.append(FieldError("until_minute", "inverted", "The part of the day ends after it begins."))
    if rate.valid_from < now:
        found.append(FieldError("valid_from", "past", "A rate holds from now on at the earliest."))
    if rate.valid_until is not None and rate.valid_until <= rate.valid_from:
        found.append(FieldError("valid_until", "inverted", "The end must come after the beginning."))
    return found


def _of_its_money(rate: Rate) -> list[FieldError]:
    if (rate.usd_per_hour is None) == (rate.percent is None):
        return [FieldError("percent", "invalid", "Give either dollars an hour or percent.")]
    if rate.usd_per_hour is not None and rate.device_class is None:
        return [FieldError("device_class", "required", "Say which class costs so much an hour.")]
    return []


def _record(rate: Rate, message: str, by: Actor, now: datetime) -> None:
    facts = {
        "device_class": rate.device_class.code if rate.device_class else None,
        "priority": rate.priority or None,
        "weekdays": rate.weekdays,
        "from_minute": rate.from_minute,
        "until_minute": rate.until_minute,
        "usd_per_hour": str(rate.usd_per_hour) if rate.usd_per_hour is not None else None,
        "percent": rate.percent,
        "valid_until": rate.valid_until.isoformat() if rate.valid_until else None,
    }
    journal.record(kind=JournalKind.RATE_CHANGED, message=message, by=by, now=now, pool=rate.pool, facts=facts)
