"""A no, for people: every reason with what was needed and what there is, and what would be granted instead."""

from collections.abc import Iterator

from heddle import problems, shapes
from heddle.cli.exits import Unreadable
from heddle.cli.moments import Zone
from heddle.cli.words import number, period, plain


def lines(error: Exception, *, zone: Zone) -> Iterator[str]:
    """What went wrong, in words. The request's number is for whoever is asked about it."""
    match error:
        case problems.Refused():
            yield from _refused(error, zone=zone)
        case problems.Invalid():
            yield plain(error.title if error.errors else error)
            yield from (f"  {plain(one['field'])}: {plain(one['message'])}" for one in error.errors)
        case problems.KeyReused():
            yield plain(error)
            yield "  A time such as 2h means another one each time: with --key, give fixed times or none."
        case problems.Stale():
            yield f"{plain(error)} It is at version {error.version} now."
        case problems.Unauthenticated():
            yield f"{plain(error)} Run `heddle login`."
        case _:
            yield plain(error) or type(error).__name__
    if isinstance(error, problems.ServerFailed) and error.request_id:
        yield f"  request {plain(error.request_id)}"


def picked(error: problems.Refused, choice: str) -> shapes.Alternative:
    """By its number in the list, or the first of its kind. Raises Unreadable where there is none."""
    found = error.alternatives
    if choice.isdecimal() and 0 < int(choice) <= len(found):
        return found[int(choice) - 1]
    of_kind = [one for one in found if one["kind"] == choice]
    if of_kind:
        return of_kind[0]
    kinds = ", ".join(dict.fromkeys(plain(one["kind"]) for one in found))
    there = f"1 to {len(found)}, or one of {kinds}" if found else "nothing: there are no alternatives"
    raise Unreadable(f"--take {choice} is not there to take; it may be {there}.")


def _refused(error: problems.Refused, *, zone: Zone) -> Iterator[str]:
    yield plain(error.title) + ("." if error.is_proven else ", as far as was searched.")
    for refusal in error.refusals:
        yield f"  ✗ {plain(refusal['code'])}: {plain(refusal['message'])}{_measure(refusal)}"
        yield from (f"      {plain(one['message'])}" for one in refusal.get("suggestions") or ())
    if error.alternatives:
        yield "What would be granted; take one with --take N:"
    for place, one in enumerate(error.alternatives, start=1):
        begin, end = one["starts_at"], one["ends_at"]
        window = f" ({period(begin, end, zone=zone)})" if begin and end else ""
        yield f"  {place}. {plain(one['kind'])}: {plain(one['message'])}{window}"


def _measure(refusal: shapes.Refusal) -> str:
    if refusal["need"] is None and refusal["have"] is None:
        return ""
    unit = f" {plain(refusal['unit'])}" if refusal["unit"] else ""
    return f" (needed {number(refusal['need'])}, there is {number(refusal['have'])}{unit})"
