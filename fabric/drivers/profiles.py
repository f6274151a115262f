"""What an operator overlays on a driver: named values with a meaning, checked, and each in force with its origin. Pure.

A driver's profile is a frozen dataclass whose defaults are those of the driver; `setting` gives a field its meaning and
its bounds. Nothing is guessed from a vendor's name: what differs from fabric to fabric is a value here.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, field, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from fabric.drivers.base import Permanent

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

MEANING, LEAST, MOST = "meaning", "least", "most"
UNTOLD = frozenset({"notes"})  # of a driver's capabilities: words for people, not a setting
MEANINGS = {
    "max_parallel_mutations": "how many changes the fabric carries out at once",
    "needs_host_off": "whether a host must be off while devices are attached to it",
    "is_async": "whether changes are accepted first and finished later",
    "can_resize": "whether devices can be added to and taken from a node in use",
    "blocks_max": "the most blocks of one node",
    "name_max": "the most characters of a node's name",
    "attach_seconds_max": "seconds after which an attach that does not end is given up",
    "detach_seconds_max": "seconds after which a detach that does not end is told to an operator",
    "picks_devices": "whether the fabric chooses which of equal devices it attaches",
    "can_configure": "whether the fabric can cut and cap cards",
    "connect_seconds": "seconds to wait for a connection",
    "read_seconds": "seconds to wait for the answer to a read",
    "submit_seconds": "seconds to wait for the answer to a change",
    "call_seconds": "seconds that all requests of one step may take together",
    "settle_seconds": "the longest it may go on working on a change whose answer was lost, in seconds",
    "event_seconds": "seconds to listen for events at a time",
    "poll_seconds": "seconds between two looks at a change that runs",
    "pages_max": "the most pages of one listing",
    "body_bytes_max": "the most bytes of one answer",
    "classes": "model as the service writes it → class of the device catalogue",
}
"""Of names that several drivers have."""
Settings = TypeVar("Settings", bound="DataclassInstance")


class Origin(StrEnum):
    """Where an effective value comes from; each outranks the ones before."""

    DEFAULT = "default"
    SERVICE = "service"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Effective:
    """One line of what an operator is shown."""

    name: str
    value: Any
    origin: Origin
    meaning: str = ""


class WrongProfile(Permanent):
    """`problems` are keys of the profile, each with what is wrong and what would be right."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__(" ".join(told for _, told in problems))
        self.problems = tuple(problems)


def setting(default: Any, meaning: str = "", *, least: float = 0, most: float | None = None) -> Any:
    """A field of a profile. A mapping is its own factory, since defaults are shared."""
    about = {MEANING: meaning, LEAST: least, MOST: most}
    if isinstance(default, dict):
        return field(default_factory=lambda: dict(default), metadata=about)
    return field(default=default, metadata=about)


def overlaid(defaults: Settings, operator: Mapping[str, Any]) -> Settings:
    """The defaults with what the operator says. Raises WrongProfile with everything that is wrong."""
    known = {one.name: one for one in _settings(defaults)}
    problems, values = [], {}
    for name, value in operator.items():
        if name not in known:
            problems.append((name, _unknown(name, known)))
            continue
        try:
            values[name] = _typed(known[name], getattr(defaults, name), value)
        except ValueError as error:
            problems.append((name, f"The profile's {name} cannot be {value!r}: {error}."))
    if problems:
        raise WrongProfile(problems)
    return replace(defaults, **values)


def effective(
    defaults: Settings, *, operator: Mapping[str, Any], found: Mapping[str, Any] | None = None
) -> tuple[Effective, ...]:
    """Every value with its origin; `found` is what the service says of itself, which an operator outranks."""
    profile, told, lines = overlaid(defaults, operator), found or {}, []
    for one in _settings(defaults):
        meaning = one.metadata.get(MEANING) or MEANINGS.get(one.name, "")
        if one.name in operator:
            lines.append(Effective(one.name, getattr(profile, one.name), Origin.OPERATOR, meaning))
        elif one.name in told:
            lines.append(Effective(one.name, told[one.name], Origin.SERVICE, meaning))
        else:
            lines.append(Effective(one.name, getattr(profile, one.name), Origin.DEFAULT, meaning))
    return tuple(lines)


def _settings(defaults: "DataclassInstance") -> "list[Field[Any]]":
    return [one for one in fields(defaults) if one.name not in UNTOLD]


def _unknown(name: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    remedy = f"is {near[0]} meant?" if near else f"it knows {', '.join(sorted(known))}."
    return f"The profile has no {name}; {remedy}"


def _typed(about: "Field[Any]", default: Any, value: Any) -> Any:
    """A value of the default's kind; JSON has no tuples and writes 3 for 3.0. Raises ValueError with the remedy."""
    if isinstance(default, StrEnum):
        return _word(type(default), value)
    if isinstance(default, bool):
        return _is_a(bool, value, "true or false")
    if isinstance(default, tuple):
        _is_a(list, value, "a list of texts")
        return tuple(_is_a(str, one, "a list of texts") for one in value)
    if isinstance(default, Mapping):
        return dict(_is_a(dict, value, "an object of names and values"))
    if isinstance(default, int | float):
        return _number(about, default, value)
    return _is_a(str, value, "a text")


def _word(kind: type[StrEnum], value: Any) -> StrEnum:
    if value not in list(kind):
        raise ValueError(f"it is one of {', '.join(kind)}")
    return kind(value)


def _is_a(kind: type, value: Any, remedy: str) -> Any:
    if not isinstance(value, kind):
        raise ValueError(f"it is {remedy}")
    return value


def _number(about: "Field[Any]", default: float, value: Any) -> float:
    least, most = about.metadata.get(LEAST, 0), about.metadata.get(MOST)
    kind = "a whole number" if isinstance(default, int) else "a number"
    remedy = f"it is {kind} from {least:g} to {most:g}" if most is not None else f"it is {kind} of {least:g} or more"
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or (isinstance(default, int) and not float(value).is_integer()):
        raise ValueError(remedy)
    if value < least or (most is not None and value > most):
        raise ValueError(remedy)
    return int(value) if isinstance(default, int) else float(value)
