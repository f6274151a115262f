"""Where the nodes of a group go, as choices in words with what each means, and in one line what was asked for."""

from collections import Counter
from collections.abc import Iterable
from typing import Protocol

from fabric.topology import PoolTopology
from portal.web.forms.typed import TypedGroup
from portal.web.present.booking_views import CheckView, FieldView, MoreView, PlacementView
from portal.web.present.words import NBSP, plural

_CHECKS = (
    (
        "same_switch",
        "All on one switch",
        "All on one switch",
        "The accelerators of a node sit behind one PCIe switch: the shortest path between them, for models split over "
        "a few devices.",
    ),
    (
        "same_pru",
        "All in one PRU",
        "All in one PRU",
        "The accelerators of a node sit in one chassis and talk to each other without going through the host.",
    ),
    (
        "p2p",
        "They reach each other directly",
        "Direct paths between them",
        "No pair of a node's accelerators has to go through the host's processor. Needed where software copies from "
        "device to device.",
    ),
    (
        "allow_bridge_split",
        "Bridged cards may be split",
        "Bridged cards may be split",
        "Some cards are joined in twos or fours by a bridge and are given together. Say so if one of them will do.",
    ),
)
_SPREAD = (("", "Anywhere"), ("rack", "In different racks"), ("pru", "In different PRUs"))
_NEARNESS = (("", "Anywhere"), ("pru", "In the same PRU"), ("switch", "On the same switch"))
_SAID = {
    "spread": {"rack": "Nodes in different racks", "pru": "Nodes in different PRUs"},
    "nic_affinity": {"pru": "NICs in the same PRU", "switch": "NICs on the same switch"},
    "storage_affinity": {"pru": "Drives in the same PRU", "switch": "Drives on the same switch"},
}
_HELP = {
    "spread": "Nodes that share no rack, or no PRU, do not fail together.",
    "network": "Nodes on one RDMA network write into each other's memory without the processor.",
    "rails": "Ports of that network each node takes; more rails carry more at once.",
    "nic_affinity": "Data from the network reaches an accelerator without going through the host.",
    "storage_affinity": "Drives read straight into an accelerator's memory.",
    "host_class": "A kind of host by name; without it the smallest that bears the devices is taken.",
}


class Putting(Protocol):
    """Who puts fields up (the form's board)."""

    def field(
        self, name: str, value: str, pick: Iterable[tuple[str, str]] = (), *, is_on: bool = False
    ) -> FieldView: ...


def placement_words(group: TypedGroup) -> str:
    """`All on one switch · Hosts joined by RDMA network rdma-1, 2 rails`; nothing where nothing was asked for."""
    told = [words for flag, _, words, _ in _CHECKS if getattr(group, flag)]
    told += [known[getattr(group, name)] for name, known in _SAID.items() if getattr(group, name) in known]
    rails = f"{group.rails.strip()}{NBSP}rail{'' if group.rails.strip() == '1' else 's'}" if group.rails.strip() else ""
    if group.network.strip():
        told.append(", ".join(filter(None, [f"Hosts joined by RDMA network {group.network.strip()}", rails])))
    elif rails:
        told.append(f"{rails} each")
    if group.host_class.strip():
        told.append(f"Host {group.host_class.strip()}")
    told += [f"At least {group.host_cores.strip()} cores"] if group.host_cores.strip() else []
    told += [f"At least {group.host_memory_gib.strip()}{NBSP}GiB on the host"] if group.host_memory_gib.strip() else []
    return " · ".join(told)


class PlacementFields:
    def __init__(self, board: Putting, prefix: str, group: TypedGroup, topology: PoolTopology | None) -> None:
        self.board, self.prefix, self.group, self.topology = board, prefix, group, topology

    def view(self) -> PlacementView:
        checks = tuple(
            CheckView(label, self.board.field(f"{self.prefix}-{flag}", "on", is_on=getattr(self.group, flag)), meaning)
            for flag, label, _, meaning in _CHECKS
        )
        nodes = (
            self._pick("spread", "Nodes of the group", _SPREAD),
            network_field(self.board, f"{self.prefix}-network", self.group.network, self.topology),
            self._number("rails", "Rails each"),
        )
        hosts = (
            self._pick("host_class", "Host", _host_picks(self.topology, self.group.host_class)),
            self._number("host_cores", "Cores, at least"),
            self._number("host_memory_gib", "Memory, GiB, at least"),
        )
        near = (
            self._pick("nic_affinity", "NICs near the accelerators", _NEARNESS),
            self._pick("storage_affinity", "Drives near the accelerators", _NEARNESS),
        )
        fields = [*(one.field for one in checks), *(one.field for one in (*nodes, *hosts, *near))]
        words = placement_words(self.group)
        is_open = bool(words) or any(field.error for field in fields)
        return PlacementView(words, is_open, checks, nodes, hosts, near)

    def _pick(self, name: str, label: str, pick: Iterable[tuple[str, str]]) -> MoreView:
        field = self.board.field(f"{self.prefix}-{name}", getattr(self.group, name), _kept(pick, self._typed(name)))
        return MoreView(label, "select", "", field, _HELP.get(name, ""))

    def _typed(self, name: str) -> str:
        typed: str = getattr(self.group, name)
        return typed

    def _number(self, name: str, label: str) -> MoreView:
        return number_field(self.board, f"{self.prefix}-{name}", label, self._typed(name), help=_HELP.get(name, ""))


def network_field(board: Putting, name: str, value: str, topology: PoolTopology | None) -> MoreView:
    networks = topology.networks.values() if topology else ()
    pick = [("", "Not joined")]
    pick += [
        (one.code, f"{one.code}: {one.protocol}, {plural(one.rails, 'rail')} of {one.port_rate_gbit_per_s}{NBSP}Gb/s")
        for one in networks
    ]
    return MoreView("RDMA network", "select", "", board.field(name, value, _kept(pick, value)), _HELP["network"])


def number_field(board: Putting, name: str, label: str, value: str, *, help: str = "") -> MoreView:
    return MoreView(label, "number", "", board.field(name, value), help)


def _host_picks(topology: PoolTopology | None, typed: str) -> list[tuple[str, str]]:
    """`host-large: 128 cores, 1,536 GiB (1 of them)`."""
    hosts = list(topology.hosts.values()) if topology else []
    counts = Counter(host.template for host in hosts)
    kinds = {host.template: host for host in hosts}
    return [("", "Any host")] + [
        (code, f"{code}: {kinds[code].cores} cores, {kinds[code].memory_gib:,}{NBSP}GiB ({counts[code]:,} of them)")
        for code in sorted(kinds)
    ]


def _kept(pick: Iterable[tuple[str, str]], typed: str) -> list[tuple[str, str]]:
    """What was typed stays among the choices, though there is no such thing here."""
    options = list(pick)
    if typed and typed not in {value for value, _ in options}:
        options.append((typed, f"{typed} (not in this pool)"))
    return options
