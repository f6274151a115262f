"""The edits of the builder's buttons: groups and lines come, go, move, are copied, and come back as they were."""

import pytest

from portal.web.forms.edits import edited, removed
from portal.web.forms.focusing import focus_after
from portal.web.forms.typed import TypedGroup, TypedLine, TypedRequest

A, B = TypedLine("a", "2", profile="1g.10gb"), TypedLine("b", others=(TypedLine("c"), TypedLine("d", "4")))
ONE = TypedGroup(role="one", nodes="3", lines=(A, B), p2p=True, unknown={"shape": "round"})
TWO, THREE = TypedGroup(role="two"), TypedGroup(role="three")
TYPED = TypedRequest(title="Mine", groups=(ONE, TWO, THREE))


def roles(typed: TypedRequest) -> list[str]:
    return [group.role for group in typed.groups]


def test_a_group_is_copied_to_its_side_with_all_that_is_in_it() -> None:
    made = edited(TYPED, "copy-group:0")

    assert made.groups == (ONE, ONE, TWO, THREE)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("move-group:1-0", ["two", "one", "three"]),
        ("move-group:0-1", ["two", "one", "three"]),
        ("move-group:0-2", ["two", "three", "one"]),
        ("move-group:0-99", ["two", "three", "one"]),
        ("move-group:9-0", ["one", "two", "three"]),
        ("move-group:0", ["one", "two", "three"]),
    ],
)
def test_a_group_changes_its_place(action: str, expected: list[str]) -> None:
    assert roles(edited(TYPED, action)) == expected


@pytest.mark.parametrize("action", ["remove-group:0", "remove-line:0-1", "remove-line:0-0", "remove-other:0-1-1"])
def test_what_is_removed_comes_back_where_it_was_and_as_it_was(action: str) -> None:
    gone = removed(TYPED, action)
    assert gone is not None
    without = edited(TYPED, action)

    assert without != TYPED
    assert edited(without, gone.action) == TYPED


def test_the_only_group_comes_back_in_place_of_the_empty_one() -> None:
    typed = TypedRequest(groups=(ONE,))
    gone = removed(typed, "remove-group:0")
    assert gone is not None

    emptied = edited(typed, "remove-group:0")

    assert (emptied.groups, edited(emptied, gone.action).groups) == ((TypedGroup(),), (ONE,))


@pytest.mark.parametrize("action", ["", "book", "add-group", "remove-group:9", "remove-line:0-9", "remove-other:0-0-0"])
def test_an_action_that_takes_nothing_has_no_way_back(action: str) -> None:
    assert removed(TYPED, action) is None


@pytest.mark.parametrize("packed", ["", "nonsense", "e30:1vXx:abc"])
@pytest.mark.parametrize("verb", ["restore-group:0", "restore-line:0-0", "restore-other:0-1-0"])
def test_a_mangled_way_back_changes_nothing(verb: str, packed: str) -> None:
    assert edited(TYPED, f"{verb}:{packed}") == TYPED


def test_a_line_does_not_come_back_as_a_group() -> None:
    gone = removed(TYPED, "remove-line:0-0")
    assert gone is not None

    assert edited(TYPED, gone.action.replace("restore-line:0-0", "restore-group:0")) == TYPED


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [("60", ("1", "hours")), ("1440", ("1", "days")), ("10080", ("7", "days")), ("45", ("45", "minutes"))],
)
def test_a_length_is_filled_in(minutes: str, expected: tuple[str, str]) -> None:
    made = edited(TypedRequest(end="until"), f"length:{minutes}")

    assert (made.end, made.duration, made.duration_unit) == ("for", *expected)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("add-group", "group-3-line-0-device_class-find"),
        ("copy-group:0", "group-1"),
        ("move-group:0-2", "group-2"),
        ("remove-group:0", "undo-edit"),
        ("remove-line:0-0", "undo-edit"),
        ("add-line:0", "group-0-line-2-device_class-find"),
        ("add-other:0-1", "group-0-line-1-or-2-device_class-find"),
        ("refresh", ""),
        ("length:60", ""),
        ("add-line:99", "group-99-line-0-device_class-find"),
    ],
)
def test_the_keyboard_goes_where_the_edit_was(action: str, expected: str) -> None:
    assert focus_after(edited(TYPED, action), action) == expected


def test_the_keyboard_goes_to_what_came_back() -> None:
    for action, expected in (
        ("remove-group:1", "group-1"),
        ("remove-line:0-1", "group-0-line-1-device_class-find"),
        ("remove-other:0-1-0", "group-0-line-1-or-0-device_class-find"),
    ):
        gone = removed(TYPED, action)
        assert gone is not None
        assert focus_after(edited(edited(TYPED, action), gone.action), gone.action) == expected
