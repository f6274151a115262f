"""What is offered while a selector is typed: it depends on what stands before the cursor."""

import pytest

from scheduler.selectors import parse
from scheduler.selectors.completing import OPTIONS_MAX, complete

VALUES = {
    "kind": ("gpu", "nic", "nvme"),
    "memory_gib": (24, 48, 80.5, 94, 141),
    "memory_type": ("GDDR6", "HBM3"),
    "has_mig": (False, True),
    "name": ("Acme's best", "Other"),
}
NAMES = ["device.has_mig ", "device.kind ", "device.memory_gib ", "device.memory_type ", "device.name "]


def offered(text: str, at: int | None = None) -> list[str]:
    return [one.text for one in complete(text=text, at=len(text) if at is None else at, values=VALUES).options]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", NAMES),
        ("dev", NAMES),
        ("device.", NAMES),
        ("device.mem", ["device.memory_gib ", "device.memory_type "]),
        ("gib", ["device.memory_gib "]),
        ("device.kind", ["device.kind == ", "device.kind != ", "device.kind in "]),
        ("device.kind ", ["== ", "!= ", "in "]),
        ("device.memory_gib ", [">= ", "<= ", "== ", "!= ", "> ", "< ", "in "]),
        ("device.has_mig ", ["== ", "!= ", "&& ", "|| "]),
        ("device.memory_gib >", [">= ", "> "]),
        ("device.kind == ", ["'gpu'", "'nic'", "'nvme'"]),
        ("device.kind == 'g", ["'gpu'"]),
        ("device.kind == gpu", ["'gpu'"]),
        ("device.kind in ['gpu', ", ["'gpu'", "'nic'", "'nvme'"]),
        ("device.memory_gib >= 8", ["48", "80.5"]),
        ("device.memory_gib >= 80 ", ["&& ", "|| "]),
        ("device.name == ", [r"'Acme\'s best'", "'Other'"]),
        ("device.has_mig == ", ["false", "true"]),
        ("device.kind == 'gpu'", [" && ", " || "]),
        ("device.kind == 'gpu' &", ["&& "]),
        ("device.kind == 'gpu' && na", ["device.name "]),
        ("(device.kind == 'gpu')", [" && ", " || "]),
        ("device.name.s", [".startsWith("]),
        ("device.memory_gib.s", []),
        ("device.name.startsWith(", [r"'Acme\'s best'", "'Other'"]),
        ("device.colour == ", []),
        ("device.kind @", NAMES),
    ],
)
def test_what_may_come_next(text: str, expected: list[str]) -> None:
    assert offered(text) == expected


def test_only_the_word_before_the_cursor_is_replaced() -> None:
    text = "device.ki == 'gpu'"

    found = complete(text=text, at=9, values=VALUES)

    assert (found.starts_at, found.ends_at, [one.text for one in found.options]) == (0, 9, ["device.kind "])


def test_an_attribute_says_its_kind_and_what_there_is() -> None:
    hints = {one.text: one.hint for one in complete(text="", at=0, values=VALUES).options}

    assert hints == {
        "device.has_mig ": "true or false: false, true",
        "device.kind ": "text: gpu, nic, nvme",
        "device.memory_gib ": "number: 24 to 141",
        "device.memory_type ": "text: GDDR6, HBM3",
        "device.name ": "text: Acme's best, Other",
    }


def test_taking_one_option_after_the_other_makes_a_selector_that_can_be_read() -> None:
    text = ""
    for wanted in ("device.name ", "== ", r"'Acme\'s best'", " && ", "device.memory_gib ", ">= ", "94"):
        found = complete(text=text, at=len(text), values=VALUES)
        (taken,) = [one.text for one in found.options if one.text == wanted]
        text = text[: found.starts_at] + taken

    assert parse(text).names == {"name", "memory_gib"}


def test_there_is_an_end_to_what_is_offered_and_nonsense_is_no_fault() -> None:
    many = {"code": tuple(f"pru-{number:05}" for number in range(10_000))}

    assert len(complete(text="device.code == ", at=15, values=many).options) == OPTIONS_MAX
    assert complete(text="x", at=-5, values=VALUES).ends_at == 0
    assert complete(text="x" * 5_000, at=9_999, values=VALUES).ends_at == 1_000
