"""A line that accepts several classes and got more than one: a warning, for people expect them alike. Pure."""

from collections.abc import Iterator

from scheduler.planning.case import Case, Draft


def warnings(case: Case, draft: Draft) -> Iterator[str]:
    """Over all nodes of the group, once a line."""
    found: dict[str, dict[str, None]] = {}
    for placed in draft:
        for ask in placed.wish.asks:
            found.setdefault(ask.field, {}).update(dict.fromkeys(ask.classes))
    for field, classes in found.items():
        if len(classes) > 1:
            names = " and ".join(sorted(case.name(code) for code in classes))
            yield f"MIXED_CLASSES: No single class had enough for {field.removesuffix('.count')}; it got {names}."
