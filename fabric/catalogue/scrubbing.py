"""How a device of each kind is made clean between two tenants, and how long that takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fabric.filing import Fields, read_document

SHIPPED = Path(__file__).parent / "scrub.yaml"
SECONDS_MAX = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Scrub:
    """`method` is what is done, in the words of its field; `source` says where the time is from."""

    method: str
    seconds: int
    source: str


@dataclass(frozen=True, slots=True)
class Scrubs:
    kinds: Mapping[str, Scrub]
    classes: Mapping[str, Scrub]

    def of(self, device_class: str, kind: str) -> Scrub:
        """Of the class, else of its kind."""
        return self.classes.get(device_class) or self.kinds[kind]


def load_scrubs(path: Path = SHIPPED) -> Scrubs:
    """Raises FileRefused with everything that is wrong in the file."""
    root = Fields(read_document(path))
    root.integer("schema_version")
    scrubs = Scrubs(kinds=root.each_named("kinds", _scrub), classes=root.each_named("classes", _scrub))
    root.close()
    return scrubs


@cache
def scrub_of(device_class: str, kind: str) -> Scrub:
    """By the file that is shipped. Raises KeyError for a kind the catalogue does not know."""
    return _shipped().of(device_class, kind)


@cache
def _shipped() -> Scrubs:
    return load_scrubs()


def _scrub(_name: str, fields: Fields) -> Scrub:
    return Scrub(
        method=fields.text("method", longest=200),
        seconds=fields.integer("seconds", most=SECONDS_MAX),
        source=fields.text("source", longest=300),
    )
