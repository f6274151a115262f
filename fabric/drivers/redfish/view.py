"""What the fabric shows: systems and blocks. Who holds a block is told by the systems and by the block, and both count.

A block's code is the last part of its address, as is a host's, whose block is of type Compute or ComputerSystem.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from fabric.drivers.base import ContractBroken, Machine, Permanent, Transient
from fabric.drivers.redfish.holding import Holds
from fabric.drivers.redfish.notes import Notebook
from fabric.drivers.redfish.service import Listing, Service, last, link, links, part, target

OURS = "Heddle "  # a description of ours: this and the operation's key
NOBODYS = ""  # the name of what somebody else has added to a host: nothing tells
COMPOSED, PHYSICAL = "Composed", "Physical"
HOSTS = frozenset({"Compute", "ComputerSystem"})  # types of blocks that others are attached to


class Shown(StrEnum):
    """States of a block's composition that decide something here (ResourceBlock 1.4), as services write them."""

    COMPOSING = "Composing"
    COMPOSED = "Composed"
    FAILED = "Failed"
    UNAVAILABLE = "Unavailable"


UNUSABLE_STATES = frozenset({Shown.FAILED, Shown.UNAVAILABLE})


@dataclass(frozen=True, slots=True)
class BlockView:
    code: str
    path: str
    types: tuple[str, ...]
    state: str  # CompositionState, as the service writes it
    is_present: bool
    health: str  # ok, failed, unavailable
    owners: tuple[str, ...]  # systems it says it belongs to
    zones: frozenset[str]
    document: Mapping[str, Any]

    @property
    def is_compute(self) -> bool:
        return bool(HOSTS & set(self.types))

    @property
    def is_moving(self) -> bool:
        return self.state == Shown.COMPOSING


@dataclass(frozen=True, slots=True)
class SystemView:
    identity: str
    path: str
    name: str
    description: str
    address: str
    members: tuple[str, ...]  # codes of all its blocks, the host's too
    etag: str
    document: Mapping[str, Any]
    host: str = ""  # of a system that expands; else the one of its members that others are attached to

    @property
    def linked(self) -> tuple[str, ...]:
        """Codes of all blocks of the document, of which some may be somebody else's."""
        return tuple(last(one) for one in links(part(self.document, "Links"), "ResourceBlocks"))


@dataclass(frozen=True, slots=True)
class Systems:
    """One look at all composed systems."""

    all: tuple[SystemView, ...]
    is_complete: bool

    def named(self, tag: str) -> SystemView | None:
        """Raises ContractBroken where two carry the name."""
        found = [one for one in self.all if one.name == tag]
        if len(found) > 1:
            raise ContractBroken(
                f"There are {len(found)} systems named {tag}.", detail=", ".join(s.path for s in found)
            )
        return found[0] if found else None

    def holding(self, code: str) -> tuple[SystemView, ...]:
        return tuple(one for one in self.all if code in one.members)


