"""The request that composes a system: what the zone's capabilities require, and no more (DSP2050 15.1)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fabric.drivers.base import Conflict, Permanent
from fabric.drivers.redfish.profile import Creating
from fabric.drivers.redfish.service import Service, link, part
from fabric.drivers.redfish.view import OURS, BlockView, Systems

SPECIFIC = "ComputerSystemComposition"
REQUIRED, OPTIONAL, ALLOWED = "@Redfish.RequiredOnCreate", "@Redfish.OptionalOnCreate", "@Redfish.AllowableValues"
SUPPLIED = frozenset({"Name", "Description", "Id", "Links"})


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    body: Mapping[str, Any]

    def with_id(self, identity: str) -> "Request":
        return Request(self.path, {**self.body, "Id": identity})


def request(
    service: Service,
    *,
    op_key: str,
    tag: str,
    host: BlockView,
    blocks: Sequence[BlockView],
    systems: Callable[[], Systems],
) -> Request:
    """Raises Conflict where no zone holds them all, Permanent where more is required than we can say."""
    capabilities, collection = _capabilities(service, common_zones([host, *blocks]))
    body: dict[str, Any] = {"Name": tag, "Links": {"ResourceBlocks": [{"@odata.id": b.path} for b in (host, *blocks)]}}
    if f"Description{REQUIRED}" in capabilities or f"Description{OPTIONAL}" in capabilities:
        body["Description"] = OURS + op_key
    if capabilities.get(f"Id{REQUIRED}"):
        body["Id"] = _identity(capabilities, tag, systems)
    body |= _further(capabilities, service.profile.create_values)
    places = service.places()
    if service.profile.creating == Creating.MANIFEST:
        return manifest(Request(places.compose_action, body))
    return Request(collection or places.systems, body)


def manifest(plain: Request) -> Request:
    """The same request as one stanza. Never a preview: services were seen that apply it."""
    stanza = {"StanzaType": "ComposeSystem", "StanzaId": "1", "Request": plain.body}
    body = {"RequestFormat": "Manifest", "RequestType": "Apply", "Manifest": {"Expand": "None", "Stanzas": [stanza]}}
    return Request(plain.path, body)


def common_zones(blocks: Sequence[BlockView]) -> frozenset[str]:
    """Checked by us, since services ignore it. A block without zones says nothing. Raises Conflict."""
    told = [block.zones for block in blocks if block.zones]
    shared = frozenset.intersection(*told) if told else frozenset()
    if told and not shared:
        codes = [block.code for block in blocks]
        raise Conflict("The blocks and the host are in no common zone.", blocks=codes)
    return shared


def _capabilities(service: Service, zones: frozenset[str]) -> tuple[Mapping[str, Any], str]:
    """The first zone's that tells how to compose from named blocks; a dangling link means the defaults."""
    for path in sorted(zones):
        zone = service.document(path) or {}
        offered = part(zone, "@Redfish.CollectionCapabilities").get("Capabilities")
        for one in offered if isinstance(offered, list) else []:
            if one.get("UseCase") == SPECIFIC:
                found = service.document(link(one, "CapabilitiesObject")) or {}
                return found, service.wire.local(link(part(one, "Links"), "TargetCollection"))
    return {}, ""


def _identity(capabilities: Mapping[str, Any], tag: str, systems: Callable[[], Systems]) -> str:
    allowed = capabilities.get(f"Id{ALLOWED}")
    if not isinstance(allowed, list):
        return tag
    taken = {one.identity for one in systems().all}
    free = [str(one) for one in allowed if str(one) not in taken]
    if not free:
        raise Conflict("The service has no free name for another system.")
    return free[0]


def _further(capabilities: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    required = [
        name.removesuffix(REQUIRED) for name, is_so in capabilities.items() if name.endswith(REQUIRED) and is_so
    ]
    wanted = [name for name in required if name not in SUPPLIED]
    if missing := sorted(set(wanted) - set(values)):
        raise Permanent(f"The service requires {', '.join(missing)}; its profile does not say what.")
    return {name: values[name] for name in wanted}
