"""Rates as an operator writes them."""

import pytest

from portal.throttles.rates import Rate, rate_of


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("600/min", Rate(600, 60)),
        (" 5/S ", Rate(5, 1)),
        ("10/15min", Rate(10, 900)),
        ("1/d", Rate(1, 86_400)),
        ("1000000/h", Rate(1_000_000, 3_600)),
        ("off", None),
        ("", None),
        ("0", None),
    ],
)
def test_is_read(text: str, rate: Rate | None) -> None:
    assert rate_of(text) == rate


@pytest.mark.parametrize("text", ["600", "600/", "/min", "-1/min", "6.5/min", "0/min", "5/0min", "1000001/s", "5/week"])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no rate"):
        rate_of(text)


@pytest.mark.parametrize(
    ("rate", "text"), [(Rate(600, 60), "600/min"), (Rate(10, 900), "10/900s"), (Rate(5, 1), "5/s")]
)
def test_is_told(rate: Rate, text: str) -> None:
    assert str(rate) == text


def test_an_interval_is_the_window_divided() -> None:
    assert (Rate(600, 60).interval, Rate(600, 60).window) == (100_000, 60_000_000)
