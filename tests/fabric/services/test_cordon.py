"""A cordon has a reason and an author, and plans made before it must be looked at again."""

from datetime import UTC, datetime

import pytest

from fabric.models import Host, Pool, ResourceBlock
from fabric.queries import topology
from fabric.services.cordon import cordon, uncordon
from fabric.services.sync import sync_pool_file

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool() -> Pool:
    return sync_pool_file(path_or_name="lab", now=NOW)


@pytest.mark.parametrize(("model", "code"), [(ResourceBlock, "pru-01-s01"), (Host, "host-01")])
def test_a_cordoned_unit_is_not_usable_until_it_is_let_back(
    pool: Pool, model: type[Host | ResourceBlock], code: str
) -> None:
    unit = model._default_manager.get(code=code)

    assert cordon(unit=unit, reason="fan is loud", by_name="olga") is True
    unit.refresh_from_db()
    assert (unit.is_cordoned, unit.cordon_reason, unit.cordoned_by) == (True, "fan is loud", "olga")
    shape = topology(pool_code="lab")
    assert [one.code for one in (*shape.hosts.values(), *shape.blocks.values()) if not one.is_usable] == [code]

    assert uncordon(unit=unit) is True
    unit.refresh_from_db()
    assert (unit.is_cordoned, unit.cordon_reason, unit.cordoned_by) == (False, "", "")
    assert Pool.objects.get().generation == pool.generation + 2


def test_a_second_cordon_changes_nothing_and_keeps_the_first_reason(pool: Pool) -> None:
    unit = Host.objects.get(code="host-01")
    cordon(unit=unit, reason="first", by_name="olga")

    assert cordon(unit=unit, reason="second", by_name="otto") is False

    unit.refresh_from_db()
    assert (unit.cordon_reason, unit.cordoned_by) == ("first", "olga")
    assert Pool.objects.get().generation == pool.generation + 1


def test_an_open_unit_is_not_let_back_again(pool: Pool) -> None:
    assert uncordon(unit=Host.objects.get(code="host-01")) is False
    assert Pool.objects.get().generation == pool.generation
