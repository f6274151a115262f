"""The words of the pages and what they mean, read from the file beside this module."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fabric.filing import plain, read_document

SHIPPED = Path(__file__).parent / "glossary.yaml"


@dataclass(frozen=True, slots=True)
class Term:
    """`short` answers the question where it arises, `long` goes on from there on the help page."""

    code: str
    word: str
    short: str
    long: str


@cache
def terms() -> Mapping[str, Term]:
    """By code, in the order of the file. Raises FileRefused."""
    found = plain(read_document(SHIPPED))["terms"]
    return {code: Term(code, one["word"], one["short"], one["long"]) for code, one in found.items()}
