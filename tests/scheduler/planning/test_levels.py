from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from scheduler.planning.levels import DAY, Level, Span, peak_together

HOUR = DAY // 24
spans_drawn = st.lists(
    st.tuples(st.integers(-30, 60), st.integers(0, 60), st.integers(1, 9)).map(
        lambda drawn: (drawn[0] * HOUR, (drawn[0] + drawn[1]) * HOUR, drawn[2])
    ),
    max_size=12,
)


def test_a_level_is_highest_where_most_overlap() -> None:
    level = Level([(1, 3, 5), (2, 4, 7)])

    assert [level.peak(0, 5), level.peak(0, 2), level.peak(3, 5), level.peak(2, 3)] == [12, 5, 7, 12]


def test_a_level_is_nothing_before_its_first_and_after_its_last_change() -> None:
    level = Level([(1, 3, 5)])

    assert [level.peak(0, 1), level.peak(3, 9), Level().peak(0, 9), level.peak(2, 2)] == [0, 0, 0, 0]


def test_a_peak_is_told_with_the_first_instant_that_has_it() -> None:
    level = Level([(1, 3, 5), (2, 4, 7), (DAY + 5, DAY + 9, 12), (3 * DAY, 4 * DAY, 13)])
    asked = [(0, 5), (0, 2), (3, 5), (0, 2 * DAY), (DAY + 7, 2 * DAY), (0, 9 * DAY), (2 * DAY, 3 * DAY), (2, 2)]

    assert [level.peak_at(begin, end) for begin, end in asked] == [
        (12, 2),
        (5, 1),
        (7, 3),
        (12, 2),
        (12, DAY + 7),
        (13, 3 * DAY),
        (0, 2 * DAY),
        (0, 2),
    ]


def test_ends_come_before_starts_at_the_same_instant() -> None:
    assert Level([(2, 3, 7), (1, 2, 5)]).peak(0, 4) == 7


def test_a_level_goes_on_over_the_days_in_which_nothing_changes() -> None:
    level = Level([(DAY - 1, 4 * DAY, 5), (2 * DAY + 7, 2 * DAY + 8, 2)])

    assert [level.peak(day * DAY, (day + 1) * DAY) for day in range(5)] == [5, 5, 7, 5, 0]


@given(spans=spans_drawn, begin=st.integers(-40, 130), hours=st.integers(0, 80))
def test_a_peak_is_the_highest_of_all_instants(spans: list[Span], begin: int, hours: int) -> None:
    hourly = (sum(by for b, e, by in spans if b <= at * HOUR < e) for at in range(begin, begin + hours))

    assert Level(spans).peak(begin * HOUR, (begin + hours) * HOUR) == max(hourly, default=0)


@given(spans=spans_drawn, begin=st.integers(-40, 130), hours=st.integers(0, 80))
def test_the_first_instant_of_a_peak_has_it_and_none_before_it_does(spans: list[Span], begin: int, hours: int) -> None:
    hourly = [sum(by for b, e, by in spans if b <= at * HOUR < e) for at in range(begin, begin + hours)]
    most = max(hourly, default=0)
    first = hourly.index(most) if most else 0

    assert Level(spans).peak_at(begin * HOUR, (begin + hours) * HOUR) == (most, (begin + first) * HOUR)


@given(spans=spans_drawn, data=st.data())
def test_one_by_one_in_any_order_is_the_same_as_all_at_once(spans: list[Span], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(spans))
    *_, one_by_one = accumulate(shuffled, lambda level, span: level.plus(*span), initial=Level())

    assert one_by_one.days == Level(spans).days


@given(spans=spans_drawn, extra=spans_drawn)
def test_taking_away_what_was_added_restores_what_was_there(spans: list[Span], extra: list[Span]) -> None:
    before = Level(spans)
    *_, grown = accumulate(extra, lambda level, span: level.plus(*span), initial=before)
    *_, after = accumulate(extra, lambda level, span: level.plus(span[0], span[1], -span[2]), initial=grown)

    assert after.days == before.days == Level(spans).days


def test_two_levels_are_highest_together_where_their_sum_is() -> None:
    """Neither alone is at its peak there."""
    one, other = Level([(0, 10, 5), (10, 20, 4)]), Level([(10, 20, 3), (30, 40, 6)])

    assert peak_together([one, other], 0, 50) == 7
    assert [peak_together([one, other], 20, 30), peak_together([], 0, 50)] == [0, 0]


@given(spans_drawn, spans_drawn, st.integers(-40, 130), st.integers(1, 130))
def test_a_peak_together_is_that_of_all_spans_in_one_level(
    some: list[Span], more: list[Span], begin: int, length: int
) -> None:
    span = begin * HOUR, (begin + length) * HOUR

    assert peak_together([Level(some), Level(more)], *span) == Level([*some, *more]).peak(*span)
