"""Usage found another way: walk over time from one change to the next, and count what is attached in between.

Reads attachments and reservations one by one and shares nothing with the statement under test. Only for worlds in
which every time is a whole number of microseconds, as all of ours are.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from fabric.models import Attachment
from scheduler.models import Reservation

Key = tuple[str, str, str, datetime]  # project, pool, device class ("" for hosts), and when its period begins
HOUR = timedelta(hours=1)


@dataclass
class Sum:
    device_hours: Fraction = Fraction(0)
    charged_hours: Fraction = Fraction(0)
    usd: Fraction | None = None
    kwh: Fraction = Fraction(0)

    @property
    def rounded(self) -> tuple[Decimal, Decimal, Decimal | None, Decimal]:
        usd = None if self.usd is None else _to(self.usd, "0.01")
        return _to(self.device_hours, "0.0001"), _to(self.charged_hours, "0.0001"), usd, _to(self.kwh, "0.001")


@dataclass(frozen=True)
class _Thing:
    """One device, or with no class a host, for as long as it was attached."""

    reservation: Reservation
    device_class: str
    watts: int
    since: datetime
    until: datetime


@dataclass
class Sweep:
    begin: datetime
    end: datetime
    now: datetime
    unit: str = "class"
    things: list[_Thing] = field(default_factory=list)

    def swept(self) -> Mapping[Key, Sum]:
        self._read()
        sums: defaultdict[Key, Sum] = defaultdict(Sum)
        for here, there in pairwise(self._changes()):
            for thing in self.things:
                if thing.since <= here and there <= thing.until:
                    self._count(sums, thing, here, Fraction((there - here) / HOUR).limit_denominator(3_600_000_000))
        return sums

    def _count(self, sums: dict[Key, Sum], thing: _Thing, here: datetime, hours: Fraction) -> None:
        mine = thing.reservation
        found = sums[mine.project.slug, mine.pool.code, thing.device_class, self._period(here, mine.pool.time_zone)]
        found.kwh += hours * thing.watts / 1_000
        if not thing.device_class:
            return
        found.device_hours += hours
        is_charged = mine.starts_at <= here < mine.ends_at
        found.charged_hours += hours if is_charged else 0
        for part in mine.price["parts"]:
            if part["device_class"] == thing.device_class:
                found.usd = (found.usd or Fraction(0)) + (
                    hours * Fraction(part["rate_usd_per_hour"]) if is_charged else 0
                )

    def _period(self, here: datetime, zone: str) -> datetime:
        if self.unit == "class":
            return self.begin
        local = here.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        local = local.replace(day=1) if self.unit == "month" else local
        return max(local, self.begin)

    def _read(self) -> None:
        nodes: dict[int, list[_Thing]] = {}
        rows = Attachment.objects.select_related("composition__host", "block__device_class")
        for row in rows:
            mine = Reservation.objects.select_related("project", "pool").get(code=row.composition.owner)
            device_class = row.block.device_class
            cap = row.composition.settings.get(row.block.code, {}).get("power_cap_w")
            until = row.until or self.now
            thing = _Thing(mine, device_class.code, cap or device_class.tdp_w or 0, row.since, until)
            nodes.setdefault(row.composition_id, []).append(thing)
        for row in rows:
            things = nodes.pop(row.composition_id, [])
            if things:
                host = row.composition.host
                since, until = min(one.since for one in things), max(one.until for one in things)
                watts = host.base_w + host.facts.get("local_w", 0)
                self.things += [*things, _Thing(things[0].reservation, "", watts, since, until)]

    def _changes(self) -> Collection[datetime]:
        """Every moment at which something that counts changes, midnights of every zone there is among them."""
        moments = {self.begin, self.end}
        for thing in self.things:
            mine = thing.reservation
            moments |= {thing.since, thing.until, mine.starts_at, mine.ends_at}
            zone = ZoneInfo(mine.pool.time_zone)
            first = self.begin.astimezone(zone).date()
            for days in range((self.end - self.begin).days + 3):
                day = first + timedelta(days=days)
                moments.add(datetime(day.year, day.month, day.day, tzinfo=zone))
        last = min(self.end, self.now)
        return sorted(moment for moment in moments if self.begin <= moment <= last)


def _to(exact: Fraction, last: str) -> Decimal:
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal(last))
