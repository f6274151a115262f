"""The kept board never shows what was not committed, and always what was."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from fabric.models import Pool, ResourceBlock
from fabric.services.cordon import cordon
from fabric.services.sync import sync_pool_file
from scheduler.models import Reservation
from scheduler.planning.timeline import Timeline
from scheduler.queries import boards
from scheduler.queries.boards import Board, board
from scheduler.queries.snapshots import snapshot
from scheduler.services.cancel import cancel
from scheduler.states import Priority, ReservationState
from tests.scheduler.services.house import L40S, MONDAY, House

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    boards.forget()
    yield
    boards.forget()


def held(seen: Board) -> set[str]:
    """Reservations on the board."""
    return {stay.reservation for stay in seen.timeline.all_stays()}


def read_anew() -> Board:
    """By a process that has just begun."""
    boards.forget()
    return board(pool_code="lab")


def stays(timeline: Timeline) -> set[object]:
    return {
        (one.reservation, one.node, one.host, one.begin, one.end, frozenset(one.bits), one.planes, one.priority)
        for one in timeline.all_stays()
    }


def test_what_this_process_wrote_is_on_the_board_without_reading_it(
    house: House, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    made = house.book({L40S: 2})

    with django_assert_num_queries(1):
        seen = board(pool_code="lab")

    assert held(seen) == {made.code}
    assert stays(seen.timeline) == stays(read_anew().timeline)


def test_the_priority_of_what_is_held_is_on_the_board_that_is_kept_and_on_one_that_is_read(house: House) -> None:
    made = house.book({L40S: 1}, priority="low")

    kept, read = board(pool_code="lab"), read_anew()

    assert made.priority == Priority.LOW
    assert {one.priority for one in kept.timeline.stays(made.code)} == {Priority.LOW}
    assert stays(kept.timeline) == stays(read.timeline)


def test_an_unchanged_pool_costs_one_query_and_gives_the_same_board(
    house: House, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = board(pool_code="lab")

    with django_assert_num_queries(1):
        assert board(pool_code="lab") is first


def test_what_another_process_wrote_is_caught_up_with(house: House) -> None:
    house.book({L40S: 1})
    before = board(pool_code="lab")
    kept = dict(boards._kept)
    second = house.book({L40S: 1}, starts_at="2030-05-14T08:00:00Z", ends_at="2030-05-14T10:00:00Z")
    boards._kept.clear()
    boards._kept.update(kept)  # as one that has not looked since

    after = board(pool_code="lab")

    assert held(after) - held(before) == {second.code}
    assert stays(after.timeline) == stays(read_anew().timeline)


def test_what_is_given_back_is_gone(house: House) -> None:
    made = house.book({L40S: 2}, starts_at="2030-05-14T08:00:00Z", ends_at="2030-05-14T10:00:00Z")
    empty = held(board(pool_code="lab")) - {made.code}
    cancel(reservation=made, by=house.by(house.alice), now=MONDAY)

    after = board(pool_code="lab")

    assert held(after) == empty == set()
    assert after.timeline.busy(MONDAY, MONDAY + timedelta(days=3)) == 0


def test_a_transaction_sees_its_own_rows_and_leaves_nothing_when_it_is_rolled_back(house: House) -> None:
    before = board(pool_code="lab")

    with transaction.atomic():
        mine = house.book({L40S: 2})
        inside = held(board(pool_code="lab"))
        transaction.set_rollback(True)

    assert inside == {mine.code}
    assert board(pool_code="lab") is before
    assert held(before) == set()


def test_a_rolled_back_generation_that_comes_again_is_not_taken_for_the_same(house: House) -> None:
    board(pool_code="lab")
    with transaction.atomic():
        house.book({L40S: 2})
        board(pool_code="lab")
        transaction.set_rollback(True)

    second = house.book({L40S: 1})  # in the very generation that was rolled back

    assert held(board(pool_code="lab")) == {second.code}
    assert stays(board(pool_code="lab").timeline) == stays(read_anew().timeline)


def test_a_savepoint_that_is_rolled_back_keeps_nothing_either(house: House) -> None:
    with transaction.atomic():
        with transaction.atomic():
            house.book({L40S: 2})
            transaction.set_rollback(True)
        kept = house.book({L40S: 1})

    assert held(board(pool_code="lab")) == {kept.code}


def test_a_decision_goes_on_with_the_board_it_began_with(house: House) -> None:
    seen = board(pool_code="lab")

    house.book({L40S: 2})

    assert held(seen) == set()
    assert seen.timeline.busy(MONDAY, MONDAY + timedelta(days=1)) == 0


def test_a_generation_that_went_back_is_read_anew(house: House) -> None:
    """As after a restored backup."""
    made = house.book({L40S: 2})
    board(pool_code="lab")
    Pool.objects.filter(code="lab").update(generation=0)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM scheduler_allocation WHERE reservation_id = %s", [made.pk])

    assert held(board(pool_code="lab")) == set()


def test_a_table_that_was_emptied_is_another_life_even_if_ids_come_again(house: House) -> None:
    house.book({L40S: 2})
    seen = board(pool_code="lab")
    again = Pool.objects.filter(code="lab").values().get()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE fabric_pool CASCADE")
    Pool.objects.create(**{**again, "generation": seen.generation + 5})

    assert held(board(pool_code="lab")) == set()


def test_a_cordoned_block_is_unusable_on_the_board_and_nothing_committed_is_read_again(house: House) -> None:
    made = house.book({L40S: 2})
    before = board(pool_code="lab")
    block = ResourceBlock.objects.filter(pool=house.pool).order_by("id")[0]
    cordon(unit=block, reason="noisy", by_name="olga")

    after = board(pool_code="lab")

    bit = after.inventory.shape.bit_of[False, block.code]
    assert (before.inventory.shape.usable >> bit & 1, after.inventory.shape.usable >> bit & 1) == (1, 0)
    assert held(after) == {made.code}
    assert after.inventory.id_of(block.code, is_host=False) == block.id


def test_two_pools_have_two_boards(house: House) -> None:
    made = house.book({L40S: 2})
    sync_pool_file(path_or_name="pod", now=MONDAY)

    assert held(board(pool_code="pod")) == set()
    assert held(board(pool_code="lab")) == {made.code}
    assert len(board(pool_code="pod").inventory.shape.units) != len(board(pool_code="lab").inventory.shape.units)


def test_a_pool_that_is_not_there_is_said_so(house: House) -> None:
    with pytest.raises(Pool.DoesNotExist):
        board(pool_code="no-such-pool")


def test_many_threads_that_write_and_look_come_to_what_is_in_the_database(house: House) -> None:
    def act(nth: int) -> None:
        try:
            day = 14 + nth
            window = {"starts_at": f"2030-05-{day}T08:00:00Z", "ends_at": f"2030-05-{day}T10:00:00Z"}
            made = house.book({L40S: 1}, **window)
            board(pool_code="lab")
            if nth % 3 == 0:
                cancel(reservation=made, by=house.by(house.alice), now=MONDAY)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(act, range(12)))

    seen = board(pool_code="lab")
    holding = set(Reservation.objects.filter(state=ReservationState.CONFIRMED).values_list("code", flat=True))
    assert held(seen) == holding
    assert len(holding) == 8
    assert stays(seen.timeline) == stays(read_anew().timeline)


def test_a_release_that_overruns_is_busy_for_another_clean_up(house: House) -> None:
    made = house.book({L40S: 2})
    Reservation.objects.filter(pk=made.pk).update(state=ReservationState.RELEASING)
    late = made.busy_until + timedelta(hours=1)
    host = made.plan["nodes"][0]["host"]

    for state, is_busy in ((ReservationState.RELEASING, True), (ReservationState.CONFIRMED, False)):
        Reservation.objects.filter(pk=made.pk).update(state=state)
        seen = snapshot(pool_code="lab", project_slug="team-chat", now=late)
        until = {one.busy_until for one in seen.commitments}
        clean_up = timedelta(minutes=seen.topology.policy.teardown_minutes)
        assert until == {late + clean_up if is_busy else made.busy_until}
        timeline = Timeline(seen.topology, seen.commitments)
        assert timeline.is_busy(host, late, late + clean_up, is_host=True) == is_busy
    assert held(board(pool_code="lab")) == {made.code}
