"""Read the `mix` of a request: groups of nodes and their lines. Pure.

Whatever a line names (class, profile) is looked up; a selector is read, so that what is wrong in it is said here.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from math import prod

from scheduler import limits
from scheduler.placement_parsing import parse_group_placement, parse_mix_placement
from scheduler.reading import Reader, clean_text
from scheduler.requests import Group, Line, Mix
from scheduler.selectors import SelectorError
from scheduler.selectors import parse as parse_selector

GROUP_FIELDS = frozenset({"role", "nodes", "lines", "placement", "host"})
WAYS = ("device_class", "selector", "first_of")  # to say what a line is of: exactly one
LINE_FIELDS = frozenset({*WAYS, "count", "profile", "power_cap_w"})
_SHOWN_CHARS_MAX = 64


@dataclass(frozen=True, slots=True)
class ClassWords:
    """What may be said of a device class. `tdp_w` None is not published."""

    tdp_w: int | None = None
    profiles: tuple[str, ...] = ()  # of MIG


@dataclass(frozen=True, slots=True)
class MixWords:
    """The names that a mix may use; those of the pool are None while the pool itself is unknown."""

    classes: Mapping[str, ClassWords]
    hosts: Collection[str] | None = None  # host templates
    networks: Collection[str] | None = None


@dataclass(slots=True)
class _Scope:
    """One reading: its errors and words, and how many selectors have been met, of how many characters together."""

    reader: Reader
    words: MixWords
    selectors: int = 0
    selector_chars: int = 0


def parse_mix(reader: Reader, value: object, placement: object, *, words: MixWords) -> Mix | None:
    """`placement` is that of the whole mix. None where anything is wrong."""
    before = len(reader.errors)
    scope = _Scope(reader, words)
    items = reader.items(value, "mix", limits.GROUPS_MAX)
    choices = _count_choices(reader, items)
    groups = [_group(scope, item, f"mix[{at}]") for at, item in enumerate(items)] if choices else []
    network, rails = parse_mix_placement(reader, placement, networks=words.networks)
    return Mix(tuple(groups), network, rails) if len(reader.errors) == before else None


def _count_choices(reader: Reader, groups: Collection[object]) -> bool:
    """Alternatives of several lines multiply; too many are refused before any of them is read."""
    lines = [one for group in groups for one in _listed(group, "lines")]
    read = lines[: limits.GROUPS_MAX * limits.LINES_PER_GROUP_MAX]
    choices = prod(max(1, len(_listed(line, "first_of"))) for line in read)
    if choices <= limits.CHOICES_MAX:
        return True
    most = f"at most {limits.CHOICES_MAX} are tried"
    reader.add("mix", "too_large", f"The alternatives of all first_of make more choices than can be tried; {most}.")
    return False


def _listed(value: object, key: str) -> list[object]:
    found = value.get(key) if isinstance(value, Mapping) else None
    return found if isinstance(found, list) else []


def _group(scope: _Scope, value: object, at: str) -> Group:
    reader = scope.reader
    body = reader.mapping(value, at, GROUP_FIELDS)
    role = clean_text(reader, body.get("role", ""), f"{at}.role", longest=limits.ROLE_CHARS_MAX)
    nodes = reader.integer(body.get("nodes", 1), f"{at}.nodes", 1, limits.NODES_PER_GROUP_MAX)
    lines = body.get("lines")
    items = [] if lines in (None, []) else reader.items(lines, f"{at}.lines", limits.LINES_PER_GROUP_MAX)
    placement = parse_group_placement(
        reader,
        body.get("placement"),
        f"{at}.placement",
        beside=(f"{at}.host", body.get("host")),
        hosts=scope.words.hosts,
        networks=scope.words.networks,
    )
    read = tuple(_line(scope, item, f"{at}.lines[{n}]") for n, item in enumerate(items))
    return Group(role=role, nodes=nodes, lines=read, placement=placement)


def _line(scope: _Scope, value: object, at: str) -> Line:
    body = scope.reader.mapping(value, at, LINE_FIELDS)
    _check_ways(scope.reader, body, at)
    return _first_of(scope, body, at) if body.get("first_of") is not None else _plain(scope, body, at)


def _check_ways(reader: Reader, body: Mapping[str, object], at: str) -> None:
    ways = [way for way in WAYS if body.get(way) not in (None, "")]
    if len(ways) > 1:
        reader.add(f"{at}.{ways[1]}", "invalid", "Give one of device_class, selector and first_of, not several.")


def _first_of(scope: _Scope, body: dict[str, object], at: str) -> Line:
    """Alternatives are whole lines; a count beside them is that of those that have none."""
    reader = scope.reader
    for key in ("profile", "power_cap_w"):
        if body.get(key) is not None:
            reader.add(f"{at}.{key}", "invalid", f"Say {key} in each alternative of first_of.")
    found: list[Line] = []
    for nth, item in enumerate(reader.items(body["first_of"], f"{at}.first_of", limits.FIRST_OF_MAX)):
        path = f"{at}.first_of[{nth}]"
        one = reader.mapping(item, path, LINE_FIELDS)
        _check_ways(reader, one, path)
        if one.get("first_of") is not None:
            reader.add(f"{path}.first_of", "invalid", "An alternative has no alternatives of its own; list them all.")
        else:
            found.append(_plain(scope, {"count": body.get("count")} | one, path))
    return Line("", found[0].count if found else 1, first_of=tuple(found))


def _plain(scope: _Scope, body: dict[str, object], at: str) -> Line:
    """A line by class or by selector. What is wrong comes back harmless; nobody reads it."""
    is_selected = body.get("selector") not in (None, "")
    selector = _selector(scope, body["selector"], f"{at}.selector") if is_selected else ""
    code = "" if is_selected else _device_class(scope, body, at)
    known = scope.words.classes.get(code)
    return Line(
        device_class=code,
        count=scope.reader.integer(body.get("count"), f"{at}.count", 1, limits.COUNT_PER_LINE_MAX),
        selector=selector,
        profile=_profile(scope, body.get("profile"), f"{at}.profile", code, known),
        power_cap_w=_power_cap(scope.reader, body.get("power_cap_w"), f"{at}.power_cap_w", code, known),
    )


def _device_class(scope: _Scope, body: dict[str, object], at: str) -> str:
    code = body.get("device_class")
    if not isinstance(code, str) or not code:
        message = "Name a device class, or say with a selector what the device must be."
        scope.reader.add(f"{at}.device_class", "required", message)
        return ""
    if code not in scope.words.classes:
        shown = code[:_SHOWN_CHARS_MAX]
        near = get_close_matches(shown, list(scope.words.classes), n=1) if scope.reader.has_room else []
        remedy = f" The nearest is “{near[0]}”." if near else ""
        message = f"The catalogue has no device class “{shown}”.{remedy}"
        scope.reader.add(f"{at}.device_class", "unknown", message)
    return code


def _selector(scope: _Scope, value: object, field: str) -> str:
    if not isinstance(value, str):
        scope.reader.add(field, "invalid", "A selector is text, such as device.kind == 'gpu'.")
        return ""
    scope.selectors += 1
    scope.selector_chars += len(value)
    most, chars_most = limits.SELECTORS_PER_MIX_MAX, limits.SELECTOR_CHARS_PER_MIX_MAX
    if scope.selectors > most or (scope.selectors > 1 and scope.selector_chars > chars_most):
        message = f"A mix has at most {most} selectors, of {chars_most:,} characters together."
        scope.reader.add(field, "too_long", message)
        return ""
    try:
        return parse_selector(value.strip()).text
    except SelectorError as error:
        scope.reader.add(field, "invalid", str(error))
        return ""


def _profile(scope: _Scope, value: object, field: str, code: str, known: ClassWords | None) -> str:
    if value in (None, ""):
        return ""
    profile = clean_text(scope.reader, value, field, longest=limits.NAME_CHARS_MAX)
    if not profile or (code and known is None):  # what the class is has been refused already
        return profile
    if known is not None and profile not in known.profiles:
        names = ", ".join(known.profiles)
        message = f"{code} is cut into {names}." if names else f"{code} cannot be cut into slices; leave it out."
        scope.reader.add(field, "unknown", message)
    elif known is None and not any(profile in one.profiles for one in scope.words.classes.values()):
        names = ", ".join(sorted({name for one in scope.words.classes.values() for name in one.profiles}))
        scope.reader.add(field, "unknown", f"No class has such slices; there are {names or 'none'}.")
    return profile


def _power_cap(reader: Reader, value: object, field: str, code: str, known: ClassWords | None) -> int | None:
    """Watts, at most what the device would draw without it."""
    if value is None:
        return None
    most = known.tdp_w if known is not None and known.tdp_w is not None else limits.CAP_WATTS_MAX
    cap = reader.integer(value, field, 1, limits.CAP_WATTS_MAX)
    if cap > most:
        reader.add(field, "too_large", f"{code} draws at most {most} W; give less, or leave it out.")
    return cap
