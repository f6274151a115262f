"""Server-sent events as hints: each line that is handed on begins with the id that resumes after it. Pure."""

import json
from collections.abc import Iterable


def hints(lines: Iterable[str]) -> list[str]:
    """Until a comment follows the backlog: the service has nothing more to say for now."""
    told: list[str] = []
    identity, data = "", list[str]()
    for line in lines:
        name, _, value = line.partition(":")
        if line == "":
            if identity and data:
                told.append(f"{identity} {_sentence(''.join(data))}".strip())
            data = []
        elif name == "":
            if told:
                break
        elif name == "id":
            identity = value.strip()
        elif name == "data":
            data.append(value.strip())
    return told


def _sentence(data: str) -> str:
    """What happened, in the service's words; nothing where they cannot be read. A hint needs no more."""
    try:
        events = json.loads(data).get("Events", [])
        return " ".join(str(event.get("Message") or event.get("MessageId", "")) for event in events)
    except (ValueError, AttributeError):
        return ""
