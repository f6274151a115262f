"""Factors worked out by hand from the rule: two to the power of minus used over entitled."""

import pytest

from scheduler.planning.fair_share import HALF_LIFE_DAYS, ShareFacts, counted, factors, half_life_days, shares


def test_hours_count_half_after_each_half_life() -> None:
    """A half-life of one day: the middle of day 0 is half a day old, √½; of day 1, half of that."""
    root = 0.5**0.5

    assert counted({0: 100.0}, half_life=1) == round(100 * root, 4)
    assert counted({0: 100.0, 1: 100.0}, half_life=1) == round(150 * root, 4)
    assert counted({7: 10.0}, half_life=5) == round(10 * 0.5**1.5, 4)
    assert counted({}, half_life=1) == 0


def test_who_has_no_percentage_divides_what_the_others_leave() -> None:
    assert shares({1: 60, 2: 20, 3: 0, 4: 0}) == {1: 0.6, 2: 0.2, 3: 0.1, 4: 0.1}
    assert shares({1: 0, 2: 0}) == {1: 0.5, 2: 0.5}
    assert shares({1: 75, 2: 25, 3: 0}) == {1: 0.6, 2: 0.2, 3: 0.2}  # nothing is left: as the least of the others
    assert shares({1: 30, 2: 30}) == {1: 0.5, 2: 0.5}


def test_who_used_less_than_is_due_goes_first() -> None:
    """Equal shares. Used 3/4, 1/4 and nothing of it all: over a third each, exponents 9/4, 3/4 and 0."""
    found = factors(percents={1: 0, 2: 0, 3: 0}, hours={1: {0: 30.0}, 2: {0: 10.0}}, half_life=7)

    assert {project: one.factor for project, one in found.items()} == {1: 0.2102, 2: 0.5946, 3: 1.0}


def test_who_used_just_what_is_due_has_a_half() -> None:
    found = factors(percents={1: 80, 2: 20}, hours={1: {3: 40.0}, 2: {3: 10.0}}, half_life=7)

    assert [one.factor for one in found.values()] == [0.5, 0.5]


def test_where_nobody_used_anything_all_are_first() -> None:
    found = factors(percents={1: 80, 2: 20}, hours={}, half_life=7)

    assert [(one.factor, one.used, one.share) for one in found.values()] == [(1.0, 0.0, 0.8), (1.0, 0.0, 0.2)]


def test_a_factor_says_why() -> None:
    facts = ShareFacts(factor=0.5, share=0.25, used=0.25, hours=1200, counted=600, half_life_days=7)
    idle = ShareFacts(factor=1.0, share=0.25, used=0, hours=0, counted=0, half_life_days=7)

    assert facts.reasons == (
        "Entitled to 25.0% of the pool.",
        "Used 1,200.0 accelerator-hours; half are forgotten after 7 days, so 600.0 count.",
        "That is 25.0% of what counts for all projects: factor 0.5.",
    )
    assert idle.reasons == ("Entitled to 25.0% of the pool.", "Used no accelerator lately: factor 1.0.")


@pytest.mark.parametrize(("told", "days"), [(14, 14), (90, 90), (0, 7), (91, 7), ("3", 7), (True, 7)])
def test_the_half_life_is_the_policys_within_bounds(told: object, days: int) -> None:
    assert half_life_days({"fair_share_half_life_days": told}) == days
    assert half_life_days({}) == HALF_LIFE_DAYS