class View:
    def __init__(self, *, service: Service, notes: Notebook, holds: Holds) -> None:
        self.service = service
        self._notes = notes
        self._holds = holds
        self._paths: dict[str, str] = {}  # of blocks, by code
        self._is_host: dict[str, bool] = {}  # by code; a block's type does not change
        self._physical: set[str] = set()  # systems that are no compositions, and never become one

    def systems(self) -> Systems:
        """Every composed system; the hosts' own are left out, unless they are what expands."""
        listing = self.service.listing(self.service.places().systems)
        if self.service.places().is_expandable:
            return self._expanded(listing)
        found = []
        for path in (str(member["@odata.id"]) for member in listing.members):
            answer = None if path in self._physical else self.service.answer(path)
            if answer is not None and answer.document.get("SystemType") == PHYSICAL:
                self._physical.add(path)
            elif answer is not None and _is_composed(answer.document):
                found.append(_system(answer.document, path, answer.etag))
        return Systems(tuple(found), listing.is_complete)

    def _expanded(self, listing: Listing) -> Systems:
        """What we have added to hosts, by our own note, and what else is on them, under nobody's name."""
        answers = [self.service.answer(str(member["@odata.id"])) for member in listing.members]
        shown = [_system(one.document, "", one.etag) for one in answers if one is not None and _is_base(one.document)]
        self.named([code for one in shown for code in one.linked if code not in self._is_host])
        holds, found = self._holds.all(), []
        for system in shown:
            host = next((code for code in system.linked if self._is_host.get(code)), "")
            hold, there = holds.get(host), set(system.linked) - {host}
            ours = hold.ours(there) if hold is not None else frozenset()
            if hold is not None:
                name, mine = hold.tag, (host, *sorted(ours))
                found.append(replace(system, name=name, description=OURS + hold.op_key, members=mine, host=host))
            if others := sorted(there - ours):
                found.append(replace(system, name=NOBODYS, members=tuple(others), host=host))
        return Systems(tuple(found), listing.is_complete)

    def blocks(self) -> tuple[tuple[BlockView, ...], bool]:
        """All of them, and whether the listing is complete."""
        is_complete = self._list()
        shown = [block for path in self._paths.values() if (block := self._read(path)) is not None]
        return tuple(shown), is_complete

    def named(self, codes: Sequence[str]) -> dict[str, BlockView]:
        """The named blocks that are there. Raises Permanent for one that no complete listing ever showed."""
        is_complete = True
        if set(codes) - set(self._paths):
            is_complete = self._list()
        missing = sorted(set(codes) - set(self._paths))
        unknown = sorted(set(missing) - self._notes.known(missing)) if missing else []
        if unknown and not is_complete:
            raise Transient("The listing of blocks is not complete.", blocks=unknown)
        if unknown:
            raise Permanent(f"There is no block {', '.join(unknown)}.", blocks=unknown)
        shown = {code: self._read(self._paths[code]) for code in codes if code in self._paths}
        return {code: block for code, block in shown.items() if block is not None}

    def host(self, code: str) -> BlockView:
        """Raises Permanent for what is no host."""
        try:
            block = self.named([code]).get(code)
        except Permanent:
            block = None
        if block is None or not block.is_compute:
            raise Permanent(f"There is no host {code}.")
        return block

    def own_system(self, host: BlockView) -> dict[str, Any]:
        """The host's own system, which is there whether or not anything is composed on it; {} if not told."""
        for path in links(host.document, "ComputerSystems"):
            if (document := self.service.document(path)) is not None:
                return document
        return {}

    def machine(self, system: SystemView) -> Machine:
        """Its host is the one member that others are attached to; "" where there is none, or more than one."""
        if system.host:
            return Machine(system.name, system.host, frozenset(system.members) - {system.host}, system.address)
        self.named([code for code in system.members if code not in self._is_host])
        hosts = [code for code in system.members if self._is_host.get(code)]
        host = hosts[0] if len(hosts) == 1 else ""
        return Machine(system.name, host, frozenset(system.members) - set(hosts), system.address)

    def _list(self) -> bool:
        listing = self.service.listing(self.service.places().blocks)
        self._paths = {last(str(one["@odata.id"])): str(one["@odata.id"]) for one in listing.members}
        self._notes.remember(self._paths)
        return listing.is_complete

    def _read(self, path: str) -> BlockView | None:
        document = self.service.document(path)
        if document is None:
            return None
        block = _block(document, path)
        self._is_host[block.code] = block.is_compute
        return block

    def address_of(self, code: str) -> str:
        """Where a block is that was listed before."""
        return self._paths[code]


def power_target(own: Mapping[str, Any]) -> str:
    return target(own, "#ComputerSystem.Reset")


def _is_base(document: Mapping[str, Any]) -> bool:
    return bool(links(part(document, "Links"), "ResourceBlocks"))


def _is_composed(document: Mapping[str, Any]) -> bool:
    kind = document.get("SystemType")
    return kind == COMPOSED or (kind is None and bool(links(part(document, "Links"), "ResourceBlocks")))


def _system(document: Mapping[str, Any], path: str, etag: str) -> SystemView:
    return SystemView(
        identity=str(document.get("Id", last(path))),
        path=link({"it": document}, "it") or path,
        name=str(document.get("Name", "")),
        description=str(document.get("Description") or ""),
        address=str(document.get("HostName") or ""),
        members=tuple(last(one) for one in links(part(document, "Links"), "ResourceBlocks")),
        etag=etag,
        document=document,
    )


def _health(status: Mapping[str, Any], state: str) -> str:
    """Failed wants somebody's hands; unavailable is what the service has taken for itself (ResourceBlock 1.4)."""
    if status.get("Health") == "Critical" or state == Shown.FAILED:
        return "failed"
    return "unavailable" if state == Shown.UNAVAILABLE else "ok"


def _block(document: Mapping[str, Any], path: str) -> BlockView:
    status, composition = part(document, "Status"), part(document, "CompositionStatus")
    types = document.get("ResourceBlockType")
    state = str(composition.get("CompositionState", ""))
    return BlockView(
        code=last(path),
        path=path,
        types=tuple(str(one) for one in types) if isinstance(types, list) else (),
        state=state,
        is_present=status.get("State") != "Absent",
        health=_health(status, state),
        owners=tuple(links(part(document, "Links"), "ComputerSystems")),
        zones=frozenset(links(part(document, "Links"), "Zones")),
        document=document,
    )
