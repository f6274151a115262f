import pytest

from portal.web.forms.edits import edited
from portal.web.forms.reading import read_typed
from portal.web.forms.typed import TypedGroup, TypedLine, TypedRequest

POSTED = {
    "csrfmiddlewaretoken": "x",
    "action": "book",
    "form_key": "k",
    "project": "team-chat",
    "pool": "lab",
    "group-0-role": "prefill",
    "group-0-nodes": "1",
    "group-0-same_pru": "on",
    "group-0-line-0-device_class": "a",
    "group-0-line-0-count": "4",
    "group-2-nodes": "2",
    "group-2-line-7-device_class": "b",
    "group-2-line-7-count": "1",
    "group-2-line-9-device_class": "c",
}
TWO = TypedRequest(groups=(TypedGroup(role="one", lines=(TypedLine("a"), TypedLine("b"))), TypedGroup(role="two")))


def test_gaps_in_numbers_close_and_what_was_typed_is_kept() -> None:
    typed = read_typed(POSTED)

    assert typed.groups == (
        TypedGroup(role="prefill", nodes="1", same_pru=True, lines=(TypedLine("a", "4"),)),
        TypedGroup(nodes="2", lines=(TypedLine("b", "1"), TypedLine("c", ""))),
    )
    assert typed.unknown == {}


def test_fields_we_never_rendered_are_kept_as_unknown() -> None:
    typed = read_typed({**POSTED, "colour": "red", "group-0-shape": "round", "group-0-line-0-size": "big"})

    assert typed.unknown == {"colour": "red"}
    assert typed.groups[0].unknown == {"shape": "round"}
    assert typed.groups[0].lines[0].unknown == {"size": "big"}


def test_a_field_named_as_one_of_our_own_attributes_is_unknown_too() -> None:
    typed = read_typed({**POSTED, "unknown": "x", "groups": "y", "group-0-lines": "z"})

    assert typed.unknown == {"unknown": "x", "groups": "y"}
    assert typed.groups[0].unknown == {"lines": "z"}


def test_groups_and_lines_are_added_and_removed_by_buttons() -> None:
    assert len(edited(TWO, "add-group").groups) == 3
    assert [group.role for group in edited(TWO, "remove-group:0").groups] == ["two"]
    assert edited(TWO, "add-line:0").groups[0].lines == (TypedLine("a"), TypedLine("b"), TypedLine())
    assert edited(TWO, "remove-line:0-0").groups[0].lines == (TypedLine("b"),)


def test_what_is_taken_instead_is_added_and_removed_by_buttons() -> None:
    with_two = edited(edited(TWO, "add-other:0-1"), "add-other:0-1")

    assert with_two.groups[0].lines == (TypedLine("a"), TypedLine("b", others=(TypedLine(), TypedLine())))
    assert edited(with_two, "remove-other:0-1-0").groups[0].lines[1].others == (TypedLine(),)
    assert edited(edited(TWO, "add-other:0-9"), "remove-other:0-0-3") == TWO


def test_what_would_fit_is_filled_in_by_buttons() -> None:
    assert edited(TWO, "count:0-1-8").groups[0].lines == (TypedLine("a"), TypedLine("b", "8"))
    assert edited(TWO, "allow-split:1").groups[1] == TypedGroup(role="two", allow_bridge_split=True)
    assert edited(TWO, "host-class:1:host-large").groups[1] == TypedGroup(role="two", host_class="host-large")


def test_an_action_that_names_nothing_changes_nothing() -> None:
    for action in (
        "",
        "book",
        "remove-group:7",
        "remove-line:0-9",
        "add-line:9",
        "add-line:-1",
        "count:0-9-1",
        "add-line:0\n",
    ):
        assert edited(TWO, action) == TWO


def test_the_last_group_cannot_be_removed() -> None:
    assert edited(TypedRequest(), "remove-group:0").groups == (TypedGroup(),)


def test_no_more_groups_and_lines_than_may_be_asked_for() -> None:
    typed = TypedRequest()
    for _ in range(40):
        typed = edited(edited(typed, "add-group"), "add-line:0")

    assert (len(typed.groups), len(typed.groups[0].lines)) == (16, 16)


@pytest.mark.parametrize("name", ["copied_from", "preset"])
def test_where_a_form_came_from_is_a_code_or_nothing(name: str) -> None:
    """It is hidden, so that nobody could mend it; as it is, it is asked for by and stands in an address."""
    sent = ["r-er7j3fyd", "fine-tune", "r-\x00", "a/b", "r 1", "x" * 65]

    assert [getattr(read_typed({**POSTED, name: text}), name) for text in sent] == [
        "r-er7j3fyd",
        "fine-tune",
        *[""] * 4,
    ]
