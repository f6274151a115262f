"""Read the wish for a service account; every door feeds the same mapping and gets the same words."""

import re
from dataclasses import dataclass

from scheduler import limits
from scheduler.reading import Reader
from scheduler.refusals import Invalid
from scheduler.states import ProjectRole

FIELDS = frozenset({"name", "role"})
SERVICE_ROLES = (ProjectRole.MEMBER, ProjectRole.VIEWER)
NAME_PATTERN = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_NAME = re.compile(NAME_PATTERN, re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccountRequest:
    """The name is short, within its project; who it is elsewhere is told from both."""

    name: str
    role: ProjectRole = ProjectRole.MEMBER


def parse_service_account_request(payload: object) -> ServiceAccountRequest:
    """Raises Invalid with all field errors."""
    reader = Reader()
    body = reader.mapping(payload, "", FIELDS)
    name = _name(reader, body.get("name"))
    role = body.get("role", ProjectRole.MEMBER)
    if not isinstance(role, str) or role not in SERVICE_ROLES:
        reader.add("role", "unknown", "A service account is a member or a viewer of its project.")
    if reader.errors:
        raise Invalid(reader.errors)
    return ServiceAccountRequest(name=name, role=ProjectRole(role))


def _name(reader: Reader, value: object) -> str:
    if value is None or value == "":
        reader.add("name", "required", "Give it a name, such as “nightly”.")
    elif not isinstance(value, str) or not _NAME.fullmatch(value):
        reader.add("name", "invalid", "Use small letters, digits and, between them, hyphens.")
    elif len(value) > limits.SERVICE_ACCOUNT_NAME_CHARS_MAX:
        reader.add("name", "too_long", f"At most {limits.SERVICE_ACCOUNT_NAME_CHARS_MAX} characters are allowed.")
    else:
        return value
    return ""
