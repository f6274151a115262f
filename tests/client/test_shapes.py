"""The client calls what the portal says there is, and its types name what it says it sends."""

import re
from typing import Any

import pytest

from heddle import Call, calls, policy_calls, shapes
from portal.api.schema import Generator

SHAPES = (
    shapes.Pool, shapes.Counts, shapes.DeviceClass, shapes.Availability, shapes.FreeUnits, shapes.Slots,
    shapes.Project, shapes.ProjectQuota, shapes.PoolQuota, shapes.ClassUsed,
    shapes.CeilingUsed, shapes.QuotaBounds, shapes.Refusal, shapes.Suggestion,
    shapes.Alternative, shapes.FieldError, shapes.Power, shapes.Energy, shapes.Node, shapes.Plan, shapes.PlannedBlock,
    shapes.Devices, shapes.Quote, shapes.ReservationSummary, shapes.Reservation, shapes.Step, shapes.Composition,
    shapes.TimelineEntry,
    shapes.Used, shapes.Rates, shapes.Rate, shapes.OpenApproval, shapes.WaitingReservation, shapes.WaitEstimate,
    shapes.Alert, shapes.SeriesSummary, shapes.Series, shapes.Occurrence, shapes.UnfitOccurrence,
    shapes.UsageRow,
    shapes.Usage, shapes.Event, shapes.Token, shapes.NewToken,
)  # fmt: skip


CODE, NAME = "a-code", "a-name"
EVERYTHING: tuple[Call[Any], ...] = (
    calls.pools(),
    calls.pool(CODE),
    calls.device_classes(pool=CODE),
    calls.hosts(pool=CODE, state=NAME, zone=NAME),
    calls.blocks(pool=CODE, state=NAME, zone=NAME, device_class=NAME),
    calls.maintenance(pool=CODE),
    calls.availability(CODE, starts_at=NAME, ends_at=NAME, step_minutes=1, hours=1, zone=NAME),
    calls.projects(),
    calls.quota(CODE),
    calls.usage(project=CODE, pool=CODE, starts_at=NAME, ends_at=NAME, by=NAME),
    calls.usage_csv(project=CODE, pool=CODE, starts_at=NAME, ends_at=NAME, by=NAME),
    calls.quote_for({}),
    calls.slots({}),
    calls.book({}),
    calls.reservations(project=CODE, pool=CODE, state=NAME, starts_at=NAME, ends_at=NAME, mine=True),
    calls.reservation(CODE),
    calls.wait_once(CODE, state=NAME, seconds=1),
    calls.confirm(CODE, version=1),
    calls.cancel(CODE, version=1),
    calls.release(CODE, version=1),
    calls.approve(CODE, version=1),
    calls.reject(CODE, reason=NAME, version=1),
    calls.approvals(),
    calls.shorten(CODE, ends_at=NAME, version=1),
    calls.move(CODE, starts_at=NAME, ends_at=NAME, version=1),
    calls.auto_extend(CODE, until=NAME, version=1),
    calls.elastic(CODE, elastic={}, version=1),
    calls.hand_over(CODE, user=NAME, project=CODE, version=1),
    calls.waitlist(pool=CODE),
    calls.alerts(),
    calls.make_alert({}),
    calls.remove_alert(CODE),
    calls.series(project=CODE),
    calls.one_series(CODE),
    calls.make_series({}),
    calls.end_series(CODE, version=1),
    calls.rates(CODE),
    calls.extend(CODE, ends_at=NAME, version=1),
    calls.resize(CODE, version=1),
    calls.check_in(CODE, version=1),
    calls.swap(CODE, block=NAME, version=1),
    calls.events(after=1),
    calls.events_of(CODE, after=1),
    calls.tokens(),
    calls.make_token(NAME),
    calls.revoke_token(CODE),
)
OF_EVERY_CALL = {"Accept"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The portal's own description."""
    return Generator().get_schema()


@pytest.fixture(scope="module")
def described(document: dict[str, Any]) -> dict[str, Any]:
    """The components of it, by name."""
    components: dict[str, Any] = document["components"]["schemas"]
    return components


@pytest.mark.parametrize("call", EVERYTHING, ids=lambda call: f"{call.method} {call.path}")
def test_every_call_is_described_with_all_that_it_sends(call: Call[Any], document: dict[str, Any]) -> None:
    found = [
        operations[call.method.lower()]
        for path, operations in document["paths"].items()
        if re.fullmatch(re.sub(r"\{[a-z_]+\}", CODE, path), f"/api/v1/{call.path}")
        and call.method.lower() in operations
    ]

    assert len(found) == 1
    known = {(one["in"], one["name"]) for one in found[0].get("parameters", [])}
    sent = {("query", name) for name, _ in call.query} | {
        ("header", name) for name in set(call.headers) - OF_EVERY_CALL
    }
    assert sent - known == set()


def test_every_kind_of_call_is_tried() -> None:
    rooms = {calls.__name__, policy_calls.__name__}
    made = {name for name, one in vars(calls).items() if callable(one) and getattr(one, "__module__", "") in rooms}

    assert len(EVERYTHING) == len(made)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda one: one.__name__)
def test_the_client_counts_on_nothing_that_may_be_left_out(shape: type, described: dict[str, Any]) -> None:
    """The portal may send more: it may be newer than its clients."""
    assert set(shape.__annotations__) - set(described[shape.__name__]["required"]) == set()
