"""What may come next in a selector that is being typed: attributes, operators, and the values a pool has. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from scheduler.limits import SELECTOR_CHARS_MAX
from scheduler.selectors.attributes import Kind, Value, kind_of
from scheduler.selectors.terms import METHODS

OPTIONS_MAX = 20
_SHOWN_VALUES_MAX = 4  # of an attribute, beside its name

_TEXT = r"""(?:"[^"]*|'[^']*|[\w.\-]*)"""
_IN_VALUE = re.compile(
    rf"device\.(?P<name>\w+)\s*(?:[=!<>]=|[<>]|\bin\s*\[(?:[^\]]*,)?)\s*(?P<word>{_TEXT})$", re.ASCII
)
_IN_PART = re.compile(rf"device\.(?P<name>\w+)\.(?:\w+)\(\s*(?P<word>{_TEXT})$", re.ASCII)
_AFTER_VALUE = re.compile(
    r"""(?:device\.\w+\s*(?:[=!<>]=|[<>])\s*(?:"[^"]*"|'[^']*'|[\w.]+)|[)\]])\s+(?P<word>[&|]{0,2})$"""
)
_CLOSED = re.compile(r"""(?:"[^"]*"|'[^']*'|[)\]])(?P<word>)$""")
_AFTER_NAME = re.compile(r"device\.(?P<name>\w+)\s+(?P<word>[=!<>]?|i)$", re.ASCII)
_IN_METHOD = re.compile(r"device\.(?P<name>\w+)(?P<word>\.\w*)$", re.ASCII)
_IN_NAME = re.compile(r"(?P<word>(?:device\.?)?\w*)$", re.ASCII)

_SIGNS = {
    Kind.TEXT: ("==", "!=", "in"),
    Kind.NUMBER: (">=", "<=", "==", "!=", ">", "<", "in"),
    Kind.TRUTH: ("==", "!="),
}
_MEANINGS = {
    "==": "is",
    "!=": "is not",
    ">=": "at least",
    "<=": "at most",
    ">": "more than",
    "<": "less than",
    "in": "one of a list, as in [1, 2]",
    "&&": "and",
    "||": "or",
}


@dataclass(frozen=True, slots=True)
class Option:
    """`text` takes the place of the word that is being typed."""

    text: str
    hint: str


@dataclass(frozen=True, slots=True)
class Completion:
    """Characters `[starts_at, ends_at)` of the text, counted from 0, are replaced by the option that is taken."""

    starts_at: int
    ends_at: int
    options: tuple[Option, ...]


def complete(*, text: str, at: int, values: Mapping[str, Sequence[Value]]) -> Completion:
    """For the cursor before character `at`; `values` are those of the devices there are, by attribute."""
    end = max(0, min(at, len(text), SELECTOR_CHARS_MAX))
    head = text[:end]
    for pattern, offered in _PLACES:
        found = pattern.search(head)
        if found is not None:
            word = found["word"]
            options = offered(found.groupdict().get("name") or "", word, values)
            return Completion(end - len(word), end, tuple(islice(options, OPTIONS_MAX)))
    return Completion(end, end, ())


def _values(name: str, word: str, values: Mapping[str, Sequence[Value]]) -> Iterable[Option]:
    typed = word.strip("\"'").lower()
    for value in values.get(name, ()):
        written = _written(value)
        if typed in str(value).lower() and written != word:
            yield Option(written, "")


def _joins(_: str, word: str, values: Mapping[str, Sequence[Value]]) -> Iterable[Option]:
    gap = "" if word else " "
    return [Option(f"{gap}{sign} ", _MEANINGS[sign]) for sign in ("&&", "||") if sign.startswith(word)]


def _spaced_joins(name: str, word: str, values: Mapping[str, Sequence[Value]]) -> Iterable[Option]:
    return [Option(option.text.lstrip(), option.hint) for option in _joins(name, word, values)]


def _signs(name: str, word: str, values: Mapping[str, Sequence[Value]]) -> Iterable[Option]:
    kind = kind_of(name)
    signs = _SIGNS[kind] if kind is not None else ()
    options = [Option(f"{sign} ", _MEANINGS[sign]) for sign in signs if sign.startswith(word)]
    return [*options, *(() if word or kind is not Kind.TRUTH else _spaced_joins("", "", values))]


def _methods(name: str, word: str, values: Mapping[str, Sequence[Value]]) -> Iterable[Option]:
    if kind_of(name) is not Kind.TEXT:
        return []
    return [Option(f".{method}(", "of a text") for method in METHODS if f".{method}".startswith(word)]


def _names(_: str, word: str, values: Mapping[str, Sequence[Value]]) -> Iterable[Option]:
    """Those that begin with the word first, then those that hold it; an attribute no device here has is left out."""
    part = "" if "device".startswith(word) else word.removeprefix("device.").lower()
    known = sorted(name for name in values if kind_of(name) is not None)
    first = [name for name in known if name.startswith(part)]
    others = [name for name in known if part in name and not name.startswith(part)]
    for name in [*first, *others]:
        if name != part:
            yield Option(f"device.{name} ", _hint(name, values[name]))
        else:
            yield from (Option(f"device.{name} {one.text}", one.hint) for one in _signs(name, "", values))


def _hint(name: str, values: Sequence[Value]) -> str:
    """`number: 48 to 141`, `text: gpu, nic, nvme`."""
    kind = kind_of(name)
    numbers = [value for value in values if isinstance(value, int | float)]
    if kind is Kind.NUMBER and len(numbers) > _SHOWN_VALUES_MAX:
        return f"{kind}: {min(numbers):g} to {max(numbers):g}"
    shown = [_plain(value) for value in values[:_SHOWN_VALUES_MAX]]
    more = ", …" if len(values) > _SHOWN_VALUES_MAX else ""
    return f"{kind}: {', '.join(shown)}{more}"


def _written(value: Value) -> str:
    """As it stands in a selector."""
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{escaped}'"
    return _plain(value)


def _plain(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


_PLACES = (
    (_AFTER_VALUE, _spaced_joins),
    (_AFTER_NAME, _signs),
    (_IN_VALUE, _values),
    (_IN_PART, _values),
    (_CLOSED, _joins),
    (_IN_METHOD, _methods),
    (_IN_NAME, _names),
)
