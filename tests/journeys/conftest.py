"""The lab pool in real time, with an emulator slow enough to be caught at work."""

from datetime import UTC, datetime

import pytest

from tests.scheduler.conftest import house, truth  # noqa: F401 - the same house, in real time here
from tests.scheduler.services.house import House


@pytest.fixture
def living(transactional_db: None, house: House) -> House:  # noqa: F811 - pytest's way to name a fixture
    """Binding takes about two seconds."""
    house.clock.now = datetime.now(UTC)
    house.pool.simulation = {**house.pool.simulation, "latency_scale": 0.25}
    house.pool.save(update_fields=["simulation"])
    return house
