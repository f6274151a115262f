"""The client's types name what the portal says it sends, field by field."""

from typing import Any

import pytest

from heddle import shapes
from portal.api.schema import Generator

SHAPES = (
    shapes.Pool, shapes.Counts, shapes.DeviceClass, shapes.Availability, shapes.FreeUnits, shapes.Slots,
    shapes.Project, shapes.ProjectQuota, shapes.PoolQuota, shapes.ClassUsed, shapes.Refusal, shapes.Suggestion,
    shapes.Alternative, shapes.FieldError, shapes.Power, shapes.Energy, shapes.Node, shapes.Plan, shapes.PlannedBlock,
    shapes.Devices, shapes.Quote, shapes.ReservationSummary, shapes.Reservation, shapes.Step, shapes.Composition,
    shapes.TimelineEntry,
    shapes.Used,
    shapes.UsageRow,
    shapes.Usage, shapes.Event, shapes.Token, shapes.NewToken,
)  # fmt: skip


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    """The components of the portal's own description, by name."""
    components: dict[str, Any] = Generator().get_schema()["components"]["schemas"]
    return components


@pytest.mark.parametrize("shape", SHAPES, ids=lambda one: one.__name__)
def test_the_client_counts_on_nothing_that_may_be_left_out(shape: type, described: dict[str, Any]) -> None:
    """The portal may send more: it may be newer than its clients."""
    assert set(shape.__annotations__) - set(described[shape.__name__]["required"]) == set()
