"""A YAML file as a tree of values that know where they stand; what is ambiguous or dangerous in YAML is refused."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import yaml

from fabric.filing.problems import FileRefused, Problem

FILE_BYTES_MAX = 4 * 1024 * 1024
DEPTH_MAX = 16
FOUND_CHARS_MAX = 60
SCHEMA_VERSION = 1

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
_TAG = "tag:yaml.org,2002:"
_WORDS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Spot:
    """A value (mapping and sequence of further spots, text, number, truth or None) and where it stands."""

    file: str
    line: int
    key: str
    value: "dict[str, Spot] | list[Spot] | str | int | float | bool | None"

    def refuse(self, expected: str, *, found: str | None = None) -> NoReturn:
        raise FileRefused([self.problem(expected, found=found)])

    def problem(self, expected: str, *, found: str | None = None) -> Problem:
        return Problem(self.file, self.line, self.key, expected, self._shown() if found is None else found)

    def _shown(self) -> str:
        if isinstance(self.value, dict):
            return "a mapping"
        if isinstance(self.value, list):
            return "a list"
        if self.value is None:
            return "nothing"
        shown = repr(self.value)
        return shown if len(shown) <= FOUND_CHARS_MAX else f"{shown[:FOUND_CHARS_MAX]}…"


def plain(spot: Spot) -> Any:
    """The value without its places, as JSON would hold it."""
    if isinstance(spot.value, dict):
        return {key: plain(inner) for key, inner in spot.value.items()}
    if isinstance(spot.value, list):
        return [plain(inner) for inner in spot.value]
    return spot.value


def read_document(path: Path) -> Spot:
    """The root mapping of the file. Raises FileRefused, also for a file that cannot be opened or is not UTF-8."""
    name = str(path)
    text = _text_of(path, name)
    try:
        _check_shape(text, name)
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise FileRefused([Problem(name, line, "", "valid YAML", error.problem or "something else")]) from None
    except yaml.YAMLError as error:
        line = text.encode().count(b"\n", 0, getattr(error, "position", 0)) + 1
        raise FileRefused([Problem(name, line, "", "valid YAML", str(error).splitlines()[0])]) from None
    root = _spot(node, name, "") if node else Spot(name, 1, "", None)
    if not isinstance(root.value, dict):
        root.refuse("a mapping of keys")
    _check_version(root)
    return root


def _text_of(path: Path, name: str) -> str:
    """At most one byte more than allowed is read, whatever the path turns out to be."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise FileRefused([Problem(name, 1, "", "a file that can be read", error.strerror or "none")]) from None
    if len(raw) > FILE_BYTES_MAX:
        raise FileRefused([Problem(name, 1, "", f"at most {FILE_BYTES_MAX} bytes", "more")])
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FileRefused([Problem(name, line, "", "UTF-8 text", f"byte 0x{raw[error.start]:02x}")]) from None


def _check_shape(text: str, name: str) -> None:
    """Before anything is built from it: events need constant memory, so depth and aliases cannot hurt yet."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise FileRefused([Problem(name, line, f"*{event.anchor}", "the value itself", "an alias")])
        documents += isinstance(event, yaml.DocumentStartEvent)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH_MAX:
            raise FileRefused([Problem(name, line, "", f"at most {DEPTH_MAX} levels of nesting", "more")])
        if documents > 1:
            raise FileRefused([Problem(name, line, "", "one document", "a second one")])


def _spot(node: yaml.Node, file: str, key: str) -> Spot:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.CollectionNode) and node.tag not in {f"{_TAG}map", f"{_TAG}seq"}:
        Spot(file, line, key, None).refuse("a plain mapping or list", found=f"the tag {node.tag}")
    if isinstance(node, yaml.MappingNode):
        return Spot(file, line, key, _mapping(node, file, key))
    if isinstance(node, yaml.SequenceNode):
        return Spot(file, line, key, [_spot(item, file, f"{key}[{index}]") for index, item in enumerate(node.value)])
    return Spot(file, line, key, _scalar(node, Spot(file, line, key, str(node.value))))


def _mapping(node: yaml.MappingNode, file: str, key: str) -> dict[str, Spot]:
    found: dict[str, Spot] = {}
    for name_node, value_node in node.value:
        line = name_node.start_mark.line + 1
        name = str(name_node.value) if isinstance(name_node, yaml.ScalarNode) else ""
        here = Spot(file, line, f"{key}.{name}" if key else name, name)
        if not name or name_node.tag == f"{_TAG}merge":
            here.refuse("a plain key")
        if name in found:
            here.refuse("every key once", found=f"{name!r} again (first on line {found[name].line})")
        found[name] = _spot(value_node, file, here.key)
    return found


def _scalar(node: yaml.Node, here: Spot) -> str | int | float | bool | None:
    """YAML 1.1 reads `no` as false, 010 as eight and 1:30 as ninety; here each of these must be written out."""
    text, tag = str(node.value), node.tag.removeprefix(_TAG)
    if tag in {"str", "timestamp"}:
        return text
    if tag == "null":
        return None
    if tag == "bool" and text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if tag == "int" and _INTEGER.fullmatch(text):
        return int(text)
    if tag == "float" and _DECIMAL.fullmatch(text):
        return float(text)
    raise FileRefused([here.problem("plain text (in quotes if need be), a plain decimal number, true or false")])


def _check_version(root: Spot) -> None:
    assert isinstance(root.value, dict)
    version = root.value.get("schema_version", Spot(root.file, root.line, "schema_version", None))
    if version.value != SCHEMA_VERSION or isinstance(version.value, bool):
        version.refuse(f"schema_version {SCHEMA_VERSION}")
