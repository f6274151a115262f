"""What the form makes of typed text is the body a program would send, judged by the same parser."""

from dataclasses import fields, replace

import pytest

from portal.web.forms.from_wire import typed_from_wire
from portal.web.forms.payload import number, parse_typed, payload_of, without_empty_lines
from portal.web.forms.reading import read_typed
from portal.web.forms.typed import AT, FOR, UNTIL, TypedGroup, TypedLine, TypedRequest
from portal.web.zones import ZoneInfo
from scheduler.mix_parsing import ClassWords
from scheduler.parsing import Vocabulary, parse_request
from scheduler.refusals import Invalid
from tests.portal.cast import H100, MONDAY

WORDS = Vocabulary(
    projects={"team-chat"},
    setup_minutes={"lab": 5},
    host_classes={"lab": {"host-large"}},
    device_classes={H100: ClassWords(400, ("1g.12gb", "3g.47gb"))},
    networks={"lab": {"rdma-1"}},
)
GOOD = TypedRequest(
    project="team-chat",
    pool="lab",
    zone="Europe/Berlin",
    start=AT,
    starts_at="2030-05-13T12:00",
    groups=(TypedGroup(lines=(TypedLine(H100, "4"),)),),
)


def codes(typed: TypedRequest) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        parse_typed(typed, vocabulary=WORDS, now=MONDAY)
    return [(error.field, error.code) for error in refused.value.errors]


def with_line(line: TypedLine) -> TypedRequest:
    return replace(GOOD, groups=(TypedGroup(lines=(line,)),))


def test_a_good_form_is_the_request_a_program_would_make() -> None:
    body = {
        "project": "team-chat",
        "pool": "lab",
        "starts_at": "2030-05-13T12:00:00+02:00",
        "duration_minutes": 120,
        "mix": [{"role": "", "nodes": 1, "lines": [{"device_class": H100, "count": 4}]}],
    }

    assert parse_typed(GOOD, vocabulary=WORDS, now=MONDAY) == parse_request(body, vocabulary=WORDS, now=MONDAY)


def test_placement_is_sent_only_where_something_was_asked_for() -> None:
    group = TypedGroup(host_class="host-large", same_pru=True, lines=(TypedLine(H100, "1"),))

    mix = payload_of(replace(GOOD, groups=(group, GOOD.groups[0])))[0]["mix"]

    assert [one.get("placement") for one in mix] == [{"same_pru": True, "host_class": "host-large"}, None]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4", 4),
        (" 4 ", 4),
        ("-1", -1),
        ("+3", 3),
        ("", None),
        ("4.0", "4.0"),
        ("NaN", "NaN"),
        ("1e3", "1e3"),
        ("٤", "٤"),
    ],
)
def test_numbers_are_whole_or_stay_as_they_were_typed(text: str, value: object) -> None:
    assert number(text) == value


def test_a_number_of_a_million_digits_is_read_at_once_and_too_large() -> None:
    assert codes(with_line(TypedLine(H100, "9" * 1_000_000))) == [("mix[0].lines[0].count", "too_large")]


def test_every_mistake_is_said_at_once() -> None:
    typed = replace(
        with_line(TypedLine("", "")), project="", pool="x", start=AT, starts_at="2030-03-31T02:30", duration=""
    )

    assert codes(typed) == [
        ("starts_at", "gap"),
        ("duration_minutes", "required"),
        ("project", "required"),
        ("pool", "unknown"),
        ("mix[0].lines[0].device_class", "required"),
        ("mix[0].lines[0].count", "required"),
    ]


def test_options_that_do_not_exist_are_refused_by_name() -> None:
    typed = replace(GOOD, start="later", end="never", duration_unit="fortnights", zone="Mars/Olympus")

    assert [code for code in codes(typed) if code[0] in {"start", "end", "duration_unit", "zone"}] == [
        ("zone", "unknown"),
        ("start", "unknown"),
        ("end", "unknown"),
        ("duration_unit", "unknown"),
    ]


def test_an_end_before_the_start_is_inverted() -> None:
    assert codes(replace(GOOD, end=UNTIL, ends_at="2030-05-13T11:59")) == [("ends_at", "inverted")]


def test_without_empty_lines_leaves_only_what_was_chosen() -> None:
    chosen, empty = TypedGroup(lines=(TypedLine(H100), TypedLine())), TypedGroup()

    typed = without_empty_lines(replace(GOOD, groups=(chosen, empty)))

    assert typed.groups == (TypedGroup(lines=(TypedLine(H100),)),)


