"""A selector's text cut into words, each with its place. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum

from scheduler.limits import SELECTOR_CHARS_MAX, SELECTOR_WORDS_MAX


class SelectorError(ValueError):
    """What is wrong, where (characters counted from 1), and what to write instead."""

    def __init__(self, position: int, message: str) -> None:
        super().__init__(f"At character {position}: {message}")
        self.position = position


class Mark(StrEnum):
    NUMBER = "number"
    TEXT = "text"
    NAME = "name"
    SIGN = "sign"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    mark: Mark
    text: str
    position: int  # from 1


_DIGITS_MAX = 18
_WORD = re.compile(
    r"""
      (?P<number> \d+ (?:\.\d+)? )
    | (?P<text>   "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' )
    | (?P<name>   [A-Za-z_][A-Za-z_0-9]* )
    | (?P<sign>   && | \|\| | [=!<>]= | [<>!()\[\],.\-] )
    """,
    re.ASCII | re.VERBOSE,
)
_SPACE = re.compile(r" *")
_ESCAPE = re.compile(r"\\(.)")
_REMEDIES = {
    "=": "write == to compare.",
    "&": "write && for “and”.",
    "|": "write || for “or”.",
    '"': "the text is not closed.",
    "'": "the text is not closed.",
}


def cut(text: str) -> list[Token]:
    """Ends with an END token. Raises SelectorError."""
    if len(text) > SELECTOR_CHARS_MAX:
        message = f"a selector has at most {SELECTOR_CHARS_MAX} characters, not {len(text)}."
        raise SelectorError(SELECTOR_CHARS_MAX + 1, message)
    hidden = next((at for at, char in enumerate(text) if not char.isprintable()), None)
    if hidden is not None:
        raise SelectorError(hidden + 1, "line breaks, control and invisible characters are not allowed.")
    tokens: list[Token] = []
    at = _skip(text, 0)
    while at < len(text):
        found = _WORD.match(text, at)
        if found is None:
            remedy = _REMEDIES.get(text[at], "this is no part of a selector; see the page on the mix for what is.")
            raise SelectorError(at + 1, f"“{text[at]}”: {remedy}")
        tokens.append(_token(Mark(found.lastgroup or ""), found[0], at + 1))
        at = _skip(text, found.end())
    if len(tokens) > SELECTOR_WORDS_MAX:
        message = f"a selector has at most {SELECTOR_WORDS_MAX} words, not {len(tokens)}; make it shorter."
        raise SelectorError(tokens[SELECTOR_WORDS_MAX].position, message)
    return [*tokens, Token(Mark.END, "", len(text) + 1)]


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _token(mark: Mark, word: str, position: int) -> Token:
    if mark is Mark.NUMBER and len(word) > _DIGITS_MAX:
        raise SelectorError(position, f"a number has at most {_DIGITS_MAX} digits.")
    if mark is Mark.TEXT:
        strange = next((found for found in _ESCAPE.finditer(word) if found[1] not in "\\\"'"), None)
        if strange is not None:
            raise SelectorError(position + strange.start(), f"{strange[0]} is not known; only \\\\, \\\" and \\' are.")
        word = _ESCAPE.sub(r"\1", word[1:-1])
    return Token(mark, word, position)
