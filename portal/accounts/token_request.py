"""Read the wish for a token; every door feeds the same mapping and gets the same words."""

from collections.abc import Collection
from dataclasses import dataclass

from portal.accounts.scopes import Scope
from scheduler import limits
from scheduler.reading import Reader, clean_text
from scheduler.refusals import Invalid

FIELDS = frozenset({"name", "scopes", "days", "project"})
SERVICE_FIELDS = FIELDS - {"project"}  # a service account has but one
SERVICE_SCOPES = tuple(scope for scope in Scope if scope is not Scope.OPERATE)  # and no powers
DAYS_DEFAULT = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """No scopes: all its user may. `project` is a slug that narrows it."""

    name: str
    scopes: tuple[str, ...] = ()
    days: int = DAYS_DEFAULT
    project: str | None = None


def parse_token_request(
    payload: object,
    *,
    projects: Collection[str],
    days_max: int = limits.TOKEN_DAYS_MAX,
    is_of_service: bool = False,
) -> TokenRequest:
    """`projects` are the slugs the caller may name. Raises Invalid with all field errors."""
    reader = Reader()
    body = reader.mapping(payload, "", SERVICE_FIELDS if is_of_service else FIELDS)
    name = clean_text(reader, body.get("name", ""), "name", longest=limits.TOKEN_NAME_CHARS_MAX)
    if not name and not any(error.field == "name" for error in reader.errors):
        reader.add("name", "required", "Give the token a name, so that you know later what used it.")
    days = reader.integer(body.get("days", min(DAYS_DEFAULT, days_max)), "days", 1, days_max)
    project = body.get("project")
    if project is not None and (not isinstance(project, str) or project not in projects):
        reader.add("project", "unknown", f"There is no project “{str(project)[:64]}” that you belong to.")
    scopes = _scopes(reader, body.get("scopes"), SERVICE_SCOPES if is_of_service else tuple(Scope))
    if reader.errors:
        raise Invalid(reader.errors)
    return TokenRequest(name=name, scopes=scopes, days=days, project=project)


def _scopes(reader: Reader, value: object, offered: Collection[Scope]) -> tuple[str, ...]:
    if value is None or value == []:
        return ()
    known = [scope.value for scope in offered]
    for at, scope in enumerate(reader.items(value, "scopes", len(known))):
        if scope not in known:
            reader.add(f"scopes[{at}]", "unknown", f"The scopes are {', '.join(known)}.")
    return tuple(scope for scope in known if isinstance(value, list) and scope in value)