def test_a_copy_asks_for_the_same_again() -> None:
    zone = ZoneInfo("Europe/Berlin")
    wanted = parse_typed(replace(GOOD, hold_minutes="20"), vocabulary=WORDS, now=MONDAY)
    window = wanted.window

    typed = typed_from_wire(
        wanted.wire, zone=zone, starts_at=window.starts_at, ends_at=window.ends_at, now=MONDAY, copied_from="r-1"
    )
    again = parse_typed(typed, vocabulary=WORDS, now=MONDAY)

    assert (again.mix, again.window, again.project, again.pool) == (wanted.mix, window, "team-chat", "lab")


def test_a_copy_keeps_everything_that_was_asked_for() -> None:
    h100 = {"device_class": H100, "count": 4, "power_cap_w": 300}
    body = {
        "project": "team-chat",
        "pool": "lab",
        "duration_minutes": 120,
        "mix": [
            {
                "role": "prefill",
                "nodes": 2,
                "lines": [
                    {
                        "first_of": [h100, {"selector": "device.kind == 'gpu'", "count": 2}, {"device_class": H100}],
                        "count": 9,
                    },
                    {"device_class": H100, "count": 2, "profile": "3g.47gb"},
                ],
                "placement": {
                    "p2p": True,
                    "same_pru": True,
                    "host_class": "host-large",
                    "host": {"cores": 32, "memory_gib": 256},
                    "spread": "rack",
                    "nic_affinity": True,
                    "storage_affinity": "switch",
                    "rails": 1,
                    "network": "rdma-1",
                },
            },
            {"nodes": 3, "host": {"cores": 8}},
        ],
        "placement": {"network": "rdma-1", "rails": 1},
        "pinned": True,
    }
    wanted = parse_request(body, vocabulary=WORDS, now=MONDAY)
    window = wanted.window

    typed = typed_from_wire(
        body, zone=ZoneInfo("UTC"), starts_at=window.starts_at, ends_at=window.ends_at, now=MONDAY, copied_from="r-1"
    )
    again = parse_typed(read_typed(posted(typed)), vocabulary=WORDS, now=MONDAY)

    assert (again.mix, again.pinned) == (wanted.mix, True)


def posted(typed: TypedRequest) -> dict[str, str]:
    """What a browser would send back of a form filled in so: every field; a box that is not ticked not."""
    sent = _fields(typed, "")
    for at, group in enumerate(typed.groups):
        sent |= _fields(group, f"group-{at}-")
        for nth, line in enumerate(group.lines):
            sent |= _fields(line, f"group-{at}-line-{nth}-")
            for n, other in enumerate(line.others):
                sent |= _fields(other, f"group-{at}-line-{nth}-or-{n}-")
    return sent


def _fields(typed: TypedRequest | TypedGroup | TypedLine, prefix: str) -> dict[str, str]:
    values = {item.name: getattr(typed, item.name) for item in fields(typed)}
    words = {prefix + name: value for name, value in values.items() if isinstance(value, str)}
    return words | {prefix + name: "on" for name, value in values.items() if value is True}


def test_an_empty_group_that_was_left_so_is_one_of_cpu_nodes() -> None:
    cpu, to_be_chosen = TypedGroup(lines=()), TypedGroup()

    assert without_empty_lines(replace(GOOD, groups=(cpu, to_be_chosen))).groups == (cpu,)


def test_a_copy_of_what_is_past_starts_now_for_as_long() -> None:
    wanted = parse_typed(GOOD, vocabulary=WORDS, now=MONDAY)
    later = MONDAY.replace(year=2031)

    typed = typed_from_wire(
        wanted.wire,
        zone=ZoneInfo("UTC"),
        starts_at=wanted.window.starts_at,
        ends_at=wanted.window.ends_at,
        now=later,
        copied_from="r-1",
    )

    assert (typed.start, typed.duration, typed.duration_unit) == ("now", "2", "hours")


@pytest.mark.parametrize(("unit", "most"), [("minutes", "527,040"), ("hours", "8,784"), ("days", "366")])
def test_a_length_that_is_too_large_is_told_in_the_unit_that_was_typed(unit: str, most: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_typed(replace(GOOD, end=FOR, duration="99999999", duration_unit=unit), vocabulary=WORDS, now=MONDAY)

    assert [(error.field, error.message) for error in caught.value.errors] == [
        ("duration_minutes", f"Give at most {most} {unit}.")
    ]
