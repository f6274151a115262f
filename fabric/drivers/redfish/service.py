"""Where a service keeps its things, and how its collections are read: links are followed, never built."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fabric.drivers.base import Permanent, Transient
from fabric.drivers.redfish.answers import GONE_STATUSES, Answer
from fabric.drivers.redfish.profile import Hosts, Profile
from fabric.drivers.redfish.wire import Wire

ROOT = "/redfish/v1"


@dataclass(frozen=True, slots=True)
class Listing:
    """Members as links or as whole documents, as the service gives them. A partial one never means "gone"."""

    members: tuple[Mapping[str, Any], ...]
    is_complete: bool


@dataclass(frozen=True, slots=True)
class Places:
    systems: str
    blocks: str
    zones: str
    compose_action: str  # "" where it is not offered
    is_expandable: bool  # hosts are systems that are only added to, and none is made
    event_stream: str


class Service:
    """Documents of one service. What does not change while it runs is read once."""

    def __init__(self, *, wire: Wire, profile: Profile) -> None:
        self.wire = wire
        self.profile = profile
        self._places: Places | None = None

    def places(self) -> Places:
        if self._places is None:
            root = self.document(ROOT) or {}
            composition = self.document(link(root, "CompositionService")) or {}
            events = self.document(link(root, "EventService")) or {}
            if not (link(composition, "ResourceBlocks") and link(root, "Systems")):
                raise Permanent("The service offers no composition of resource blocks.")
            systems, action = link(root, "Systems"), target(composition, "#CompositionService.Compose")
            self._places = Places(
                systems=systems,
                blocks=link(composition, "ResourceBlocks"),
                zones=link(composition, "ResourceZones"),
                compose_action=action,
                is_expandable=self._is_expandable(systems, action),
                event_stream=self.wire.local(str(events.get("ServerSentEventUri", ""))),
            )
        return self._places

    def _is_expandable(self, systems: str, action: str) -> bool:
        """As the profile says; else where the service names what may be done with systems, and making one is not."""
        if self.profile.hosts != Hosts.AUTO:
            return self.profile.hosts == Hosts.EXPANDED
        answer = self.answer(systems)
        allowed = answer.headers.get("allow", "") if answer is not None else ""
        return bool(allowed) and "POST" not in allowed.upper() and not action

    def answer(self, path: str) -> Answer | None:
        """None for what is not there: a dangling link is no failure of the whole."""
        local = self.wire.local(path)
        if not local:
            return None
        answer = self.wire.get(local)
        return None if answer.status in GONE_STATUSES else answer

    def document(self, path: str) -> dict[str, Any] | None:
        answer = self.answer(path)
        return answer.document if answer is not None else None

    def listing(self, path: str) -> Listing:
        """All pages. Raises Transient when a page cannot be read or the pages do not end."""
        members: list[Mapping[str, Any]] = []
        count, following = 0, path
        for _ in range(self.profile.pages_max):
            page = self.document(following)
            if page is None:
                raise Transient("A listing of the fabric is not there.", detail=following)
            members += _members(page)
            count = max(count, _count(page))
            following = str(page.get("Members@odata.nextLink") or page.get("@odata.nextLink") or "")
            if not following:
                is_short = self.profile.trusts_counts and len(members) < count
                return Listing(tuple(members), is_complete=not is_short)
        raise Transient("A listing of the fabric does not end.", detail=path)


def link(document: Mapping[str, Any], name: str) -> str:
    """The address under a name; "" where there is none."""
    found = _own_or_oem(document, name)
    return str(found.get("@odata.id", "")) if isinstance(found, Mapping) else ""


def links(document: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = _own_or_oem(document, name)
    if not isinstance(found, list):
        return ()
    return tuple(str(one["@odata.id"]) for one in found if isinstance(one, Mapping) and one.get("@odata.id"))


def _own_or_oem(document: Mapping[str, Any], name: str) -> Any:
    """Where a schema has no place for a link, services put it below Oem, under the vendor's name and the usual one."""
    if name in document:
        return document[name]
    vendors = document.get("Oem")
    extensions = vendors.values() if isinstance(vendors, Mapping) else ()
    return next((one[name] for one in extensions if isinstance(one, Mapping) and name in one), None)


def part(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = document.get(name)
    return found if isinstance(found, Mapping) else {}


def target(document: Mapping[str, Any], action: str) -> str:
    """Where an action is posted to; "" where it is not offered."""
    return str(part(part(document, "Actions"), action).get("target", ""))


def last(path: str) -> str:
    return path.rstrip("/").rsplit("/", 1)[-1]


def _members(page: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Under Members, or under Links as some do."""
    found = page.get("Members", part(page, "Links").get("Members"))
    return (
        [one for one in found if isinstance(one, Mapping) and one.get("@odata.id")] if isinstance(found, list) else []
    )


def _count(page: Mapping[str, Any]) -> int:
    count = page.get("Members@odata.count", 0)
    return count if isinstance(count, int) else 0
