"""A month under all the rules: nothing is exceeded, lost, unexplained or counted otherwise than it was."""

import gc
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from scheduler import nudge
from scheduler.models import JournalEntry, Project, Reservation
from scheduler.queries import boards
from scheduler.queries.fair_share import fair_share
from scheduler.queries.usage_report import Cut, UsageScope, usage_page
from scheduler.services import _codes
from tests import emptying
from tests.simulation import month_features, month_quotas
from tests.simulation import month_sweeps as sweeps
from tests.simulation.month import Month
from tests.simulation.month_arrivals import DAYS
from tests.simulation.month_world import BEGIN, POLICY, made

MANY, MOST, FEW = 300, 2_000, 10  # arrivals
GARBAGE_AT = 100_000  # objects
DONE = (  # by people
    "booked",
    "booked over low ones",
    "waits",
    "alert",
    "booked after an alert",
    "approve",
    "reject",
    "decided in another's place",
    "confirm",
    "check in",
    "busy in time",
    "cancel",
    "move",
    "resize before it begins",
    "hand over before it begins",
    "extend",
    "shorten",
    "give back",
    "add a node",
    "give up a node",
    "cut anew",
    "swap",
    "hand over to a member",
    "hand over to a project",
    "series",
    "changed later windows",
    "change a series",
    "moved one window",
    "end a series",
    "wakes up",
    "needs it still",
)
TOLD = (  # by time, or by the operator
    "reservation.preempting",
    "reservation.promoted",
    "reservation.unclaimed",
    "reservation.idle",
    "reservation.shrunk",
    "maintenance.ended",
    "device.swapped",
    "delegation.made",
    "quota.near",
)
BY_ITSELF = (  # kind, and what of it is told then alone
    ("reservation.extended", "to"),
    ("reservation.resize_asked", "added"),
    ("reservation.releasing", "idle_since"),
    ("reservation.shrunk", "idle_since"),
    ("reservation.shrunk", "until"),  # promised to another
)
BECAUSE = ("late_cancel", "given_back_early")  # it costs otherwise than it was booked


@pytest.fixture(autouse=True)
def rarely_swept() -> Iterator[None]:
    """A month makes millions of small objects and few circles of them: a tenth of its time is not spent on these."""
    before = gc.get_threshold()
    gc.set_threshold(GARBAGE_AT, *before[1:])
    yield
    gc.set_threshold(*before)


@pytest.fixture
def quiet(transactional_db: None, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes are drawn with a seed, since the order in which some things are looked at is that of codes."""
    settings.HEDDLE_DATA_DIR = tmp_path
    boards.forget()
    monkeypatch.setattr(_codes, "secrets", random.Random(1))
    monkeypatch.setattr(nudge, "_quietly", lambda *_: None)  # nobody listens


@pytest.mark.parametrize("number", [MANY, pytest.param(MOST, marks=pytest.mark.deep)])
def test_a_month(quiet: None, number: int) -> None:
    month = Month(world=made(), seed=1, number=number)

    month.live()

    everything_holds(month)
    all_happened(month)


def everything_holds(month: Month) -> None:
    assert sweeps.exceeded() == []
    assert month_quotas.exceeded(now=month.now) == []
    assert sweeps.lost() == []
    assert sweeps.unfair_preemptions(notice=timedelta(minutes=POLICY["preemption_notice_minutes"])) == []
    assert sweeps.unserved() == []
    assert sweeps.twice_attached() == []
    assert told_hours(month.now) == sweeps.hours_attached()
    assert [told for sweep in month_features.ALL for told in sweep()] == []
    shares_are_explained(month)


def all_happened(month: Month) -> None:
    """Each of them at least once, or its sweep has seen nothing."""
    told = set(JournalEntry.objects.values_list("kind", flat=True))
    because = set(Reservation.objects.values_list("price__due__because", flat=True))
    itself = JournalEntry.objects.filter(actor=None)

    assert [what for what in DONE if not month.told[what]] == []
    assert [kind for kind in TOLD if kind not in told] == []
    assert [what for what in BECAUSE if what not in because] == []
    assert [what for what in BY_ITSELF if not itself.filter(kind=what[0], facts__has_key=what[1]).exists()] == []


def told_hours(now: datetime) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    """As the report of usage tells them: attached, and of these charged."""
    scope = UsageScope(project_ids=None, begins_at=BEGIN - timedelta(days=1), ends_at=now + timedelta(days=1))
    page = usage_page(scope=scope, cut=Cut.CLASS, now=now, limit=10_000)
    return {
        (row.project, row.device_class): (row.used.device_hours, row.used.charged_hours)
        for row in page.rows
        if row.device_class
    }


def shares_are_explained(month: Month) -> None:
    """Who has the higher factor has had less of what is due, and each is told why."""
    ids = list(Project.objects.values_list("id", flat=True))
    found = fair_share(project_ids=ids, pool=month.world.pool, now=BEGIN + timedelta(days=DAYS))
    order = sorted(found.values(), key=lambda one: -one.factor)

    assert [one.used / one.share for one in order] == sorted(one.used / one.share for one in order)
    assert all(f"factor {one.factor}" in one.reasons[-1] for one in order)


def test_the_same_seed_is_the_same_month(quiet: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def lived(seed: int) -> str:
        emptying.empty()
        boards.forget()
        monkeypatch.setattr(_codes, "secrets", random.Random(1))
        month = Month(world=made(), seed=seed, number=FEW)
        month.live()
        return month.checksum()

    first = lived(2)

    assert lived(2) == first
    assert lived(3) != first
