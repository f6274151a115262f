"""What is known of one service beyond what it says itself: data, which an operator overlays. Never code by vendor."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from fabric.drivers.base import Permanent

CLEAN_ACTIONS = (
    "#Drive.SecureErase",
    "#Processor.ResetToDefaults",
    "#Processor.Reset",
    "#NetworkAdapter.ResetSettingsToDefault",
)


class Auth(StrEnum):
    SESSION = "session"
    BASIC = "basic"


class Creating(StrEnum):
    AUTO = "auto"  # POST, and where that is not allowed the Compose action
    POST = "post"
    MANIFEST = "manifest"


class Resizing(StrEnum):
    AUTO = "auto"  # the actions where they are offered, as DSP2050 15.2 wants it, else PATCH
    ACTIONS = "actions"
    PATCH = "patch"


class Origin(StrEnum):
    """Where an effective value comes from."""

    DEFAULT = "default"
    SERVICE = "service"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Times in seconds. `settle_seconds` is the longest a service may go on working for a reply that was lost."""

    auth: Auth = Auth.SESSION
    creating: Creating = Creating.AUTO
    resizing: Resizing = Resizing.AUTO
    max_parallel_mutations: int = 1
    needs_host_off: bool = False
    blocks_max: int = 64
    name_max: int = 64
    attach_seconds_max: int = 900
    detach_seconds_max: int = 900
    connect_seconds: float = 3.0
    read_seconds: float = 10.0
    submit_seconds: float = 30.0
    call_seconds: float = 60.0
    settle_seconds: float = 180.0
    event_seconds: float = 2.0
    pages_max: int = 200
    body_bytes_max: int = 8 << 20
    trusts_counts: bool = True
    tag_prefix: str = ""  # names that begin so are ours even where nothing else says it
    classes: Mapping[str, str] = field(default_factory=dict)  # model as the service writes it → class of the catalogue
    create_values: Mapping[str, Any] = field(default_factory=dict)  # for what its capabilities require beyond us
    clean_actions: tuple[str, ...] = CLEAN_ACTIONS  # the first that a device offers
    is_clean_without_action: bool = False  # whether a device that offers none counts as clean


@dataclass(frozen=True, slots=True)
class Effective:
    """One line of what an operator is shown."""

    name: str
    value: Any
    origin: Origin


def overlaid(operator: Mapping[str, Any]) -> Profile:
    """The defaults with what the operator says. Raises Permanent for a name or a kind of value that does not exist."""
    known = {one.name: getattr(Profile(), one.name) for one in fields(Profile)}
    if unknown := sorted(set(operator) - set(known)):
        raise Permanent(f"The profile has no {', '.join(unknown)}.")
    return replace(Profile(), **{name: _typed(name, known[name], value) for name, value in operator.items()})


def effective(*, operator: Mapping[str, Any], found: Mapping[str, Any]) -> tuple[Effective, ...]:
    """Every value with its origin; `found` is what the service says of itself, which an operator outranks."""
    profile = overlaid(operator)
    lines = []
    for one in fields(Profile):
        if one.name in operator:
            lines.append(Effective(one.name, getattr(profile, one.name), Origin.OPERATOR))
        elif one.name in found:
            lines.append(Effective(one.name, found[one.name], Origin.SERVICE))
        else:
            lines.append(Effective(one.name, getattr(profile, one.name), Origin.DEFAULT))
    return tuple(lines)


def _typed(name: str, default: Any, value: Any) -> Any:
    """A value of the default's kind. JSON has no tuples and writes 3 for 3.0."""
    try:
        if isinstance(default, StrEnum):
            return type(default)(value)
        if isinstance(default, tuple) and isinstance(value, list):
            return tuple(str(one) for one in value)
        if isinstance(default, float) and isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    except ValueError as error:
        raise Permanent(f"The profile's {name} cannot be {value!r}.") from error
    is_mapping = isinstance(default, Mapping) and isinstance(value, Mapping)
    if not is_mapping and type(value) is not type(default):
        raise Permanent(f"The profile's {name} cannot be {value!r}.")
    return value
