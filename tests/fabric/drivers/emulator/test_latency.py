"""Durations are drawn from the pool file's figures and are the same for the same seed and key."""

from statistics import quantiles

from fabric.drivers.emulator.latency import draw_seconds

SPREAD = {"p50": 8.0, "p95": 20.0}


def test_draws_have_the_median_and_the_95th_percentile_of_the_pool_file() -> None:
    cuts = quantiles((draw_seconds(spread=SPREAD, seed=f"s{number}") for number in range(4000)), n=20)

    assert round(cuts[9]) == 8
    assert 19 <= cuts[18] <= 21


def test_the_same_seed_draws_the_same() -> None:
    assert draw_seconds(spread=SPREAD, seed="a") == draw_seconds(spread=SPREAD, seed="a")
    assert draw_seconds(spread=SPREAD, seed="a") != draw_seconds(spread=SPREAD, seed="b")


def test_no_median_means_no_time() -> None:
    assert draw_seconds(spread={"p50": 0, "p95": 0}, seed="a") == 0.0
