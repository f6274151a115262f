from scheduler.planning.plan import Setting
from scheduler.planning.settings import draws, settings_of
from scheduler.requests import Group, Line
from tests.scheduler.planning.drafting import drafted, run
from tests.shipped import lab
from tests.worlds import ask

A100, H100, DRIVE = "nvidia-a100-pcie-80gb", "nvidia-h100-nvl-94gb", "kioxia-cm7-r-15tb"


def _placed(lines: tuple[Line, ...], *blocks: str):
    _, (placed,) = drafted(lab(), ask(Group("", 1, lines), pool="lab"), ("host-01", *blocks))
    return placed


def _settings(lines: tuple[Line, ...], *blocks: str):
    return settings_of(lab().classes, _placed(lines, *blocks))


def test_what_is_taken_as_it_is_needs_no_setting() -> None:
    assert _settings((Line(A100, 1), Line(DRIVE, 1)), "pru-02-s09", "pru-01-b01") == {}


def test_slices_are_packed_on_the_cards_in_order() -> None:
    # Two of 3g.40gb fill the first card, the third goes on the second.
    assert _settings((Line(A100, 3, profile="3g.40gb"),), "pru-02-s10", "pru-02-s09") == {
        "pru-02-s09": Setting({"3g.40gb": 2}),
        "pru-02-s10": Setting({"3g.40gb": 1}),
    }


def test_a_cap_holds_every_card_of_its_line() -> None:
    lines = (Line(H100, 2, power_cap_w=310), Line(A100, 1))

    assert _settings(lines, "pru-02-s01", "pru-02-s02", "pru-02-s09") == {
        "pru-02-s01": Setting(power_cap_w=310),
        "pru-02-s02": Setting(power_cap_w=310),
    }


def test_a_cap_at_or_above_the_tdp_changes_nothing() -> None:
    # The H100 NVL draws 400 W.
    assert _settings((Line(H100, 1, power_cap_w=400),), "pru-02-s01") == {}
    assert _settings((Line(H100, 1, power_cap_w=399),), "pru-02-s01") == {"pru-02-s01": Setting(power_cap_w=399)}


def test_slices_may_be_capped_too_and_two_lines_of_a_class_keep_apart() -> None:
    lines = (Line(A100, 1, profile="7g.80gb", power_cap_w=250), Line(A100, 1, power_cap_w=200), Line(A100, 1))

    assert _settings(lines, *run("pru-02-s", 9, 11)) == {
        "pru-02-s09": Setting({"7g.80gb": 1}, 250),
        "pru-02-s10": Setting(power_cap_w=200),
    }
    assert draws(lab().classes, _placed(lines, *run("pru-02-s", 9, 11))) == {
        "pru-02-s09": 250,
        "pru-02-s10": 200,
        "pru-02-s11": 300,
    }
