"""The fenced blocks of a document, and those of one language as a script whose lines have the document's numbers."""

import re
from dataclasses import dataclass

_FENCE = re.compile(r"^```(\w*)\s*$")


@dataclass(frozen=True)
class Block:
    """`line` is that of its first line, counted from one."""

    language: str
    line: int
    text: str


def blocks(document: str, language: str) -> list[Block]:
    found: list[Block] = []
    opened: tuple[str, int] | None = None
    lines = document.splitlines()
    for number, line in enumerate(lines, 1):
        fence = _FENCE.match(line)
        if fence is None:
            continue
        if opened is None:
            opened = (fence[1], number + 1)
        else:
            found.append(Block(*opened, "\n".join(lines[opened[1] - 1 : number - 1])))
            opened = None
    assert opened is None, f"a fence on line {opened[1] - 1 if opened else 0} is never closed"
    return [block for block in found if block.language == language]


def as_script(document: str, language: str) -> str:
    """So that what the shell says of line 57 is about line 57 of the document."""
    script = [""] * len(document.splitlines())
    for block in blocks(document, language):
        for offset, line in enumerate(block.text.splitlines()):
            script[block.line - 1 + offset] = line
    return "\n".join(script) + "\n"
